package io.paddock.agent.server.containers.engine;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.protobuf.Parser;
import io.paddock.agent.server.containers.ContainerIds;
import io.paddock.agent.server.containers.ContainerSpec;
import io.paddock.agent.server.containers.Exit;
import io.paddock.agent.server.containers.Launched;
import io.paddock.agent.server.containers.Limits;
import io.paddock.agent.server.containers.tools.Durable;
import io.paddock.agent.server.containers.tools.Processes;
import io.paddock.platform.json.Json;
import io.paddock.proto.v1.CommandInfo;
import io.paddock.proto.v1.ContainerID;
import io.paddock.proto.v1.ContainerInfo;
import io.paddock.proto.v1.NetworkInfo;
import io.paddock.proto.v1.Resource;
import io.paddock.proto.v1.TaskStatus;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The directory of one container, which is also its OCI bundle, and the facts in it: its specification before anything is
 * prepared, that it was launched before the launch is reported, its exit before the exit is. They outlive the agent, however
 * that ends. They are not forced to the disk unless that is asked for: a container ends with the machine, and what frameworks were told
 * of it is in the agent's log. It may hold secrets and is for the agent's user only.
 */
public final class ContainerRecord {
    private static final String JSON = ".json";
    private static final String FACTS = "facts" + JSON;
    private static final String SPEC = "spec";
    private static final String LAUNCHED = "launched";
    private static final String LIMITATION = "limitation";
    private static final String EXIT = "exit";
    private static final String FREED = "freed";
    /** Shows {@link OutputGuard} where the output of a process is. */
    private static final String SANDBOX = "sandbox";

    private final Path directory;
    private final String name;
    private final Path exits;
    private final Facts facts;

    ContainerRecord(Path containers, Path exits, String name) {
        this.directory = containers.resolve(name);
        this.name = name;
        this.exits = exits;
        this.facts = new Facts(directory.resolve(FACTS));
    }

    /**
     * What is known once a container was started.
     *
     * @param bootId the machine's boot it was started in: it cannot have outlived that
     * @param process its first process
     * @param launched what was reported
     */
    public record Started(String bootId, Processes.Identity process, Launched launched) {}

    public Path directory() {
        return directory;
    }

    /** That of another container. */
    public ContainerRecord sibling(String otherName) {
        return new ContainerRecord(directory.getParent(), exits, otherName);
    }

    /** The container's id as one word, unique on this agent. */
    public String name() {
        return name;
    }

    /** Where the monitor leaves the exit code. */
    public Path exitCodeFile() {
        return exits.resolve(name);
    }

    /** The directory of all exit codes of this agent. */
    public Path exits() {
        return exits;
    }

    public Path file(String fileName) {
        return directory.resolve(fileName);
    }

    void create(ContainerSpec spec) throws IOException {
        Durable.createPrivate(directory);
        // The monitor of an earlier container of this name may have written it after that one's end was cleaned up.
        Files.deleteIfExists(exitCodeFile());
        Durable.writePrivate(file(FACTS), new byte[0]);
        facts.add(SPEC, specNode(spec));
        if (spec.command().isPresent()) {
            sandboxIsAt(spec.sandbox());
        }
    }

    void sandboxIsAt(Path place) throws IOException {
        Files.deleteIfExists(sandbox());
        Files.createSymbolicLink(sandbox(), place);
    }

    /** A link to where the agent finds the sandbox, whatever others do. There is none of a container without a process. */
    public Path sandbox() {
        return file(SANDBOX);
    }

    /** Earlier versions had a file for each fact, whose content has not changed since. */
    void bringUpToDate() throws IOException {
        if (Files.exists(file(FACTS)) || !Files.exists(file(LAUNCHED + JSON))) {
            return;
        }
        Path fresh = file(FACTS + ".new");
        Durable.writePrivate(fresh, new byte[0]);
        for (String fact : List.of(SPEC, LAUNCHED, LIMITATION, EXIT)) {
            Path old = file(fact + JSON);
            if (Files.exists(old)) {
                new Facts(fresh).add(fact, Json.mapper().readTree(Files.readAllBytes(old)));
            }
        }
        Files.move(fresh, file(FACTS), StandardCopyOption.ATOMIC_MOVE);
        Durable.sync(directory);
    }

