package io.paddock.agent.server.containers.oci;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The programs that run containers.
 *
 * @param installed crun or runc
 * @param sealed where {@link HostSetup} shows it read-only
 * @param monitor conmon
 * @param inits process 1 of containers
 * @param state where the runtime keeps its volatile state
 * @param temporary where it makes temporary mounts
 */
record RuntimePrograms(Path installed, Path sealed, Path monitor, Inits inits, Path state, Path temporary) {
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
