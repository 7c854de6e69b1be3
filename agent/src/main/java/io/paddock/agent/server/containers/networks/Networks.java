package io.paddock.agent.server.containers.networks;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.paddock.agent.server.containers.tools.Cancellation;
import io.paddock.agent.server.containers.tools.Durable;
import io.paddock.agent.server.containers.tools.Mounts;
import io.paddock.agent.server.containers.tools.ToolCall;
import io.paddock.agent.server.containers.tools.Tools;
import io.paddock.platform.json.Json;
import io.paddock.platform.linux.Linux;
import io.paddock.proto.v1.NetworkInfo;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;

/**
 * Network namespaces of containers and the networks they join. A namespace is held by a mount on a file, so that it
 * outlives every process. What was joined is written down before it is, for the cleanup.
 */
public final class Networks {
    /** Names under which the built-in bridge is known: Marathon's default, and a short one. */
    public static final List<String> BRIDGE_NAMES = List.of("mesos-bridge", "bridge");

    /** In a namespace of its own a container may listen on any port, whoever it runs as. */
    private static final String ANY_PORT = "echo 0 2>/dev/null >/proc/sys/net/ipv4/ip_unprivileged_port_start; true";

    private static final String JOINED = "networks.json";
    private static final NetworkList LOOPBACK = new NetworkList(
            "lo", "0.4.0", List.of(Json.mapper().createObjectNode().put("type", "loopback")));

    private final String tag;
    private final Path namespaces;
    private final Map<String, NetworkList> configured;
    private final Bridge bridge;
    private final PortClaims claims;
    private final Cni cni;
    private final Tools tools;

    /**
     * @param tag tells this agent's containers apart on the machine
     * @param namespaces directory for the files of namespaces
     * @param claims directory that all agents of the machine share, for the host ports given away
     * @param directory of addresses given out
     * @param configurations a directory of CNI configurations
     * @param plugins directory of the CNI plugins
     */
    public Networks(
            String tag,
            String bridgeName,
            Path namespaces,
            Path claims,
            Path directory,
            Optional<Path> configurations,
            Path plugins,
            Tools tools)
            throws IOException {
        this.tag = tag;
        this.namespaces = namespaces;
        this.configured = configurations.isPresent() ? NetworkList.directory(configurations.get()) : Map.of();
        this.claims = new PortClaims(claims);
        this.bridge = new Bridge(bridgeName, directory, tools);
        this.cni = new Cni(plugins, tools);
        this.tools = tools;
    }

    public List<String> names() {
        Set<String> names = new TreeSet<>(configured.keySet());
        names.addAll(BRIDGE_NAMES);
        return List.copyOf(names);
    }

    /** Where the namespace of a container is, if it has one of its own. */
    public Path namespace(String container) {
        return namespaces.resolve(container);
    }

    /**
     * Makes a namespace and joins networks.
     *
     * @param container its name on this agent
     * @param record the container's directory
     * @return what it has become part of, with addresses
     */
    public List<NetworkInfo> join(
            String container, Path record, List<Attachment> attachments, Cancellation cancellation) throws IOException {
        List<NetworkList> lists = new ArrayList<>();
        for (Attachment attachment : attachments) {
            lists.add(find(attachment));
        }
        remember(record, lists, attachments);
        Path namespace = namespace(container);
        if (!Files.exists(namespace)) {
            Files.createFile(namespace);
        }
        for (Attachment attachment : attachments) {
            for (PortMapping port : attachment.ports()) {
                claims.claim(port, namespace);
            }
        }
        tools.run(ToolCall.of("unshare", "--net=" + namespace, "/bin/sh", "-c", ANY_PORT), cancellation);
        cni.add(LOOPBACK, target(container, "lo"), List.of(), NetworkInfo.getDefaultInstance(), cancellation);
        List<NetworkInfo> infos = new ArrayList<>();
        for (int i = 0; i < attachments.size(); i++) {
            Attachment attachment = attachments.get(i);
            JsonNode result = cni.add(
                    lists.get(i), target(container, "eth" + i), attachment.ports(), attachment.told(), cancellation);
            infos.add(info(attachment, result));
        }
        return infos;
    }

    /** Of networks the one for port mappings that name none: the first that maps ports, else that may, else at all. */
    public String portMapper(List<String> names) {
        return names.stream()
                .filter(name -> maps(name, NetworkList::mapsPorts))
                .findFirst()
                .or(() -> names.stream()
                        .filter(name -> maps(name, NetworkList::mayMapPorts))
                        .findFirst())
                .orElse(names.get(0));
    }

    private boolean maps(String name, Predicate<NetworkList> mapping) {
        NetworkList network = configured.get(name);
        return network == null ? BRIDGE_NAMES.contains(name) : mapping.test(network);
    }

