package io.paddock.agent.server.containers;

import io.paddock.proto.v1.CapabilityInfo;
import io.paddock.proto.v1.DeviceAccess;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** What containers may have on this machine, as its operator decides. Immutable. */
public final class ContainerPolicy {
    private static final long SHM_MEGABYTES = 64;

    private final Builder given;

    private ContainerPolicy(Builder given) {
        this.given = given;
    }

    public static ContainerPolicy defaults() {
        return builder().build();
    }

    public static Builder builder() {
        return new Builder();
    }

    /** Secrets that tasks refer to by name. */
    public Optional<Path> secretsDir() {
        return given.secretsDir;
    }

    /** The only places of the host, with what is below them, that volumes may show; empty: any. */
    public List<Path> hostPaths() {
        return given.hostPaths;
    }

    /** Missing host paths of volumes are made below these. */
    public List<Path> createdHostPaths() {
        return given.createdHostPaths;
    }

    /** Profiles of system calls that containers may name. */
    public Optional<Path> seccompDir() {
        return given.seccompDir;
    }

    /** The profile of containers that name none; empty: ours, for containers from images. */
    public Optional<String> seccompProfile() {
        return given.seccompProfile;
    }

    /** What containers that ask for nothing may do; empty: what is usual. */
    public Optional<CapabilityInfo> effectiveCapabilities() {
        return given.effectiveCapabilities;
    }

    /** What no container may ever do more than; empty: what the agent may. */
    public Optional<CapabilityInfo> boundingCapabilities() {
        return given.boundingCapabilities;
    }

    /** Whether no process may gain rights by running a program, as by setuid. */
    public boolean noNewPrivileges() {
        return given.noNewPrivileges;
    }

    /** Devices of the host that every container has. */
    public List<DeviceAccess> devices() {
        return given.devices;
    }

    /** A device per GPU; their order is that of the GPUs' numbers. */
    public List<Path> gpus() {
        return given.gpus;
    }

    /** Devices that every container with a GPU needs. */
    public List<Path> gpuControls() {
        return given.gpuControls;
    }

    /** Whether a container may share the process ids of the host. */
    public boolean hostPids() {
        return given.hostPids;
    }

    /** Whether a container may share the shared memory of the host. */
    public boolean hostIpc() {
        return given.hostIpc;
    }

    /** Shared memory of containers that ask for none, in MB. */
    public long shmMegabytes() {
        return given.shmMegabytes;
    }

    /** Where containers from images see their sandbox. */
    public String sandboxInside() {
        return given.sandboxInside;
    }

    /** The name servers of containers with a network of their own that name none. */
    public DefaultDns dns() {
        return given.dns;
    }

    /** The host's first user id of containers from images, whose root it is; 0: their ids are the host's. */
    public int firstUserId() {
        return given.firstUserId;
    }

    /** A runtime that takes longer to create a container is killed. */
    public Duration launchTimeout() {
        return given.launchTimeout;
    }

    /** Certificates of registries, a directory {@code host:port} each. */
    public Optional<Path> registryCertificates() {
        return given.registryCertificates;
    }

    /** Sets what differs from the defaults; used once. */
    public static final class Builder {
        private Optional<Path> secretsDir = Optional.empty();
        private List<Path> hostPaths = List.of();
        private List<Path> createdHostPaths = List.of();
        private Optional<Path> seccompDir = Optional.empty();
        private Optional<String> seccompProfile = Optional.empty();
        private Optional<CapabilityInfo> effectiveCapabilities = Optional.empty();
        private Optional<CapabilityInfo> boundingCapabilities = Optional.empty();
        private boolean noNewPrivileges;
        private List<DeviceAccess> devices = List.of();
        private List<Path> gpus = List.of();
        private List<Path> gpuControls = List.of();
        private boolean hostPids = true;
        private boolean hostIpc = true;
        private long shmMegabytes = SHM_MEGABYTES;
        private String sandboxInside = "/mnt/mesos/sandbox";
        private DefaultDns dns = DefaultDns.NONE;
        private int firstUserId;
        private Duration launchTimeout = Duration.ofSeconds(60);
        private Optional<Path> registryCertificates = Optional.empty();

        private Builder() {}

        public Builder secretsDir(Optional<Path> directory) {
            secretsDir = directory;
            return this;
        }

        public Builder hostPaths(List<Path> allowed) {
            hostPaths = List.copyOf(allowed);
            return this;
        }

        public Builder createdHostPaths(List<Path> below) {
            createdHostPaths = List.copyOf(below);
            return this;
        }

        public Builder seccomp(Optional<Path> directory, Optional<String> profile) {
            seccompDir = directory;
            seccompProfile = profile;
            return this;
        }

        public Builder capabilities(Optional<CapabilityInfo> effective, Optional<CapabilityInfo> bounding) {
            effectiveCapabilities = effective;
            boundingCapabilities = bounding;
            return this;
        }

        public Builder noNewPrivileges(boolean on) {
            noNewPrivileges = on;
            return this;
        }

        public Builder devices(List<DeviceAccess> all) {
            devices = List.copyOf(all);
            return this;
        }

        public Builder gpus(List<Path> each, List<Path> controls) {
            gpus = List.copyOf(each);
            gpuControls = List.copyOf(controls);
            return this;
        }

        public Builder sharing(boolean withHostPids, boolean withHostIpc) {
            hostPids = withHostPids;
            hostIpc = withHostIpc;
            return this;
        }

        public Builder shmMegabytes(long megabytes) {
            shmMegabytes = megabytes;
            return this;
        }

        public Builder sandboxInside(String path) {
            sandboxInside = path;
            return this;
        }

        public Builder dns(DefaultDns servers) {
            dns = servers;
            return this;
        }

        public Builder firstUserId(int id) {
            firstUserId = id;
            return this;
        }

        public Builder launchTimeout(Duration timeout) {
            launchTimeout = timeout;
            return this;
        }

        public Builder registryCertificates(Optional<Path> directory) {
            registryCertificates = directory;
            return this;
        }

        public ContainerPolicy build() {
            return new ContainerPolicy(this);
        }
    }
}
