package io.paddock.agent.server.containers.recipe;

import io.paddock.proto.v1.TTYInfo;
import java.nio.file.Path;
import java.util.List;

/** Gives a command a terminal of the host, by script(1). */
public final class Terminal {
    private static final TTYInfo.WindowSize USUAL_SIZE =
            TTYInfo.WindowSize.newBuilder().setRows(24).setColumns(80).build();

    private Terminal() {}

    public static TTYInfo.WindowSize size(TTYInfo terminal) {
        return terminal.hasWindowSize() ? terminal.getWindowSize() : USUAL_SIZE;
    }

    /**
     * The command that runs a command in a terminal.
     *
     * @param nameFile receives the name of the terminal, for changes of its size
     */
    public static List<String> around(List<String> argv, TTYInfo terminal, Path nameFile) {
        TTYInfo.WindowSize size = size(terminal);
        StringBuilder command = new StringBuilder();
        command.append("tty >").append(quoted(nameFile.toString()));
        command.append("; stty rows ").append(size.getRows()).append(" cols ").append(size.getColumns());
        command.append("; exec");
        argv.forEach(word -> command.append(' ').append(quoted(word)));
        return List.of("script", "--quiet", "--return", "--flush", "--command", command.toString(), "/dev/null");
    }

    private static String quoted(String word) {
        return "'" + word.replace("'", "'\\''") + "'";
    }
}
