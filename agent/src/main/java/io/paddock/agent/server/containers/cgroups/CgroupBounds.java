package io.paddock.agent.server.containers.cgroups;

import io.paddock.agent.server.containers.Limits;

/** The numbers the kernel wants for our limits; the rules are those of Mesos' cgroup isolators. */
public final class CgroupBounds {
    public static final long CPU_PERIOD_MICROS = 100_000;

    private static final long LEAST_QUOTA_MICROS = 1000;
    private static final long SHARES_PER_CPU = 1024;
    private static final long LEAST_SHARES = 2;
    private static final long LEAST_MEMORY_BYTES = 32L << 20;

    private CgroupBounds() {}

    public static long cpuShares(Limits limits) {
        return Math.max(LEAST_SHARES, Math.round(limits.cpus() * SHARES_PER_CPU));
    }

    /** The v2 weight (1 to 10,000) with the same effect as the v1 shares, as the kernel and crun convert it. */
    public static long cpuWeight(Limits limits) {
        return 1 + (Math.min(cpuShares(limits), 262_144) - 2) * 9999 / 262_142;
    }

    /** -1: no bound. */
    public static long cpuQuotaMicros(Limits limits) {
        return Double.isInfinite(limits.cpuLimit()) || limits.cpuLimit() <= 0
                ? -1
                : Math.max(LEAST_QUOTA_MICROS, Math.round(limits.cpuLimit() * CPU_PERIOD_MICROS));
    }

    /** -1: no bound. */
    public static long memoryBytes(Limits limits) {
        return limits.memoryLimitBytes() == Limits.UNLIMITED
                ? -1
                : Math.max(LEAST_MEMORY_BYTES, limits.memoryLimitBytes());
    }

    /** -1: none. */
    public static long memoryReservationBytes(Limits limits) {
        return limits.memoryBytes() <= 0 ? -1 : Math.max(LEAST_MEMORY_BYTES, limits.memoryBytes());
    }

    /** -1: no bound. */
    public static long pids(Limits limits) {
        return limits.pids() == Limits.UNLIMITED ? -1 : limits.pids();
    }
}
