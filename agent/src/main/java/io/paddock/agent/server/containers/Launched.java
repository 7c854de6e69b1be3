package io.paddock.agent.server.containers;

import io.paddock.proto.v1.NetworkInfo;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * A container that was started.
 *
 * @param pid the host's process id of its first process; 0 for a container without one
 * @param networks its networks with the addresses it got
 * @param namespace the file that holds its network namespace, its own or that of the container it is nested in; empty: it
 *     uses the host's network, reach it on 127.0.0.1
 */
public record Launched(long pid, List<NetworkInfo> networks, Optional<Path> namespace) {
    public Launched {
        networks = List.copyOf(networks);
    }

    /** Where to dial it from this machine. */
    public String address() {
        return networks.stream()
                .flatMap(network -> network.getIpAddressesList().stream())
                .map(NetworkInfo.IPAddress::getIpAddress)
                .filter(address -> !address.isEmpty())
                .findFirst()
                .orElse("127.0.0.1");
    }
}
