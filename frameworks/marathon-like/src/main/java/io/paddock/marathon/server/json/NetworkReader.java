package io.paddock.marathon.server.json;

import io.paddock.marathon.core.model.App;
import io.paddock.marathon.core.model.Networking;
import io.paddock.marathon.core.model.Networking.Mode;
import io.paddock.marathon.core.model.Networking.Network;
import io.paddock.marathon.core.model.Networking.PortDefinition;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Reads networks and port definitions, in the form of 1.5 and in those before. */
final class NetworkReader {
    private final AppDefaults defaults;

    NetworkReader(AppDefaults defaults) {
        this.defaults = defaults;
    }

    /** The networks; the ports follow in {@link #ports}, since they depend on them. */
    Networking networks(JsonIn in, @Nullable App base) {
        List<Network> networks = new ArrayList<>();
        if (in.has("networks")) {
            networks.addAll(in.list("networks", this::network));
        } else {
            legacy(in).ifPresent(networks::add);
        }
        if (networks.isEmpty() && !in.has("networks") && base != null) {
            return new Networking(base.networking().networks(), List.of(), false);
        }
        return new Networking(networks.isEmpty() ? List.of(Network.HOST) : networks, List.of(), false);
    }

    private Network network(JsonIn in) {
        String name = in.text("name", null);
        switch (String.valueOf(in.text("mode", "container"))) {
            case "host":
                return new Network(Mode.HOST, name, in.textMap("labels"));
            case "container/bridge":
                return new Network(Mode.BRIDGE, name, in.textMap("labels"));
            case "container":
                return new Network(Mode.CONTAINER, name == null ? defaults.networkName() : name, in.textMap("labels"));
            default:
                in.wrong("mode", "error.unknown.enum.literal: expected host, container or container/bridge");
                return Network.HOST;
        }
    }

    private Optional<Network> legacy(JsonIn in) {
        Optional<JsonIn> ip = in.object("ipAddress");
        String name = ip.map(i -> i.text("networkName", defaults.networkName())).orElse(defaults.networkName());
        Optional<JsonIn> docker = in.object("container").flatMap(c -> c.object("docker"));
        String mode = docker.map(d -> d.text("network", null)).orElse(null);
        if (mode == null) {
            return ip.map(i -> new Network(Mode.CONTAINER, name, i.textMap("labels")));
        }
        switch (mode) {
            case "HOST":
                return Optional.of(Network.HOST);
            case "BRIDGE":
                return Optional.of(new Network(Mode.BRIDGE, null, new TreeMap<>()));
            case "USER":
                return Optional.of(new Network(
                        Mode.CONTAINER, name, ip.map(i -> i.textMap("labels")).orElseGet(TreeMap::new)));
            default:
                docker.get().wrong("network", "must be HOST, BRIDGE or USER, is '" + mode + "'");
                return Optional.empty();
        }
    }

    /** Adds the port definitions of the host network. */
    Networking ports(JsonIn in, @Nullable App base, Networking networking) {
        if (!networking.isHost()) {
            if (!in.array("portDefinitions").isEmpty()) {
                in.wrong("portDefinitions", "can be used with the host network only; use container.portMappings");
            }
            return networking;
        }
        boolean required =
                in.flag("requirePorts", base != null && base.networking().requirePorts());
        return new Networking(networking.networks(), definitions(in, base), required);
    }

    private static List<PortDefinition> definitions(JsonIn in, @Nullable App base) {
        if (in.has("portDefinitions")) {
            List<PortDefinition> given = in.list(
                    "portDefinitions",
                    p -> new PortDefinition(
                            p.integer("port", 0, 0),
                            String.valueOf(p.text("protocol", "tcp")),
                            p.text("name", null),
                            p.textMap("labels")));
            List<Integer> numbers = given.stream().map(PortDefinition::port).toList();
            if (in.has("ports") && !numbers(in).equals(numbers)) {
                in.wrong("ports", "must be the same as in portDefinitions, or be left out");
            }
            return given;
        }
        if (in.has("ports")) {
            return numbers(in).stream()
                    .map(port -> new PortDefinition(port, "tcp", null, new TreeMap<>()))
                    .toList();
        }
        if (base != null && base.networking().isHost()) {
            return base.networking().portDefinitions();
        }
        return List.of(new PortDefinition(0, "tcp", "default", new TreeMap<>()));
    }

    private static List<Integer> numbers(JsonIn in) {
        return in.list("ports", p -> {
            if (!p.node().isInt() || p.node().intValue() < 0) {
                p.wrong("error.expected.jsnumber: a port between 0 and 65535");
            }
            return p.node().asInt();
        });
    }
}
