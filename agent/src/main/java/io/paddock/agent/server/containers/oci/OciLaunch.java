package io.paddock.agent.server.containers.oci;

import io.paddock.agent.server.containers.ContainerSpec;
import io.paddock.agent.server.containers.engine.ContainerRecord;
import io.paddock.agent.server.containers.engine.Launch;
import io.paddock.agent.server.containers.images.ImageConfig;
import io.paddock.agent.server.containers.tools.Cancellation;
import io.paddock.proto.v1.ContainerInfo;
import io.paddock.proto.v1.LinuxInfo;
import io.paddock.proto.v1.Parameter;
import io.paddock.proto.v1.TTYInfo;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What the hooks of the OCI recipe pass on. */
final class OciLaunch extends Launch {
    private final OciConfig config = new OciConfig();
    private final MountPoints mountPoints = new MountPoints();
    private @Nullable ImageConfig image;
    private Path rootfs = Path.of("/");
    private String sandboxInside;
    private boolean nameServers;
    private int firstUserId;

    OciLaunch(ContainerSpec spec, ContainerRecord record, Cancellation cancellation) {
        super(spec, record, cancellation);
        sandboxInside = spec.sandbox().toString();
    }

    OciConfig config() {
        return config;
    }

    MountPoints mountPoints() {
        return mountPoints;
    }

    /** The image it runs from, or null when it runs on the host's file system. */
    @Nullable
    ImageConfig image() {
        return image;
    }

    /** @param sandbox where it sees its sandbox */
    void runFrom(ImageConfig imageConfig, Path root, String sandbox) {
        image = imageConfig;
        rootfs = root;
        sandboxInside = sandbox;
    }

    /** Its root as this process sees it. */
    Path rootfs() {
        return rootfs;
    }

    /** The path of the sandbox inside. */
    String sandboxInside() {
        return sandboxInside;
    }

    /** The raw options of a container of type DOCKER. */
    List<Parameter> parameters() {
        return spec().docker().getParametersList();
    }

    /** The last value of such an option. */
    Optional<String> parameter(String key) {
        return parameters().stream()
                .filter(parameter -> parameter.getKey().equals(key))
                .map(Parameter::getValue)
                .reduce((first, second) -> second);
    }

    /** The name that is asked for. */
    Optional<String> hostname() {
        return parameter("hostname")
                .or(() -> spec().container().map(ContainerInfo::getHostname))
                .filter(name -> !name.isEmpty());
    }

    boolean privileged() {
        return spec().docker().getPrivileged()
                || parameter("privileged")
                        .filter(value -> !value.equals("false"))
                        .isPresent();
    }

    /** Chooses a user namespace, unless it asks for what only the host's users may have. */
    int chooseUserIds(int first) {
        LinuxInfo linux = spec().container().map(ContainerInfo::getLinuxInfo).orElse(LinuxInfo.getDefaultInstance());
        boolean host = privileged()
                || linux.getSharePidNamespace()
                || (linux.getIpcMode() == LinuxInfo.IpcMode.SHARE_PARENT
                        && !spec().id().hasParent())
                || List.of("userns", "pid", "ipc").stream()
                        .anyMatch(key -> parameter(key).filter("host"::equals).isPresent());
        firstUserId = host ? 0 : first;
        return firstUserId;
    }

    /** The host's id of its root; 0 without a user namespace. */
    int firstUserId() {
        return firstUserId;
    }

    /** True for the first caller. */
    boolean firstNameServer() {
        boolean first = !nameServers;
        nameServers = true;
        return first;
    }

    /** The terminal its process asks for. */
    Optional<TTYInfo> terminal() {
        return spec().container().filter(ContainerInfo::hasTtyInfo).map(ContainerInfo::getTtyInfo);
    }

    /** A container without a process only holds what its nested containers share. */
    boolean hasProcess() {
        return spec().command().isPresent();
    }
}
