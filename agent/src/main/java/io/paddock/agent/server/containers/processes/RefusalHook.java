package io.paddock.agent.server.containers.processes;

import io.paddock.agent.server.containers.ContainerSpec;
import io.paddock.agent.server.containers.Limits;
import io.paddock.agent.server.containers.engine.Hook;
import io.paddock.agent.server.containers.engine.Launch;
import io.paddock.proto.v1.ContainerInfo;
import io.paddock.proto.v1.LinuxInfo;
import io.paddock.proto.v1.NetworkInfo;
import java.io.IOException;

/** Turns down what a plain process cannot have. */
final class RefusalHook implements Hook {
    private final String reason;

    /** @param reason why nothing can be isolated here */
    RefusalHook(String reason) {
        this.reason = reason;
    }

    @Override
    public String name() {
        return "isolation";
    }

    @Override
    public void prepare(Launch launch) throws IOException {
        ContainerSpec spec = launch.spec();
        Limits limits = spec.limits();
        if (spec.container().isPresent()) {
            refuse(spec.container().get());
        }
        for (ContainerSpec.Mount mount : spec.mounts()) {
            if (mount.containerPath().startsWith("/") || mount.readOnly()) {
                throw unable("a volume at " + mount.containerPath() + (mount.readOnly() ? ", read-only" : ""));
            }
        }
        if (!Double.isInfinite(limits.cpuLimit())) {
            throw unable("a limit of " + limits.cpuLimit() + " CPUs");
        }
        if (limits.memoryLimitBytes() != Limits.UNLIMITED && limits.memoryLimitBytes() != limits.memoryBytes()) {
            throw unable("a limit of " + limits.memoryLimitBytes() + " bytes of memory");
        }
    }

    private void refuse(ContainerInfo info) throws IOException {
        if (info.getType() == ContainerInfo.Type.DOCKER || info.getMesos().hasImage()) {
            throw unable("an image");
        }
        if (info.getNetworkInfosList().stream().anyMatch(NetworkInfo::hasName)) {
            throw unable("a network of its own");
        }
        if (info.getVolumesCount() > 0) {
            throw unable("volumes");
        }
        LinuxInfo linux = info.getLinuxInfo();
        if (info.hasRlimitInfo() || linux.hasEffectiveCapabilities() || linux.hasBoundingCapabilities()) {
            throw unable("rlimits or capabilities");
        }
        if (linux.getSeccomp().hasProfileName()
                || linux.hasShmSize()
                || linux.getIpcMode() == LinuxInfo.IpcMode.PRIVATE) {
            throw unable("a filter of system calls, or memory of its own");
        }
    }

    private IOException unable(String what) {
        return new IOException("this agent runs plain processes (" + reason + ") and cannot give a container " + what);
    }
}
