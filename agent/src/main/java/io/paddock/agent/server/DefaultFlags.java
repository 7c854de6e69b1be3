package io.paddock.agent.server;

import io.paddock.agent.server.containers.DefaultDns;
import io.paddock.common.ByteSize;
import io.paddock.platform.security.JsonFlag;
import io.paddock.proto.v1.ContainerInfo;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** What containers have that do not ask for something else, as flags. */
public final class DefaultFlags {
    private static final long MEGABYTE = 1L << 20;

    @Option(
            names = {"--default-container-info", "--default_container_info"},
            paramLabel = "JSON|FILE",
            description =
                    "The container of executors and tasks that ask for none, {\"type\":\"MESOS\",\"volumes\":[…]}.")
    public @Nullable String containerInfo;

    @Option(
            names = {"--default-container-dns", "--default_container_dns"},
            paramLabel = "JSON|FILE",
            description =
                    "Name servers of containers with a network of their own, {\"mesos\":[{\"network_mode\":\"CNI\","
                            + "\"dns\":{\"nameservers\":[\"10.0.0.1\"]}}]}; the host's if not given.")
    public @Nullable String containerDns;

    @Option(
            names = {"--default-container-shm-size", "--default_container_shm_size"},
            paramLabel = "SIZE",
            description = "Shared memory of containers that ask for none, in whole MB.")
    public ByteSize shm = ByteSize.ofMegabytes(64);

    @Option(
            names = {"--sandbox-directory", "--sandbox_directory"},
            paramLabel = "PATH",
            description = "Where containers from images see their sandbox.")
    public String sandbox = "/mnt/mesos/sandbox";

    /** @throws IllegalArgumentException naming the flag that does not fit, as all of these */
    Optional<ContainerInfo> container() {
        return containerInfo == null
                ? Optional.empty()
                : Optional.of(PolicyFlags.message(
                        "--default-container-info", containerInfo, ContainerInfo.getDefaultInstance()));
    }

    DefaultDns dns() {
        String flag = "--default-container-dns";
        try {
            return containerDns == null ? DefaultDns.NONE : DefaultDns.parse(JsonFlag.text(flag, containerDns));
        } catch (IllegalArgumentException e) {
            throw e.getMessage().startsWith(flag) ? e : new IllegalArgumentException(flag + ": " + e.getMessage(), e);
        }
    }

    long shmMegabytes() {
        if (shm.bytes() < MEGABYTE) {
            throw new IllegalArgumentException("--default-container-shm-size: at least 1MB expected, got " + shm);
        }
        return shm.bytes() / MEGABYTE;
    }

    String sandboxDirectory() {
        if (!sandbox.startsWith("/") || sandbox.equals("/")) {
            throw new IllegalArgumentException("--sandbox-directory: an absolute path expected, got '" + sandbox + "'");
        }
        return sandbox;
    }
}
