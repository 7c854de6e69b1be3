package io.paddock.agent.server.containers.engine;

import java.nio.file.Path;

/** Records for tests of what is done with them. */
public final class Records {
    private Records() {}

    /** A record of a new container, which may be of the same name as an earlier one. */
    public static ContainerRecord of(Path containers, String name) {
        return new ContainerRecord(containers, containers.resolveSibling("exits"), name);
    }
}
