package io.paddock.agent.server.containers.oci;

import io.paddock.agent.server.containers.engine.Hook;
import io.paddock.agent.server.containers.engine.Launch;
import io.paddock.proto.v1.CapabilityInfo;
import io.paddock.proto.v1.ContainerInfo;
import io.paddock.proto.v1.LinuxInfo;
import java.io.IOException;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.Set;

/**
 * What the container may ask of the kernel. On the host's files a root process keeps the agent's rights, as in Mesos. From
 * an image it gets the usual small set, a filter of system calls and a restricted view of /proc, unless it is privileged.
 */
final class PrivilegesHook implements Hook {
    private final Capabilities capabilities;

    PrivilegesHook(Capabilities capabilities) {
        this.capabilities = capabilities;
    }

    @Override
    public String name() {
        return "privileges";
    }

    @Override
    public void prepare(Launch launch) throws IOException {
        OciLaunch oci = (OciLaunch) launch;
        if (!oci.hasProcess()) {
            return;
        }
        Optional<ContainerInfo> container = oci.spec().container();
        LinuxInfo linux = container.map(ContainerInfo::getLinuxInfo).orElse(LinuxInfo.getDefaultInstance());
        boolean trusted = oci.image() == null
                || container.map(info -> info.getDocker().getPrivileged()).orElse(false);
        Set<String> usual = trusted ? capabilities.all() : capabilities.usual();
        Set<String> bounding = linux.hasBoundingCapabilities() ? chosen(linux.getBoundingCapabilities()) : usual;
        Set<String> effective = new LinkedHashSet<>(
                linux.hasEffectiveCapabilities() ? chosen(linux.getEffectiveCapabilities()) : bounding);
        if (!linux.hasBoundingCapabilities()) {
            bounding = linux.hasEffectiveCapabilities() ? effective : usual;
        }
        effective.retainAll(bounding);
        oci.config().capabilities(bounding, effective);
        if (!trusted) {
            oci.config().hideKernelFiles();
            if (!linux.getSeccomp().getUnconfined()) {
                oci.config().seccomp(SystemCalls.filter());
            }
        }
    }

    private Set<String> chosen(CapabilityInfo info) throws IOException {
        Set<String> names = new LinkedHashSet<>();
        for (CapabilityInfo.Capability capability : info.getCapabilitiesList()) {
            names.add("CAP_" + capability.name());
        }
        Collection<String> all = capabilities.all();
        for (String name : names) {
            if (!all.contains(name)) {
                throw new IOException(name + " is not among the agent's own capabilities and cannot be granted");
            }
        }
        return names;
    }
}
