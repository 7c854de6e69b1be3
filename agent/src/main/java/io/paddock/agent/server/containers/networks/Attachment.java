package io.paddock.agent.server.containers.networks;

import io.paddock.proto.v1.NetworkInfo;
import java.util.List;

/**
 * A wish to join a network.
 *
 * @param network its name
 * @param ports to be reached through the host
 * @param info what the framework said of it
 */
public record Attachment(String network, List<PortMapping> ports, NetworkInfo info) {
    public Attachment {
        ports = List.copyOf(ports);
    }

    /** What plugins and frameworks are told of it: with the ports, which for type DOCKER the framework says elsewhere. */
    NetworkInfo told() {
        NetworkInfo.Builder told = info.toBuilder().clearPortMappings();
        for (PortMapping port : ports) {
            told.addPortMappings(NetworkInfo.PortMapping.newBuilder()
                    .setHostPort(port.hostPort())
                    .setContainerPort(port.containerPort())
                    .setProtocol(port.protocol()));
        }
        return told.build();
    }
}