    /** Makes what it holds outlive a crash of the machine. */
    void force() throws IOException {
        facts.force();
        Durable.sync(directory);
        Durable.sync(directory.getParent());
    }

    void delete() throws IOException {
        Files.deleteIfExists(exitCodeFile());
        Durable.deleteTree(directory);
    }

    Optional<ContainerSpec> spec() throws IOException {
        return facts.read(SPEC).map(ContainerRecord::specOf);
    }

    void started(Started started) throws IOException {
        ObjectNode node = Json.mapper().createObjectNode();
        node.put("boot_id", started.bootId());
        node.put("pid", started.process().pid());
        node.put("start_ticks", started.process().startTicks());
        ArrayNode networks = node.putArray("networks");
        for (NetworkInfo network : started.launched().networks()) {
            networks.add(network.toByteArray());
        }
        started.launched().namespace().ifPresent(namespace -> node.put("network_namespace", namespace.toString()));
        facts.add(LAUNCHED, node);
    }

    /** Empty until it was started. */
    public Optional<Started> started() throws IOException {
        Optional<JsonNode> found = facts.read(LAUNCHED);
        if (found.isEmpty()) {
            return Optional.empty();
        }
        JsonNode node = found.get();
        List<NetworkInfo> networks = new ArrayList<>();
        node.path("networks").forEach(network -> networks.add(parsed(network, NetworkInfo.parser())));
        long pid = node.path("pid").asLong();
        return Optional.of(new Started(
                node.path("boot_id").asText(),
                new Processes.Identity(pid, node.path("start_ticks").asLong()),
                new Launched(
                        pid,
                        networks,
                        Optional.ofNullable(node.get("network_namespace")).map(path -> Path.of(path.asText())))));
    }

    /** Remembers why the agent is about to kill the container, so that its exit can tell after a restart as well. */
    void limited(Exit.Limitation limitation) throws IOException {
        facts.add(LIMITATION, limitationNode(limitation));
    }

    Optional<Exit.Limitation> limitation() throws IOException {
        return facts.read(LIMITATION).map(ContainerRecord::limitationOf);
    }

    void exited(Exit exit) throws IOException {
        ObjectNode node = Json.mapper().createObjectNode();
        node.put("status", exit.status());
        node.put("at", exit.at().toString());
        exit.limitation().ifPresent(limitation -> node.set("limitation", limitationNode(limitation)));
        facts.add(EXIT, node);
    }

    /** All that the container held is freed: its facts are what remains. */
    void freed() throws IOException {
        facts.add(FREED, BooleanNode.TRUE);
        try (DirectoryStream<Path> files = Files.newDirectoryStream(directory)) {
            for (Path each : files) {
                if (!each.endsWith(FACTS)) {
                    Durable.deleteTree(each);
                }
            }
        }
    }

    boolean isFreed() throws IOException {
        return facts.read(FREED).isPresent();
    }

    Optional<Exit> exit() throws IOException {
        return facts.read(EXIT)
                .map(node -> new Exit(
                        node.path("status").asInt(),
                        Optional.ofNullable(node.get("limitation")).map(ContainerRecord::limitationOf),
                        Instant.parse(node.path("at").asText())));
    }

    private static ObjectNode limitationNode(Exit.Limitation limitation) {
        ObjectNode node = Json.mapper().createObjectNode();
        node.put("reason", limitation.reason().name());
        node.put("message", limitation.message());
        ArrayNode resources = node.putArray("resources");
        limitation.resources().forEach(resource -> resources.add(resource.toByteArray()));
        return node;
    }

