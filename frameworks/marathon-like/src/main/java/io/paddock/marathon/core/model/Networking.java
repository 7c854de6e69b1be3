package io.paddock.marathon.core.model;

import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * How instances are reached.
 *
 * @param networks one host network, one bridge, or one or more named container networks
 * @param portDefinitions ports on the host network; empty in other modes
 * @param requirePorts whether the host ports must be exactly the service ports
 */
public record Networking(List<Network> networks, List<PortDefinition> portDefinitions, boolean requirePorts) {
    /** Where an instance's network interfaces are. */
    public enum Mode {
        HOST,
        BRIDGE,
        CONTAINER
    }

    /**
     * One network an instance joins.
     *
     * @param name of a container network; absent otherwise
     */
    public record Network(Mode mode, @Nullable String name, SortedMap<String, String> labels) {
        public static final Network HOST = new Network(Mode.HOST, null, Collections.emptySortedMap());

        public Network {
            labels = Collections.unmodifiableSortedMap(new TreeMap<>(labels));
        }
    }

    /**
     * A port on the host network.
     *
     * @param port the service port; 0 until one is assigned
     * @param protocol {@code tcp}, {@code udp} or {@code udp,tcp}
     */
    public record PortDefinition(
            int port, String protocol, @Nullable String name, SortedMap<String, String> labels) {
        public PortDefinition {
            labels = Collections.unmodifiableSortedMap(new TreeMap<>(labels));
        }

        public PortDefinition withPort(int number) {
            return new PortDefinition(number, protocol, name, labels);
        }
    }

    public Networking {
        networks = List.copyOf(networks);
        portDefinitions = List.copyOf(portDefinitions);
    }

    public boolean isHost() {
        return networks.isEmpty() || networks.get(0).mode() == Mode.HOST;
    }
}
