package io.paddock.agent.server.containers;

import io.paddock.proto.v1.ContainerID;
import java.io.IOException;

/** The container was never launched, or has been destroyed. */
public final class NoSuchContainer extends IOException {
    private static final long serialVersionUID = 1L;

    public NoSuchContainer(ContainerID id) {
        super("no container " + ContainerIds.text(id));
    }
}
