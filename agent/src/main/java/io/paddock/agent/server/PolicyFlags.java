package io.paddock.agent.server;

import com.google.protobuf.Message;
import io.paddock.agent.server.containers.ContainerPolicy;
import io.paddock.platform.security.JsonFlag;
import io.paddock.proto.json.JsonCodec;
import io.paddock.proto.v1.CapabilityInfo;
import io.paddock.proto.v1.DeviceAccess;
import io.paddock.proto.v1.DeviceWhitelist;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** What containers may have, as flags. */
public final class PolicyFlags {
    private static final Path DEV = Path.of("/dev");
    private static final List<String> GPU_CONTROLS =
            List.of("nvidiactl", "nvidia-uvm", "nvidia-uvm-tools", "nvidia-modeset");

    @Option(
            names = {"--secrets-dir", "--secrets_dir"},
            paramLabel = "DIR",
            description = "Secrets that tasks refer to: a file NAME, or NAME/KEY, each.")
    public @Nullable Path secretsDir;

    @Option(
            names = {"--allowed-host-paths", "--allowed_host_paths"},
            paramLabel = "DIR",
            split = ",",
            description =
                    "The only paths of the host, with what is below them, that volumes may show; any if not given.")
    public List<Path> allowedHostPaths = new ArrayList<>();

    @Option(
            names = {"--host-path-volume-force-creation", "--host_path_volume_force_creation"},
            paramLabel = "DIR",
            split = ":",
            description = "Missing host paths of volumes are made below these.")
    public List<Path> createdHostPaths = new ArrayList<>();

    @Option(
            names = {"--seccomp-config-dir", "--seccomp_config_dir"},
            paramLabel = "DIR",
            description = "Profiles of system calls, in Docker's format, that containers may name.")
    public @Nullable Path seccompDir;

    @Option(
            names = {"--seccomp-profile-name", "--seccomp_profile_name"},
            paramLabel = "NAME",
            description =
                    "The profile of containers that name none, instead of the built-in one for containers from images.")
    public @Nullable String seccompProfile;

    @Option(
            names = {"--effective-capabilities", "--effective_capabilities"},
            paramLabel = "JSON",
            description = "Capabilities of containers that ask for none, {\"capabilities\":[\"NET_RAW\"]}.")
    public @Nullable String effectiveCapabilities;

    @Option(
            names = {"--bounding-capabilities", "--bounding_capabilities"},
            paramLabel = "JSON",
            description = "Capabilities no container may have more than, {\"capabilities\":[\"NET_RAW\"]}.")
    public @Nullable String boundingCapabilities;

    @Option(
            names = {"--no-new-privileges", "--no_new_privileges"},
            paramLabel = "BOOLEAN",
            arity = "0..1",
            fallbackValue = "true",
            description = "No process of a container may gain rights by running a program, as by setuid.")
    public boolean noNewPrivileges;

    @Option(
            names = {"--allowed-devices", "--allowed_devices"},
            paramLabel = "JSON",
            description = "Devices of the host that every container has, {\"allowed_devices\":[{\"device\":"
                    + "{\"path\":\"/dev/fuse\"},\"access\":{\"read\":true,\"write\":true}}]}.")
    public @Nullable String allowedDevices;

    @Option(
            names = {"--nvidia-gpu-devices", "--nvidia_gpu_devices", "--gpu-devices"},
            paramLabel = "N|PATH",
            split = ",",
            description = "The GPUs to offer: N stands for /dev/nvidiaN; all of these that there are if not given.")
    public @Nullable List<String> gpuDevices;

    @Option(
            names = {"--disallow-sharing-agent-pid-namespace", "--disallow_sharing_agent_pid_namespace"},
            paramLabel = "BOOLEAN",
            arity = "0..1",
            fallbackValue = "true",
            description = "No container may share the process ids of the host.")
    public boolean disallowHostPids;

    @Option(
            names = {"--disallow-sharing-agent-ipc-namespace", "--disallow_sharing_agent_ipc_namespace"},
            paramLabel = "BOOLEAN",
            arity = "0..1",
            fallbackValue = "true",
            description = "No container may share the shared memory of the host.")
    public boolean disallowHostIpc;

