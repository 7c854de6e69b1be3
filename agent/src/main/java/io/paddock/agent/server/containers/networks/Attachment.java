package io.paddock.agent.server.containers.networks;

import java.util.List;

/** A wish to join a network, with ports to be reached through the host. */
public record Attachment(String network, List<PortMapping> ports) {
    public Attachment {
        ports = List.copyOf(ports);
    }
}
