package io.paddock.agent.server.containers;

import io.paddock.proto.v1.ContainerID;
import java.io.IOException;

/** What was asked of a container cannot be done as the container is now: it starts, has ended, or has no terminal. */
public final class NotAsItIs extends IOException {
    private static final long serialVersionUID = 1;

    public NotAsItIs(ContainerID id, String why) {
        super("container " + ContainerIds.text(id) + " " + why);
    }
}