    @Option(
            names = "--first-user-id",
            paramLabel = "UID",
            description =
                    "Containers from images run in user namespaces: this id of the host is their root, the 65535 after"
                            + " it are their other users. 0: their ids are the host's.")
    public int firstUserId;

    @Option(
            names = "--container-launch-timeout",
            paramLabel = "DURATION",
            description = "A container runtime that takes longer to create a container is killed.")
    public Duration launchTimeout = Duration.ofSeconds(60);

    @Option(
            names = "--registry-certificates",
            paramLabel = "DIR",
            description = "Certificates of registries: HOST:PORT/ca.crt, and HOST:PORT/client.cert and .key.")
    public @Nullable Path registryCertificates;

    /** @throws IllegalArgumentException naming the flag that does not fit */
    ContainerPolicy policy(DefaultFlags defaults) {
        if (firstUserId != 0 && firstUserId < 1 << 16) {
            throw new IllegalArgumentException("--first-user-id: 0 or at least 65536 expected, got " + firstUserId);
        }
        return ContainerPolicy.builder()
                .secretsDir(directory("--secrets-dir", secretsDir))
                .hostPaths(allowedHostPaths)
                .createdHostPaths(createdHostPaths)
                .seccomp(directory("--seccomp-config-dir", seccompDir), Optional.ofNullable(seccompProfile))
                .capabilities(
                        capabilities("--effective-capabilities", effectiveCapabilities),
                        capabilities("--bounding-capabilities", boundingCapabilities))
                .noNewPrivileges(noNewPrivileges)
                .devices(devices())
                .gpus(
                        gpus(),
                        GPU_CONTROLS.stream()
                                .map(DEV::resolve)
                                .filter(Files::exists)
                                .toList())
                .sharing(!disallowHostPids, !disallowHostIpc)
                .shmMegabytes(defaults.shmMegabytes())
                .sandboxInside(defaults.sandboxDirectory())
                .dns(defaults.dns())
                .firstUserId(firstUserId)
                .launchTimeout(launchTimeout)
                .registryCertificates(directory("--registry-certificates", registryCertificates))
                .build();
    }

    private static Optional<Path> directory(String flag, @Nullable Path path) {
        if (path != null && !Files.isDirectory(path)) {
            throw new IllegalArgumentException(flag + ": " + path + " is not a directory");
        }
        return Optional.ofNullable(path).map(Path::toAbsolutePath);
    }

    private static Optional<CapabilityInfo> capabilities(String flag, @Nullable String json) {
        return json == null ? Optional.empty() : Optional.of(message(flag, json, CapabilityInfo.getDefaultInstance()));
    }

    private List<DeviceAccess> devices() {
        if (allowedDevices == null) {
            return List.of();
        }
        List<DeviceAccess> devices = message("--allowed-devices", allowedDevices, DeviceWhitelist.getDefaultInstance())
                .getAllowedDevicesList();
        for (DeviceAccess each : devices) {
            if (!each.getDevice().getPath().startsWith("/")) {
                throw new IllegalArgumentException("--allowed-devices: an absolute device.path expected, got '"
                        + each.getDevice().getPath() + "'");
            }
        }
        return devices;
    }

    static <T extends Message> T message(String flag, String json, T prototype) {
        String text = JsonFlag.text(flag, json);
        try {
            return JsonCodec.fromJson(text.getBytes(StandardCharsets.UTF_8), prototype);
        } catch (RuntimeException e) {
            throw new IllegalArgumentException(flag + ": " + e.getMessage(), e);
        }
    }

    /** @throws IllegalArgumentException when a named one is not there */
    List<Path> gpus() {
        if (gpuDevices == null) {
            return found();
        }
        List<Path> named = new ArrayList<>();
        for (String text : gpuDevices) {
            Path device = text.startsWith("/") ? Path.of(text) : DEV.resolve("nvidia" + text);
            if (!Files.exists(device)) {
                throw new IllegalArgumentException("--nvidia-gpu-devices: there is no device " + device);
            }
            named.add(device);
        }
        return named;
    }

    private static List<Path> found() {
        try (Stream<Path> devices = Files.list(DEV)) {
            return devices.filter(path -> path.getFileName().toString().matches("nvidia[0-9]+"))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            return List.of();
        }
    }
}
