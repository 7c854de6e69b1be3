package io.paddock.agent.server.containers.recipe;

import io.paddock.proto.v1.TTYInfo;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Gives a command a terminal of the host, by script(1). */
public final class Terminal {
    /** File with the host's id of the process inside, where that one has a terminal of its own. */
    public static final String PID = "pid";
    /** File with the name of the host's terminal. */
    public static final String NAME = "tty";

    private static final Logger LOG = LoggerFactory.getLogger(Terminal.class);
    private static final TTYInfo.WindowSize USUAL_SIZE =
            TTYInfo.WindowSize.newBuilder().setRows(24).setColumns(80).build();

    private Terminal() {}

    public static TTYInfo.WindowSize size(TTYInfo terminal) {
        return terminal.hasWindowSize() ? terminal.getWindowSize() : USUAL_SIZE;
    }

    /**
     * Changes the size of a terminal.
     *
     * @param directory with the files {@link #PID} or {@link #NAME}
     */
    public static void resize(Path directory, int rows, int columns) {
        try {
            Path pid = directory.resolve(PID);
            Path host = directory.resolve(NAME);
            if (Files.exists(pid)) {
                // The terminal inside is another one, which the runtime does not keep in step with the host's.
                stty("/proc/" + Files.readString(pid).strip() + "/fd/0", rows, columns);
            } else if (Files.exists(host)) {
                stty(Files.readString(host).strip(), rows, columns);
            }
        } catch (NoSuchFileException e) {
            // Its session has ended meanwhile.
        } catch (IOException e) {
            LOG.warn("the terminal's size cannot be changed: {}", e.toString());
        }
    }

    private static void stty(String terminal, int rows, int columns) throws IOException {
        new ProcessBuilder("stty", "-F", terminal, "rows", Integer.toString(rows), "cols", Integer.toString(columns))
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
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
