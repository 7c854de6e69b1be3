package io.paddock.agent.server.containers;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The command line of another process that runs a class of these tests, and is soon up. */
final class StartedJava {
    private StartedJava() {}

    static List<String> command(Class<?> main, String... arguments) {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-XX:-UsePerfData",
                "-cp",
                System.getProperty("java.class.path"),
                main.getName()));
        command.addAll(List.of(arguments));
        return command;
    }
}
