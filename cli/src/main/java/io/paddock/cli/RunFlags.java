package io.paddock.cli;

import io.paddock.client.core.TaskSpec;
import io.paddock.common.Identifiers;
import io.paddock.proto.v1.CommandInfo;
import io.paddock.proto.v1.ContainerInfo;
import io.paddock.proto.v1.Environment;
import io.paddock.proto.v1.NetworkInfo;
import io.paddock.proto.v1.Volume;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** What to run and what it needs. */
final class RunFlags {
    private static final Pattern PORT = Pattern.compile("(?:(\\d{1,5}):)?(\\d{1,5})(?:/(tcp|udp))?");
    private static final int MAX_PORT = 65535;

    @Option(names = "--image", paramLabel = "IMAGE", description = "Run it in the root filesystem of this image.")
    @Nullable
    String image;

    @Option(names = "--cpus", defaultValue = "0.1", description = "CPUs (default: ${DEFAULT-VALUE}).")
    double cpus = 0.1;

    @Option(
            names = "--mem",
            defaultValue = "64",
            paramLabel = "MB",
            description = "Memory (default: ${DEFAULT-VALUE}).")
    double mem = 64;

    @Option(names = "--gpus", defaultValue = "0", description = "GPUs.")
    int gpus;

    @Option(
            names = {"-e", "--env"},
            paramLabel = "NAME=VALUE",
            description = "An environment variable; may be repeated.")
    Map<String, String> env = new LinkedHashMap<>();

    @Option(names = "--name", paramLabel = "NAME", description = "The task's name; its id starts with it.")
    @Nullable
    String name;

    @Option(
            names = "--role",
            defaultValue = "*",
            description = "The role whose share it uses (default: ${DEFAULT-VALUE}).")
    String role = "*";

    @Option(
            names = "--network",
            defaultValue = "host",
            paramLabel = "NAME",
            description = "host, or the name of a network of the agents, such as bridge (default: ${DEFAULT-VALUE}).")
    String network = "host";

    @Option(
            names = {"-p", "--port"},
            paramLabel = "[HOST:]CONTAINER[/udp]",
            description =
                    "A port; may be repeated. On a network that is not host it is mapped; without HOST the agent's port "
                            + "is taken from the offer, and the command finds it in PORT0, PORT1, …")
    List<String> ports = new ArrayList<>();

    @Option(
            names = {"-v", "--volume"},
            paramLabel = "HOST:CONTAINER[:ro]",
            description = "A directory of the agent's machine; may be repeated.")
    List<String> volumes = new ArrayList<>();

    @Parameters(
            arity = "0..*",
            paramLabel = "COMMAND",
            description =
                    "One word is given to a shell, several are a program and its arguments. May be left out with --image.")
    List<String> command = new ArrayList<>();

    /** The task these flags describe, with an id of its own. */
    TaskSpec spec() {
        String label = name == null ? "run" : name;
        Identifiers.check("--name", label).ifPresent(rejection -> {
            throw new IllegalArgumentException(rejection.message());
        });
        String id = label + "-" + UUID.randomUUID().toString().substring(0, 8);
        TaskSpec spec =
                TaskSpec.of(id).name(label).cpus(positive("--cpus", cpus)).mem(positive("--mem", mem));
        spec = spec.template(t -> t.setCommand(commandInfo()));
        if (gpus > 0) {
            spec = spec.gpus(gpus);
        }
        if (image != null) {
            spec = spec.image(image);
        }
        List<Mapping> mappings = ports.stream().map(RunFlags::mapping).toList();
        boolean ownNetwork = !network.equals("host");
        if (!ownNetwork && mappings.stream().anyMatch(m -> m.host() != m.container() && m.host() != 0)) {
            throw new IllegalArgumentException(
                    "--port: a mapping HOST:CONTAINER needs --network bridge or another network");
        }
        if (ownNetwork || !volumes.isEmpty()) {
            spec = spec.template(t -> container(t.getContainerBuilder(), ownNetwork));
        }
        return withPorts(spec, mappings, ownNetwork);
    }

    private CommandInfo commandInfo() {
        CommandInfo.Builder info = CommandInfo.newBuilder();
        if (command.isEmpty()) {
            if (image == null) {
                throw new IllegalArgumentException("COMMAND: say what to run, or give --image");
            }
            info.setShell(false);
        } else if (command.size() == 1) {
            info.setShell(true).setValue(command.get(0));
        } else {
            info.setShell(false).setValue(command.get(0)).addAllArguments(command);
        }
        env.forEach((key, value) -> info.getEnvironmentBuilder()
                .addVariables(Environment.Variable.newBuilder().setName(key).setValue(value)));
        return info.build();
    }

    private void container(ContainerInfo.Builder container, boolean ownNetwork) {
        container.setType(ContainerInfo.Type.MESOS);
        if (ownNetwork) {
            container.addNetworkInfos(NetworkInfo.newBuilder().setName(network));
        }
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

    private TaskSpec withPorts(TaskSpec spec, List<Mapping> mappings, boolean ownNetwork) {
        TaskSpec result = spec;
        for (Mapping mapping : mappings) {
            result = result.port(mapping.host());
        }
        if (!ownNetwork || mappings.isEmpty()) {
            return result;
        }
        return result.whenPlaced((task, numbers) -> {
            NetworkInfo.Builder info = task.getContainerBuilder().getNetworkInfosBuilder(0);
            for (int i = 0; i < mappings.size(); i++) {
                info.addPortMappings(NetworkInfo.PortMapping.newBuilder()
                        .setHostPort(numbers.get(i).intValue())
                        .setContainerPort(mappings.get(i).container())
                        .setProtocol(mappings.get(i).protocol()));
            }
        });
    }

    /**
     * One {@code --port}.
     *
     * @param host the agent's port; 0 leaves it to the offer
     */
    private record Mapping(int host, int container, String protocol) {}

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

    private static double positive(String flag, double value) {
        if (!(value > 0) || Double.isInfinite(value)) {
            throw new IllegalArgumentException(flag + ": " + value + " must be a number above 0");
        }
        return value;
    }
}
