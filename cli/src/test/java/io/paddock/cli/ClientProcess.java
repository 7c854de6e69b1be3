package io.paddock.cli;

import io.paddock.platform.flags.Flags;
import java.util.Arrays;
import picocli.CommandLine;

/** A verb in a process of its own, as the launcher runs it: with real streams, and signals. */
final class ClientProcess {
    private ClientProcess() {}

    public static void main(String[] words) {
        StandardStream.install();
        CommandLine line = Flags.commandLine(ClientCommands.all().get(words[0]).get(), System.getenv());
        System.exit(line.execute(Arrays.copyOfRange(words, 1, words.length)));
    }

    /** @param streams redirections of the shell, such as {@code >/dev/full} */
    static ProcessBuilder builder(String master, String streams, String... words) {
        String[] command = {
            "sh",
            "-c",
            "exec \"$@\" " + streams,
            "sh",
            System.getProperty("java.home") + "/bin/java",
            "-XX:TieredStopAtLevel=1",
            "-cp",
            System.getProperty("java.class.path"),
            ClientProcess.class.getName()
        };
        String[] all = Arrays.copyOf(command, command.length + words.length);
        System.arraycopy(words, 0, all, command.length, words.length);
        ProcessBuilder builder = new ProcessBuilder(all);
        builder.environment().put("PADDOCK_MASTER", master);
        return builder;
    }
}
