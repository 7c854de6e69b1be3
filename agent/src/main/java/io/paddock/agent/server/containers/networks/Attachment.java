package io.paddock.agent.server.containers.networks;

import io.paddock.proto.v1.NetworkInfo;
import java.util.List;

/**
 * A wish to join a network.
 *
 * @param network its name
 * @param ports to be reached through the host
 * @param info what the framework said of it, for the plugins
 */
public record Attachment(String network, List<PortMapping> ports, NetworkInfo info) {
    public Attachment {
        ports = List.copyOf(ports);
    }
}
