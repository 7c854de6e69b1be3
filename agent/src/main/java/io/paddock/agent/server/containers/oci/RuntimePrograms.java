package io.paddock.agent.server.containers.oci;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The programs that run containers.
 *
 * @param installed crun or runc
 * @param sealed where {@link HostSetup} shows it read-only
 * @param sealedNothing where it shows {@code /dev/null} read-only
 * @param monitor conmon
 * @param inits process 1 of containers
 * @param state where the runtime keeps its volatile state
 * @param temporary where it makes temporary mounts
 * @param entering nsenter, for a runtime that cannot join a network itself in {@link #inNetwork all cases}
 */
record RuntimePrograms(
        Path installed,
        Path sealed,
        Path sealedNothing,
        Path monitor,
        Inits inits,
        Path state,
        Path temporary,
        Optional<Path> entering) {
    static final Path NOTHING = Path.of("/dev/null");

    /** {@code crun} or {@code runc}. */
    String name() {
        return installed.getFileName().toString();
    }

    /**
     * A runtime that could be overwritten by a container shows itself read-only, and starts itself again from there, in every
     * call; one that is on a read-only mount does not. One that was replaced since is used as it is.
     */
    Path program() {
        try {
            return Files.isSameFile(installed, sealed) ? sealed : installed;
        } catch (IOException e) {
            return installed;
        }
    }

    /**
     * For input and output that is nothing. To enter a container as a user other than root, crun gives its streams to that user,
     * who could then take {@code /dev/null} away from everyone else on the host, unless it is shown read-only.
     */
    Path nothing() {
        try {
            return Files.readAttributes(sealedNothing, BasicFileAttributes.class)
                            .isOther()
                    ? sealedNothing
                    : NOTHING;
        } catch (IOException e) {
            return NOTHING;
        }
    }

    /**
     * The beginning of a call from inside of a network. To enter a container, older versions of runc join its user namespace
     * first, and then may not join a network that belongs to the host's. What was created from inside of the network, and is
     * entered from there, needs no joining.
     */
    List<String> inNetwork(Optional<Path> namespace) {
        return namespace
                .flatMap(of -> entering.map(program -> List.of(program.toString(), "--net=" + of, "--")))
                .orElse(List.of());
    }

    /** The names of the containers it knows. */
    List<String> containers() throws IOException {
        if (!Files.isDirectory(state)) {
            return List.of();
        }
        try (Stream<Path> entries = Files.list(state)) {
            return entries.filter(RuntimePrograms::isContainer)
                    .map(entry -> entry.getFileName().toString())
                    .toList();
        }
    }

    /** Whether an entry of its state directory is one, and not its own, such as {@code .cache} of crun. */
    static boolean isContainer(Path entry) {
        return !entry.getFileName().toString().startsWith(".");
    }

    /** The beginning of every call: the program and its global options. The list may be extended. */
    List<String> command(Path log) {
        List<String> argv = command();
        argv.addAll(List.of("--log", log.toString()));
        return argv;
    }

    /** The same for a call whose complaints nobody reads. */
    List<String> command() {
        return new ArrayList<>(List.of(program().toString(), "--root", state.toString()));
    }
}
