package io.paddock.agent.server.containers.networks;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.paddock.agent.server.containers.tools.Cancellation;
import io.paddock.agent.server.containers.tools.ToolCall;
import io.paddock.agent.server.containers.tools.Tools;
import io.paddock.platform.json.Json;
import io.paddock.proto.json.JsonCodec;
import io.paddock.proto.v1.NetworkInfo;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Runs CNI plugins: the commands ADD and DEL of the specification 0.4. */
final class Cni {
    private static final Duration TIMEOUT = Duration.ofSeconds(60);

    private final Path pluginsDirectory;
    private final Tools tools;

    Cni(Path pluginsDirectory, Tools tools) {
        this.pluginsDirectory = pluginsDirectory;
        this.tools = tools;
    }

    /**
     * Where plugins act.
     *
     * @param containerId unique on the machine
     * @param namespace the network namespace's file; empty when it is gone, or was never made
     * @param interfaceName inside it
     */
    record Target(String containerId, Optional<Path> namespace, String interfaceName) {}

    /**
     * Joins a network; gives the last plugin's result.
     *
     * @param info what the framework said of the network; plugins find it in their arguments, as in Mesos
     */
    JsonNode add(
            NetworkList network, Target target, List<PortMapping> ports, NetworkInfo info, Cancellation cancellation)
            throws IOException {
        JsonNode result = Json.mapper().createObjectNode();
        JsonNode previous = null;
        for (ObjectNode plugin : network.plugins()) {
            String output = call("ADD", plugin, network, target, ports, info, previous, cancellation);
            result = Json.mapper().readTree(output);
            previous = result;
        }
        return result;
    }

    /** Leaves a network; also when it was never joined, or only by half. */
    void delete(NetworkList network, Target target, List<PortMapping> ports) throws IOException {
        IOException problem = null;
        for (int i = network.plugins().size() - 1; i >= 0; i--) {
            ObjectNode plugin = network.plugins().get(i);
            if (!installed(plugin.path("type").asText())) {
                // What is not there has joined nothing, or can undo nothing any more: the namespace takes it along.
                continue;
            }
            try {
                call("DEL", plugin, network, target, ports, NetworkInfo.getDefaultInstance(), null, new Cancellation());
            } catch (IOException e) {
                problem = e;
            }
        }
        if (problem != null) {
            throw problem;
        }
    }

    private String call(
            String command,
            ObjectNode plugin,
            NetworkList network,
            Target target,
            List<PortMapping> ports,
            NetworkInfo info,
            @Nullable JsonNode previous,
            Cancellation cancellation)
            throws IOException {
        String type = plugin.path("type").asText();
        Path program = pluginsDirectory.resolve(type);
        if (!installed(type)) {
            throw new IOException(
                    "network " + network.name() + ": plugin " + type + " is not installed in " + pluginsDirectory);
        }
        ObjectNode config = plugin.deepCopy();
        config.put("name", network.name()).put("cniVersion", network.version());
        if (plugin.path("capabilities").path("portMappings").asBoolean() && !ports.isEmpty()) {
            mappings(config.putObject("runtimeConfig").putArray("portMappings"), ports);
        }
        if (!info.equals(NetworkInfo.getDefaultInstance())) {
            config.withObject("/args/org.apache.mesos")
                    .set("network_info", Json.mapper().readTree(JsonCodec.toJson(info)));
        }
        if (previous != null) {
            config.set("prevResult", previous);
        }
        Tools.Output output = tools.attempt(
                ToolCall.of(program.toString())
                        .with(Map.of(
                                "CNI_COMMAND",
                                command,
                                "CNI_CONTAINERID",
                                target.containerId(),
                                "CNI_NETNS",
                                target.namespace().map(Path::toString).orElse(""),
                                "CNI_IFNAME",
                                target.interfaceName(),
                                "CNI_PATH",
                                pluginsDirectory.toString()))
                        .reading(config.toString())
                        .within(TIMEOUT),
                cancellation);
        if (output.code() != 0) {
            throw new IOException("network " + network.name() + ": plugin " + type + ": " + words(output));
        }
        return output.stdout();
    }

    private boolean installed(String type) {
        return type.matches("[A-Za-z0-9_.-]+") && Files.isExecutable(pluginsDirectory.resolve(type));
    }

    private static void mappings(ArrayNode array, List<PortMapping> ports) {
        for (PortMapping port : ports) {
            array.addObject()
                    .put("hostPort", port.hostPort())
                    .put("containerPort", port.containerPort())
                    .put("protocol", port.protocol());
        }
    }

    /** Plugins report errors as JSON on their output. */
    private static String words(Tools.Output output) {
        try {
            JsonNode error = Json.mapper().readTree(output.stdout());
            if (error != null && error.hasNonNull("msg")) {
                String details = error.path("details").asText("");
                return error.path("msg").asText() + (details.isEmpty() ? "" : ": " + details);
            }
        } catch (IOException e) {
            // Not JSON: its own words follow.
        }
        return (output.stdout() + " " + output.stderr()).strip();
    }
}
