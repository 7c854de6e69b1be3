package io.paddock.agent.server.containers.oci;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.paddock.agent.server.containers.ContainerSpec;
import io.paddock.agent.server.containers.Limits;
import io.paddock.agent.server.containers.cgroups.CgroupBounds;
import io.paddock.agent.server.containers.cgroups.Cgroups;
import io.paddock.agent.server.containers.engine.ContainerRecord;
import io.paddock.agent.server.containers.engine.Hook;
import io.paddock.agent.server.containers.engine.Launch;
import io.paddock.proto.v1.RLimitInfo;
import java.io.IOException;

/**
 * The container's control group and rlimits. The runtime makes the group of a container with a process; that of one without
 * is made here, as the parent of the groups of its nested containers, which it bounds together.
 */
final class LimitsHook implements Hook {
    private static final long INFINITE = -1;

    private final Cgroups cgroups;
    private final Groups groups;
    private final long defaultPids;

    LimitsHook(Cgroups cgroups, Groups groups, long defaultPids) {
        this.cgroups = cgroups;
        this.groups = groups;
        this.defaultPids = defaultPids;
    }

    @Override
    public String name() {
        return "limits";
    }

    @Override
    public void prepare(Launch launch) throws IOException {
        OciLaunch oci = (OciLaunch) launch;
        ContainerSpec spec = oci.spec();
        String group = groups.choose(oci.record(), spec);
        Limits limits = bounded(spec.limits());
        if (!oci.hasProcess()) {
            cgroups.create(group, limits);
            return;
        }
        oci.config().cgroup(group);
        resources(oci.config().resources(), limits);
        if (spec.container().isPresent()) {
            rlimits(oci.config(), spec.container().get().getRlimitInfo());
        }
    }

    Limits bounded(Limits limits) {
        return limits.pids() == Limits.UNLIMITED ? limits.withPids(defaultPids) : limits;
    }

    private void resources(ObjectNode resources, Limits limits) {
        ObjectNode cpu = resources.putObject("cpu").put("shares", CgroupBounds.cpuShares(limits));
        if (CgroupBounds.cpuQuotaMicros(limits) > 0) {
            cpu.put("quota", CgroupBounds.cpuQuotaMicros(limits)).put("period", CgroupBounds.CPU_PERIOD_MICROS);
        }
        ObjectNode memory = resources.putObject("memory");
        if (CgroupBounds.memoryBytes(limits) > 0) {
            memory.put("limit", CgroupBounds.memoryBytes(limits));
            if (cgroups.boundsSwap()) {
                memory.put("swap", CgroupBounds.memoryBytes(limits));
            }
        }
        if (CgroupBounds.memoryReservationBytes(limits) > 0) {
            memory.put("reservation", CgroupBounds.memoryReservationBytes(limits));
        }
        if (CgroupBounds.pids(limits) > 0) {
            resources.putObject("pids").put("limit", CgroupBounds.pids(limits));
        }
    }

    private static void rlimits(OciConfig config, RLimitInfo info) throws IOException {
        for (RLimitInfo.RLimit limit : info.getRlimitsList()) {
            if (limit.hasSoft() != limit.hasHard()) {
                throw new IOException(
                        "rlimit " + limit.getType() + ": soft and hard must be given together or not at all");
            }
            if (limit.hasSoft() && Long.compareUnsigned(limit.getSoft(), limit.getHard()) > 0) {
                throw new IOException("rlimit " + limit.getType() + ": soft " + Long.toUnsignedString(limit.getSoft())
                        + " is above hard " + Long.toUnsignedString(limit.getHard()));
            }
            config.rlimit(
                    "RLIMIT_" + limit.getType().name().substring("RLMT_".length()),
                    limit.hasSoft() ? limit.getSoft() : INFINITE,
                    limit.hasHard() ? limit.getHard() : INFINITE);
        }
    }

    @Override
    public void cleanup(ContainerRecord record) throws IOException {
        cgroups.remove(groups.of(record));
    }
}