    private NetworkList find(Attachment attachment) throws IOException {
        NetworkList network = find(attachment.network());
        if (!attachment.ports().isEmpty() && !network.mayMapPorts()) {
            PortMapping port = attachment.ports().get(0);
            throw new IOException(
                    port.text() + " cannot lead to port " + port.containerPort() + ": network " + network.name()
                            + " has no plugin that maps ports, such as portmap with the capability portMappings");
        }
        return network;
    }

    private NetworkList find(String name) throws IOException {
        NetworkList network = configured.get(name);
        if (network != null) {
            return network;
        }
        if (BRIDGE_NAMES.contains(name)) {
            return bridge.network();
        }
        throw new IOException("unknown network " + name + "; known are " + String.join(", ", names()));
    }

    private Cni.Target target(String container, String interfaceName) {
        return new Cni.Target(tag + "-" + container, Optional.of(namespace(container)), interfaceName);
    }

    private static NetworkInfo info(Attachment attachment, JsonNode result) {
        NetworkInfo.Builder info =
                attachment.told().toBuilder().clearIpAddresses().setName(attachment.network());
        for (JsonNode ip : result.path("ips")) {
            String address = ip.path("address").asText();
            NetworkInfo.Protocol protocol =
                    address.contains(":") ? NetworkInfo.Protocol.IPv6 : NetworkInfo.Protocol.IPv4;
            int slash = address.indexOf('/');
            info.addIpAddresses(NetworkInfo.IPAddress.newBuilder()
                    .setProtocol(protocol)
                    .setIpAddress(slash < 0 ? address : address.substring(0, slash)));
        }
        return info.build();
    }

    private static void remember(Path record, List<NetworkList> lists, List<Attachment> attachments)
            throws IOException {
        ArrayNode joined = Json.mapper().createArrayNode();
        for (int i = 0; i < lists.size(); i++) {
            ObjectNode node = joined.addObject();
            node.set("network", lists.get(i).json());
            node.set("ports", Json.mapper().valueToTree(attachments.get(i).ports()));
        }
        // Not forced to the disk: what it tells of is gone after the machine's end.
        Path file = record.resolve(JOINED);
        Durable.naming(file, () -> Files.write(file, Json.bytes(joined)));
    }

    private static List<PortMapping> ports(JsonNode joined) throws IOException {
        List<PortMapping> ports = new ArrayList<>();
        for (JsonNode port : joined.path("ports")) {
            ports.add(Json.mapper().treeToValue(port, PortMapping.class));
        }
        return ports;
    }

    /**
     * Takes up what an earlier agent had joined. A port that a program of the host has taken meanwhile leads on all the same; the
     * last such one is told when the others are guarded again.
     */
    public void resume(String container, Path record) throws IOException {
        Path joined = record.resolve(JOINED);
        if (!Files.exists(joined)) {
            return;
        }
        IOException problem = null;
        for (JsonNode network : Json.mapper().readTree(Files.readAllBytes(joined))) {
            for (PortMapping port : ports(network)) {
                try {
                    claims.hold(port, namespace(container));
                } catch (IOException e) {
                    problem = e;
                }
            }
        }
        if (problem != null) {
            throw problem;
        }
    }

    /** Leaves all networks, also after one that cannot be left, and then deletes the namespace, whatever of it was made. */
    public void leave(String container, Path record) throws IOException {
        Path joined = record.resolve(JOINED);
        Path namespace = namespace(container);
        boolean made = Files.exists(namespace) && Mounts.mounted(namespace);
        if (Files.exists(joined)) {
            JsonNode nodes = Json.mapper().readTree(Files.readAllBytes(joined));
            IOException problem = null;
            for (int i = nodes.size() - 1; i >= 0; i--) {
                List<PortMapping> ports = ports(nodes.path(i));
                Cni.Target target = new Cni.Target(
                        tag + "-" + container, made ? Optional.of(namespace) : Optional.empty(), "eth" + i);
                try {
                    cni.delete(NetworkList.of(nodes.path(i).path("network")), target, ports);
                    claims.release(ports, namespace);
                } catch (IOException e) {
                    problem = e;
                }
            }
            if (problem != null) {
                throw problem;
            }
        }
        if (Files.exists(namespace)) {
            if (made) {
                Linux.unmount(namespace, Linux.MNT_DETACH);
            }
            Files.deleteIfExists(namespace);
        }
        Files.deleteIfExists(joined);
    }

    /** Leaves what is joined to the next agent. */
    public void letGo() {
        claims.letGo();
    }

    /** Removes the bridge; no container may be on it any more. */
    public void close() throws IOException {
        bridge.close();
    }
}
