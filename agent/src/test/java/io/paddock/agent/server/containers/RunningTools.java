package io.paddock.agent.server.containers;

import io.paddock.agent.server.containers.tools.Tools;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/** What a program says, or nothing where it is not installed. */
final class RunningTools {
    private RunningTools() {}

    static String output(String program) throws IOException {
        if (Tools.find(program).isEmpty()) {
            return "";
        }
        Process process = new ProcessBuilder(Tools.find(program).get().toString())
                .redirectErrorStream(true)
                .start();
        return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }
}
