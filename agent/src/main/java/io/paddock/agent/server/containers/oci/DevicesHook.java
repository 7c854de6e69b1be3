package io.paddock.agent.server.containers.oci;

import io.paddock.agent.server.containers.ContainerPolicy;
import io.paddock.agent.server.containers.engine.Hook;
import io.paddock.agent.server.containers.engine.Launch;
import io.paddock.agent.server.containers.tools.Durable;
import io.paddock.platform.json.Json;
import io.paddock.proto.v1.DeviceAccess;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The devices of the host a container has: those the operator gives to all, as many GPUs as it asked for, or all if it is
 * privileged. Which GPUs are taken is written in the records of the containers, and with those it ends.
 */
final class DevicesHook implements Hook {
    private static final String TAKEN = "gpus.json";
    private static final Path HOST = Path.of("/dev");

    private final ContainerPolicy policy;
    private final Path records;
    private final Object choice = new Object();

    /** @param records of all containers */
    DevicesHook(ContainerPolicy policy, Path records) {
        this.policy = policy;
        this.records = records;
    }

    @Override
    public String name() {
        return "devices";
    }

    @Override
    public void prepare(Launch launch) throws IOException {
        OciLaunch oci = (OciLaunch) launch;
        if (!oci.hasProcess()) {
            return;
        }
        OciConfig config = oci.config();
        if (oci.privileged()) {
            config.deviceRule(true, 'a', -1, -1, "rwm");
            for (Path device : all()) {
                config.device(device.toString(), Devices.Node.of(device));
            }
        } else {
            Devices.restrict(config);
        }
        for (DeviceAccess allowed : policy.devices()) {
            String path = allowed.getDevice().getPath();
            Devices.add(config, Path.of(path), path, access(allowed.getAccess()));
        }
        gpus(oci);
    }

    private static String access(DeviceAccess.Access access) {
        return (access.getRead() ? "r" : "") + (access.getWrite() ? "w" : "") + (access.getMknod() ? "m" : "");
    }

    /** All but terminals, which the container has of its own. */
    private static List<Path> all() throws IOException {
        try (Stream<Path> found = Files.find(HOST, 3, (path, attributes) -> attributes.isOther())) {
            List<Path> devices = new ArrayList<>();
            for (Path path : found.sorted().toList()) {
                String name = HOST.relativize(path).toString();
                boolean terminal = name.startsWith("pts/") || name.startsWith("tty") || name.startsWith("vcs");
                if (!terminal && !name.equals("ptmx") && !name.equals("console") && device(path)) {
                    devices.add(path);
                }
            }
            return devices;
        }
    }

    /** Not a socket or a pipe, nor gone meanwhile. */
    private static boolean device(Path path) {
        try {
            return Devices.Node.of(path).major() >= 0;
        } catch (IOException e) {
            return false;
        }
    }

    private void gpus(OciLaunch oci) throws IOException {
        int count = oci.spec().limits().gpus();
        if (count == 0 || policy.gpus().isEmpty()) {
            return;
        }
        List<Integer> numbers = take(oci.record().file(TAKEN), count);
        for (int number : numbers) {
            Path gpu = policy.gpus().get(number);
            Devices.add(oci.config(), gpu, HOST.resolve(gpu.getFileName()).toString(), "rwm");
        }
        for (Path control : policy.gpuControls()) {
            Devices.add(
                    oci.config(), control, HOST.resolve(control.getFileName()).toString(), "rwm");
        }
        oci.environment()
                .put(
                        "NVIDIA_VISIBLE_DEVICES",
                        numbers.stream().map(String::valueOf).collect(Collectors.joining(",")));
    }

    private List<Integer> take(Path mine, int count) throws IOException {
        synchronized (choice) {
            Set<Integer> taken = taken();
            List<Integer> free = new ArrayList<>();
            for (int number = 0; number < policy.gpus().size() && free.size() < count; number++) {
                if (!taken.contains(number)) {
                    free.add(number);
                }
            }
            if (free.size() < count) {
                throw new IOException(count + " GPUs wanted, but " + free.size() + " of "
                        + policy.gpus().size() + " are free");
            }
            Durable.writePrivate(mine, Json.bytes(free));
            return free;
        }
    }

    private Set<Integer> taken() throws IOException {
        Set<Integer> taken = new HashSet<>();
        try (DirectoryStream<Path> containers = Files.newDirectoryStream(records)) {
            for (Path container : containers) {
                Path file = container.resolve(TAKEN);
                try {
                    Json.mapper().readTree(Files.readAllBytes(file)).forEach(number -> taken.add(number.asInt()));
                } catch (NoSuchFileException e) {
                    // It has none, or is gone meanwhile.
                }
            }
        }
        return taken;
    }
}
