package io.paddock.agent.server.containers.oci;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The programs that run containers.
 *
 * @param program crun or runc
 * @param monitor conmon
 * @param init a static init
 * @param state where the runtime keeps its volatile state
 * @param temporary where it makes temporary mounts
 */
record RuntimePrograms(Path program, Path monitor, Path init, Path state, Path temporary) {
    /** {@code crun} or {@code runc}. */
    String name() {
        return program.getFileName().toString();
    }

    /** The beginning of every call: the program and its global options. The list may be extended. */
    List<String> command(Path log) {
        List<String> argv = new ArrayList<>();
        argv.add(program.toString());
        argv.addAll(List.of("--root", state.toString(), "--log", log.toString()));
        return argv;
    }
}
