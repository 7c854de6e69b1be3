package io.paddock.agent.server.containers.oci;

import io.paddock.agent.server.containers.ContainerPolicy;
import io.paddock.agent.server.containers.engine.Hook;
import io.paddock.agent.server.containers.engine.Launch;
import io.paddock.proto.v1.CapabilityInfo;
import io.paddock.proto.v1.ContainerInfo;
import io.paddock.proto.v1.LinuxInfo;
import io.paddock.proto.v1.SeccompInfo;
import java.io.IOException;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.Set;

/**
 * What the container may ask of the kernel. On the host's files a root process keeps the agent's rights, as in Mesos. From
 * an image it gets the usual small set, a filter of system calls and a restricted view of /proc, unless it is privileged. The
 * operator may bound and preset both.
 */
final class PrivilegesHook implements Hook {
    private final Capabilities capabilities;
    private final SystemCalls systemCalls;
    private final ContainerPolicy policy;

    PrivilegesHook(Capabilities capabilities, SystemCalls systemCalls, ContainerPolicy policy) {
        this.capabilities = capabilities;
        this.systemCalls = systemCalls;
        this.policy = policy;
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
        boolean trusted = oci.image() == null || oci.privileged();
        Set<String> most = new LinkedHashSet<>(capabilities.all());
        if (policy.boundingCapabilities().isPresent()) {
            most.retainAll(names(policy.boundingCapabilities().get()));
        }
        capabilities(oci, linux, trusted, most);
        oci.config().changeCapabilities(CapabilityParameters.of(oci.parameters(), most)::applied);
        if (!trusted) {
            oci.config().hideKernelFiles();
        }
        if (policy.noNewPrivileges()) {
            oci.config().noNewPrivileges();
        }
        filter(oci.config(), linux.getSeccomp(), trusted, oci.config().boundingCapabilities());
    }

    /** @param most those that the agent may grant */
    private void capabilities(OciLaunch oci, LinuxInfo linux, boolean trusted, Set<String> most) throws IOException {
        boolean asks = asksEffective(linux);
        Set<String> usual = new LinkedHashSet<>(
                policy.effectiveCapabilities().isPresent()
                        ? names(policy.effectiveCapabilities().get())
                        : trusted ? capabilities.all() : capabilities.usual());
        usual.retainAll(most);
        Set<String> effective = asks ? chosen(effective(linux), most) : usual;
        Set<String> bounding = linux.hasBoundingCapabilities()
                ? chosen(linux.getBoundingCapabilities(), most)
                : asks ? effective : usual;
        if (asks) {
            for (String name : effective) {
                if (!bounding.contains(name)) {
                    throw new IOException("container.linux_info.effective_capabilities: " + name
                            + " is not among the bounding_capabilities");
                }
            }
        } else {
            effective = new LinkedHashSet<>(effective);
            effective.retainAll(bounding);
        }
        oci.config().capabilities(bounding, effective);
        if (asks) {
            oci.config().ambientCapabilities(effective);
        }
    }

    /** Old frameworks use the field that came before the pair of sets. */
    @SuppressWarnings("deprecation")
    private static boolean asksEffective(LinuxInfo linux) {
        return linux.hasEffectiveCapabilities() || linux.hasCapabilityInfo();
    }

    @SuppressWarnings("deprecation")
    private static CapabilityInfo effective(LinuxInfo linux) {
        return linux.hasEffectiveCapabilities() ? linux.getEffectiveCapabilities() : linux.getCapabilityInfo();
    }

    private static Set<String> names(CapabilityInfo info) {
        Set<String> names = new LinkedHashSet<>();
        for (CapabilityInfo.Capability capability : info.getCapabilitiesList()) {
            names.add("CAP_" + capability.name());
        }
        return names;
    }

    private static Set<String> chosen(CapabilityInfo info, Set<String> most) throws IOException {
        Set<String> names = names(info);
        for (String name : names) {
            if (!most.contains(name)) {
                throw new IOException(name + " is not among the capabilities that this agent may grant");
            }
        }
        return names;
    }

    private void filter(OciConfig config, SeccompInfo asked, boolean trusted, Set<String> bounding) throws IOException {
        if (asked.getUnconfined()) {
            return;
        }
        String name = asked.hasProfileName()
                ? asked.getProfileName()
                : policy.seccompProfile().orElse("");
        if (!name.isEmpty()) {
            config.seccomp(systemCalls.named(name, bounding));
        } else if (!trusted) {
            config.seccomp(systemCalls.filter(bounding));
        }
    }
}