    private static Exit.Limitation limitationOf(JsonNode node) {
        List<Resource> resources = new ArrayList<>();
        node.path("resources").forEach(resource -> resources.add(parsed(resource, Resource.parser())));
        return new Exit.Limitation(
                TaskStatus.Reason.valueOf(node.path("reason").asText()),
                node.path("message").asText(),
                resources);
    }

    private static ObjectNode specNode(ContainerSpec spec) {
        ObjectNode node = Json.mapper().createObjectNode();
        node.put("id", spec.id().toByteArray());
        spec.command().ifPresent(command -> node.put("command", command.toByteArray()));
        spec.container().ifPresent(container -> node.put("container", container.toByteArray()));
        ObjectNode environment = node.putObject("environment");
        spec.environment().forEach(environment::put);
        spec.user().ifPresent(user -> node.put("user", user));
        node.put("sandbox", spec.sandbox().toString());
        Limits limits = spec.limits();
        node.putObject("limits")
                .put("cpus", limits.cpus())
                .put("cpu_limit", Double.isInfinite(limits.cpuLimit()) ? 0 : limits.cpuLimit())
                .put("memory_bytes", limits.memoryBytes())
                .put("memory_limit_bytes", limits.memoryLimitBytes())
                .put("disk_bytes", limits.diskBytes())
                .put("pids", limits.pids())
                .put("gpus", limits.gpus());
        ArrayNode mounts = node.putArray("mounts");
        for (ContainerSpec.Mount mount : spec.mounts()) {
            ObjectNode entry = mounts.addObject()
                    .put("host_path", mount.hostPath().toString())
                    .put("below", mount.below().toString())
                    .put("container_path", mount.containerPath())
                    .put("read_only", mount.readOnly());
            mount.volume().ifPresent(volume -> entry.put("volume", volume.toByteArray()));
        }
        return node;
    }

    private static ContainerSpec specOf(JsonNode node) {
        Map<String, String> environment = new LinkedHashMap<>();
        for (Map.Entry<String, JsonNode> variable : node.path("environment").properties()) {
            environment.put(variable.getKey(), variable.getValue().asText());
        }
        List<ContainerSpec.Mount> mounts = new ArrayList<>();
        node.path("mounts")
                .forEach(mount -> mounts.add(new ContainerSpec.Mount(
                        Path.of(mount.path("host_path").asText()),
                        Path.of(mount.path("below").asText()),
                        mount.path("container_path").asText(),
                        mount.path("read_only").asBoolean(),
                        Optional.ofNullable(mount.get("volume")).map(volume -> parsed(volume, Resource.parser())))));
        JsonNode limits = node.path("limits");
        double cpuLimit = limits.path("cpu_limit").asDouble();
        return new ContainerSpec(
                parsed(node.path("id"), ContainerID.parser()),
                Optional.ofNullable(node.get("command")).map(command -> parsed(command, CommandInfo.parser())),
                Optional.ofNullable(node.get("container")).map(container -> parsed(container, ContainerInfo.parser())),
                environment,
                Optional.ofNullable(node.get("user")).map(JsonNode::asText),
                Path.of(node.path("sandbox").asText()),
                new Limits(
                        limits.path("cpus").asDouble(),
                        cpuLimit == 0 ? Double.POSITIVE_INFINITY : cpuLimit,
                        limits.path("memory_bytes").asLong(),
                        limits.path("memory_limit_bytes").asLong(),
                        limits.path("disk_bytes").asLong(),
                        limits.path("pids").asLong(),
                        limits.path("gpus").asInt()),
                mounts);
    }

    /** Messages are kept in binary form: unlike JSON it keeps what was unset apart from what had its default value. */
    private static <M> M parsed(JsonNode node, Parser<M> parser) {
        try {
            return parser.parseFrom(node.binaryValue());
        } catch (IOException e) {
            throw new UncheckedIOException("a container's record is damaged", e);
        }
    }

    @Override
    public String toString() {
        return "container " + name;
    }

    static String nameOf(ContainerID id) {
        return ContainerIds.text(id);
    }
}
