package io.paddock.cli;

import io.paddock.client.core.TaskSpec;
import io.paddock.proto.v1.ContainerInfo;
import io.paddock.proto.v1.ContainerInfo.DockerInfo;
import io.paddock.proto.v1.NetworkInfo;
import io.paddock.proto.v1.Parameter;
import io.paddock.proto.v1.TaskInfo;
import io.paddock.proto.v1.Volume;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.IntPredicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * The surroundings of a task: networks, ports, volumes and what else Docker has flags for. With an image it becomes a container
 * of type DOCKER, whose rules are those of {@code docker run}; without one of type MESOS, on the host's files.
 */
final class RunContainer {
    private static final Pattern PORT = Pattern.compile("(?:(\\d{1,5}):)?(\\d{1,5})(?:/(tcp|udp))?");
    private static final int MAX_PORT = 65535;
    private static final String HOST = "host";
    private static final String NONE = "none";
    private static final String BRIDGE = "bridge";
    /** Those of which it is known that they map ports; of others only their agents know it. */
    private static final List<String> MAPPING = List.of(BRIDGE, "mesos-bridge");

    @Option(
            names = {"--network", "--net"},
            paramLabel = "NAME",
            description =
                    "host, none, bridge, or another network of the agents ('paddock network ls'); may be repeated to join "
                            + "several. Default: host, or bridge when a port is to be mapped to another one.")
    List<String> networks = new ArrayList<>();

    @Option(
            names = {"-p", "--port", "--publish"},
            paramLabel = "[HOST:]CONTAINER[/udp]",
            description =
                    "A port; may be repeated. On a network that is not host it is mapped; without HOST the agent's "
                            + "port is taken from the offer, and the command finds it in PORT0, PORT1, …. A HOST that is among "
                            + "the ports of no agent is not reserved, only mapped.")
    List<String> ports = new ArrayList<>();

    @Option(
            names = {"-v", "--volume"},
            paramLabel = "HOST:CONTAINER[:ro]",
            description = "A directory of the agent's machine, a relative one in the sandbox; may be repeated.")
    List<String> volumes = new ArrayList<>();

    @Option(
            names = "--pull",
            paramLabel = "WHEN",
            description = "always: ask the registry also when the agent has the image.")
    String pull = "missing";

    @Mixin
    DockerParameters docker = new DockerParameters();

    /**
     * One {@code --port}.
     *
     * @param host the agent's port; 0 leaves it to the offer
     */
    private record Mapping(int host, int container, String protocol) {}

    /** Adds them to a task. */
    TaskSpec on(TaskSpec spec, @Nullable String image, @Nullable String workdir, IntPredicate managed) {
        List<Mapping> mappings = ports.stream().map(RunContainer::mapping).toList();
        List<String> joined = joined(mappings);
        boolean host = joined.contains(HOST);
        if (host && mappings.stream().anyMatch(RunContainer::moves)) {
            throw new IllegalArgumentException(
                    "--port: a mapping HOST:CONTAINER needs --network bridge or another network than host");
        }
        if (joined.contains(NONE) && !mappings.isEmpty()) {
            throw new IllegalArgumentException("--port: there is nothing to map to on --network none");
        }
        List<Parameter> parameters = docker.parameters(workdir);
        if (image == null && !parameters.isEmpty()) {
            throw new IllegalArgumentException(
                    "--" + parameters.get(0).getKey() + ": needs --image, the host's files are shared by all");
        }
        TaskSpec result = spec;
        if (image != null) {
            result = result.template(t -> docker(t.getContainerBuilder(), image, joined, parameters));
        } else if (!host || !volumes.isEmpty()) {
            result = result.template(t -> mesos(t.getContainerBuilder(), joined));
        }
        return withPorts(result, mappings, !host, image != null, managed);
    }

    /** One; or several, of which each is a network of its own. */
    private List<String> joined(List<Mapping> mappings) {
        if (networks.isEmpty()) {
            return List.of(mappings.stream().anyMatch(RunContainer::moves) ? BRIDGE : HOST);
        }
        for (String network : networks) {
            if (networks.size() > 1 && List.of(HOST, NONE).contains(network)) {
                throw new IllegalArgumentException("--network: " + network + " goes with no other network");
            }
            if (Collections.frequency(networks, network) > 1) {
                throw new IllegalArgumentException("--network: '" + network + "' is named more than once");
            }
        }
        return networks;
    }

    private static boolean moves(Mapping mapping) {
        return mapping.host() != 0 && mapping.host() != mapping.container();
    }

