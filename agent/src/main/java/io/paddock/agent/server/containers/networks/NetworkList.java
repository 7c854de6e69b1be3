package io.paddock.agent.server.containers.networks;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.paddock.platform.json.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;

/** A CNI network configuration list: plugins that are applied one after the other. */
public record NetworkList(String name, String version, List<ObjectNode> plugins) {
    private static final String OLDEST_WITH_CHAINS = "0.3.1";

    /** Plugins of the CNI project itself: they map no ports but by the capability. */
    private static final Set<String> DEAF_TO_ARGUMENTS = Set.of(
            "bandwidth",
            "bridge",
            "dummy",
            "firewall",
            "host-device",
            "ipvlan",
            "loopback",
            "macvlan",
            "portmap",
            "ptp",
            "sbr",
            "tap",
            "tuning",
            "vlan",
            "vrf");

    public NetworkList {
        plugins = List.copyOf(plugins);
    }

    /** A list ({@code .conflist}) or a single plugin ({@code .conf}, {@code .json}), which is a list of one. */
    static NetworkList of(JsonNode node) throws IOException {
        String name = node.path("name").asText("");
        if (name.isEmpty()) {
            throw new IOException("member name expected in a network configuration");
        }
        List<ObjectNode> plugins = new ArrayList<>();
        JsonNode listed = node.has("plugins")
                ? node.path("plugins")
                : Json.mapper().createArrayNode().add(node);
        for (JsonNode plugin : listed) {
            if (!plugin.isObject() || plugin.path("type").asText("").isEmpty()) {
                throw new IOException("network " + name + ": member type expected in each plugin");
            }
            plugins.add((ObjectNode) plugin);
        }
        return new NetworkList(name, node.path("cniVersion").asText(OLDEST_WITH_CHAINS), plugins);
    }

    /** All configurations of a directory by network name; of two with one name the first file's. */
    static Map<String, NetworkList> directory(Path directory) throws IOException {
        Map<String, NetworkList> networks = new TreeMap<>();
        if (!Files.isDirectory(directory)) {
            return networks;
        }
        try (Stream<Path> files = Files.list(directory)) {
            for (Path file : files.filter(path -> path.toString().matches(".*\\.(conf|conflist|json)"))
                    .sorted()
                    .toList()) {
                try {
                    NetworkList network = of(Json.mapper().readTree(Files.readAllBytes(file)));
                    networks.putIfAbsent(network.name(), network);
                } catch (IOException e) {
                    throw new IOException(file + ": " + e.getMessage(), e);
                }
            }
        }
        return networks;
    }

    /** Whether a plugin of it leads ports of the host into the container. */
    boolean mapsPorts() {
        return plugins.stream()
                .anyMatch(plugin ->
                        plugin.path("capabilities").path("portMappings").asBoolean());
    }

    /** Also when one of its plugins may find the mappings in its arguments: those made for Mesos have no capability. */
    boolean mayMapPorts() {
        return mapsPorts()
                || plugins.stream()
                        .anyMatch(plugin ->
                                !DEAF_TO_ARGUMENTS.contains(plugin.path("type").asText()));
    }

    JsonNode json() {
        ObjectNode node = Json.mapper().createObjectNode().put("name", name).put("cniVersion", version);
        node.putArray("plugins").addAll(plugins);
        return node;
    }
}
