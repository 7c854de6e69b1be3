package io.paddock.agent.server.containers;

/**
 * What a container may use.
 *
 * @param cpus the share of CPU time when others want it too, in CPUs; 0: none requested
 * @param cpuLimit the most CPU it may ever take, in CPUs; infinity: no bound
 * @param memoryBytes requested memory; 0: none requested
 * @param memoryLimitBytes beyond this it is killed; {@link #UNLIMITED}: no bound
 * @param diskBytes the sandbox may grow to this; {@link #UNLIMITED}: no bound
 * @param pids most processes and threads; {@link #UNLIMITED}: no bound
 * @param gpus how many GPUs it has
 */
public record Limits(
        double cpus, double cpuLimit, long memoryBytes, long memoryLimitBytes, long diskBytes, long pids, int gpus) {
    public static final long UNLIMITED = Long.MAX_VALUE;

    public static final Limits NONE = new Limits(0, Double.POSITIVE_INFINITY, 0, UNLIMITED, UNLIMITED, UNLIMITED, 0);

    /** The usual case: CPU as a share without a bound, memory bounded by the request. */
    public static Limits requested(double cpus, double memoryMegabytes) {
        long bytes = Math.round(memoryMegabytes * 1024 * 1024);
        return new Limits(
                cpus, Double.POSITIVE_INFINITY, bytes, bytes == 0 ? UNLIMITED : bytes, UNLIMITED, UNLIMITED, 0);
    }

    public Limits withCpuLimit(double limit) {
        return new Limits(cpus, limit, memoryBytes, memoryLimitBytes, diskBytes, pids, gpus);
    }

    public Limits withMemoryLimitBytes(long limit) {
        return new Limits(cpus, cpuLimit, memoryBytes, limit, diskBytes, pids, gpus);
    }

    public Limits withPids(long limit) {
        return new Limits(cpus, cpuLimit, memoryBytes, memoryLimitBytes, diskBytes, limit, gpus);
    }

    public Limits withDiskBytes(long limit) {
        return new Limits(cpus, cpuLimit, memoryBytes, memoryLimitBytes, limit, pids, gpus);
    }

    public Limits withGpus(int count) {
        return new Limits(cpus, cpuLimit, memoryBytes, memoryLimitBytes, diskBytes, pids, count);
    }
}