    private void docker(
            ContainerInfo.Builder container, String image, List<String> joined, List<Parameter> parameters) {
        DockerInfo.Network kind =
                switch (joined.size() > 1 ? "" : joined.get(0)) {
                    case HOST -> DockerInfo.Network.HOST;
                    case NONE -> DockerInfo.Network.NONE;
                    case BRIDGE -> DockerInfo.Network.BRIDGE;
                    default -> DockerInfo.Network.USER;
                };
        container
                .setType(ContainerInfo.Type.DOCKER)
                .setDocker(DockerInfo.newBuilder()
                        .setImage(image)
                        .setNetwork(kind)
                        .setForcePullImage(pullsAlways())
                        .addAllParameters(parameters));
        if (kind == DockerInfo.Network.USER) {
            addNetworks(container, joined);
        }
        addVolumes(container);
    }

    private static void addNetworks(ContainerInfo.Builder container, List<String> joined) {
        joined.forEach(network -> container.addNetworkInfosBuilder().setName(network));
    }

    private boolean pullsAlways() {
        if (!List.of("always", "missing").contains(pull)) {
            throw new IllegalArgumentException("--pull: '" + pull + "' is neither always nor missing");
        }
        return pull.equals("always");
    }

    private void mesos(ContainerInfo.Builder container, List<String> joined) {
        if (joined.contains(NONE)) {
            throw new IllegalArgumentException("--network none: needs --image");
        }
        container.setType(ContainerInfo.Type.MESOS);
        if (!joined.contains(HOST)) {
            addNetworks(container, joined);
        }
        addVolumes(container);
    }

    private void addVolumes(ContainerInfo.Builder container) {
        for (String volume : volumes) {
            String[] parts = volume.split(":", -1);
            boolean readOnly = parts.length == 3 && parts[2].equals("ro");
            if (parts.length < 2 || parts.length > 3 || (parts.length == 3 && !readOnly && !parts[2].equals("rw"))) {
                throw new IllegalArgumentException("--volume: '" + volume + "' is not HOST:CONTAINER[:ro]");
            }
            container.addVolumes(Volume.newBuilder()
                    .setMode(readOnly ? Volume.Mode.RO : Volume.Mode.RW)
                    .setHostPath(parts[0])
                    .setContainerPath(parts[1]));
        }
    }

    private static TaskSpec withPorts(
            TaskSpec spec, List<Mapping> mappings, boolean mapped, boolean docker, IntPredicate managed) {
        List<Mapping> reserved = mappings.stream()
                .filter(m -> !mapped || m.host() == 0 || managed.test(m.host()))
                .toList();
        TaskSpec result = spec;
        for (Mapping mapping : reserved) {
            result = result.port(mapping.host());
        }
        if (!mapped || mappings.isEmpty()) {
            return result;
        }
        return result.whenPlaced((task, numbers) -> {
            int next = 0;
            for (Mapping mapping : mappings) {
                boolean known = mapping.host() != 0 && !managed.test(mapping.host());
                map(task, mapping, known ? mapping.host() : numbers.get(next++).intValue(), docker);
            }
        });
    }

    private static void map(TaskInfo.Builder task, Mapping mapping, int hostPort, boolean docker) {
        ContainerInfo.Builder container = task.getContainerBuilder();
        if (docker) {
            container
                    .getDockerBuilder()
                    .addPortMappings(DockerInfo.PortMapping.newBuilder()
                            .setHostPort(hostPort)
                            .setContainerPort(mapping.container())
                            .setProtocol(mapping.protocol()));
        } else {
            container.getNetworkInfosBuilderList().stream()
                    .filter(network -> MAPPING.contains(network.getName()))
                    .findFirst()
                    .orElse(container.getNetworkInfosBuilder(0))
                    .addPortMappings(NetworkInfo.PortMapping.newBuilder()
                            .setHostPort(hostPort)
                            .setContainerPort(mapping.container())
                            .setProtocol(mapping.protocol()));
        }
    }

    private static Mapping mapping(String text) {
        Matcher m = PORT.matcher(text);
        if (!m.matches()) {
            throw new IllegalArgumentException("--port: '" + text + "' is not [HOST:]CONTAINER[/udp]");
        }
        int host = m.group(1) == null ? 0 : Integer.parseInt(m.group(1));
        int container = Integer.parseInt(m.group(2));
        if (host > MAX_PORT || container > MAX_PORT) {
            throw new IllegalArgumentException("--port: '" + text + "' has a number above " + MAX_PORT);
        }
        return new Mapping(host, container, m.group(3) == null ? "tcp" : m.group(3));
    }
}
