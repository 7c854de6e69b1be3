package io.paddock.agent.server.containers.oci;

import io.paddock.agent.server.containers.tools.Tools;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * Static programs that become a container's process 1, so that the command reacts to signals and orphans are reaped. catatonit
 * sleeps until there is something to do; but it blocks the signals of job control, and does not tell a program that is not there
 * as a shell does (its name, and 127). tini looks around every second, which costs 500 idle containers one or two percent of a core.
 *
 * @param quiet catatonit where it is installed
 * @param careful tini where it is installed
 */
record Inits(Path quiet, Path careful) {
    private static final String QUIET = "catatonit";
    private static final String CAREFUL = "tini-static";

    /** Those installed; empty when there is none, with a word to the warnings. */
    static Optional<Inits> find(List<String> warnings) {
        Optional<Path> quiet = Tools.find(QUIET);
        Optional<Path> careful = Tools.find(CAREFUL);
        if (quiet.isEmpty() && careful.isEmpty()) {
            warnings.add("neither " + QUIET + " nor " + CAREFUL + " is installed");
            return Optional.empty();
        }
        return Optional.of(new Inits(
                quiet.or(() -> careful).orElseThrow(), careful.or(() -> quiet).orElseThrow()));
    }

    /**
     * The one for a command.
     *
     * @param root the files it sees, as far as they are known
     * @param program as it is given to exec
     * @param searched the directories for a program without a path
     */
    Path of(boolean terminal, Path root, String program, String searched) {
        return !terminal && isThere(root, program, searched) ? quiet : careful;
    }

    private static boolean isThere(Path root, String program, String searched) {
        if (program.contains("/")) {
            return program.startsWith("/") && isProgram(root.resolve(program.substring(1)));
        }
        for (String directory : searched.split(":", -1)) {
            if (directory.startsWith("/")
                    && isProgram(root.resolve(directory.substring(1)).resolve(program))) {
                return true;
            }
        }
        return false;
    }

    /** A link is believed: it leads on inside of the root. */
    private static boolean isProgram(Path file) {
        return Files.isSymbolicLink(file) || (Files.isRegularFile(file) && Files.isExecutable(file));
    }

    /** @param first whether it will be process 1; otherwise orphans come to it only by their nearest subreaper */
    static List<String> options(Path init, boolean first) {
        return !first && init.endsWith(CAREFUL) ? List.of("-s", "--") : List.of("--");
    }
}
