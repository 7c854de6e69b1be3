package io.paddock.agent.server.containers.cgroups;

import io.paddock.agent.server.containers.Limits;
import io.paddock.proto.v1.ResourceStatistics;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/** One hierarchy per controller, each mounted at its own place. Counters of user and system time are in ticks. */
public final class CgroupsV1 implements Cgroups {
    private static final double TICKS_PER_SECOND = 100;
    /** A group without a bound has one that is as large as its pages can be counted. */
    private static final long NO_BOUND_FROM_BYTES = 1L << 62;

    private static final double NANOS_PER_SECOND = 1e9;

    private final Map<String, Path> hierarchies;
    private final List<Path> others;

    /**
     * @param hierarchies where each controller is mounted
     * @param others mounts of hierarchies without a controller, in which groups are made as well
     */
    public CgroupsV1(Map<String, Path> hierarchies, List<Path> others) {
        this.hierarchies = new TreeMap<>(hierarchies);
        this.others = List.copyOf(others);
    }

    @Override
    public String version() {
        return "v1";
    }

    @Override
    public void create(String group, Limits limits) throws IOException {
        for (String controller : List.of("cpu", "cpuacct", "memory", "pids", "freezer")) {
            if (hierarchies.containsKey(controller)) {
                Files.createDirectories(path(controller, group));
            }
        }
        apply(group, limits);
    }

    @Override
    public void apply(String group, Limits limits) throws IOException {
        if (hierarchies.containsKey("cpu")) {
            Path cpu = path("cpu", group);
            KernelFiles.write(cpu.resolve("cpu.shares"), CgroupBounds.cpuShares(limits));
            KernelFiles.write(cpu.resolve("cpu.cfs_period_us"), CgroupBounds.CPU_PERIOD_MICROS);
            KernelFiles.write(cpu.resolve("cpu.cfs_quota_us"), CgroupBounds.cpuQuotaMicros(limits));
        }
        if (hierarchies.containsKey("memory")) {
            applyMemory(path("memory", group), limits);
        }
        if (hierarchies.containsKey("pids")) {
            long pids = CgroupBounds.pids(limits);
            KernelFiles.write(path("pids", group).resolve("pids.max"), pids < 0 ? "max" : Long.toString(pids));
        }
    }

    /** The bound with swap must never be below the one without: raise it first, lower it last. */
    private void applyMemory(Path memory, Limits limits) throws IOException {
        long bytes = CgroupBounds.memoryBytes(limits);
        Path plain = memory.resolve("memory.limit_in_bytes");
        Path withSwap = memory.resolve("memory.memsw.limit_in_bytes");
        long now = KernelFiles.number(plain).orElse(Long.MAX_VALUE);
        boolean raising = bytes < 0 || bytes > now;
        if (boundsSwap() && raising) {
            KernelFiles.write(withSwap, bytes);
        }
        KernelFiles.write(plain, bytes);
        if (boundsSwap() && !raising) {
            KernelFiles.write(withSwap, bytes);
        }
        KernelFiles.write(memory.resolve("memory.soft_limit_in_bytes"), CgroupBounds.memoryReservationBytes(limits));
    }

    @Override
    public Set<Long> processes(String group) throws IOException {
        Set<Long> found = new LinkedHashSet<>();
        KernelFiles.processes(path(processController(), group), found);
        return found;
    }

    private String processController() {
        return hierarchies.containsKey("pids") ? "pids" : "memory";
    }

    @Override
    public long oomKills(String group) throws IOException {
        if (!hierarchies.containsKey("memory")) {
            return 0;
        }
        return KernelFiles.table(path("memory", group).resolve("memory.oom_control"))
                .getOrDefault("oom_kill", 0L);
    }

    @Override
    public long memoryLimitBytes(String group) throws IOException {
        if (!hierarchies.containsKey("memory")) {
            return 0;
        }
        long bound = KernelFiles.number(path("memory", group).resolve("memory.limit_in_bytes"))
                .orElse(0);
        return bound >= NO_BOUND_FROM_BYTES ? 0 : bound;
    }

    @Override
    public long peakMemoryBytes(String group) throws IOException {
        return hierarchies.containsKey("memory")
                ? KernelFiles.number(path("memory", group).resolve("memory.max_usage_in_bytes"))
                        .orElse(0)
                : 0;
    }

    @Override
    public void kill(String group) throws IOException {
        for (long pid : processes(group)) {
            ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly);
        }
    }

    @Override
    public void remove(String group) throws IOException {
        for (Path hierarchy : hierarchies.values()) {
            KernelFiles.remove(below(hierarchy, group));
        }
        for (Path hierarchy : others) {
            KernelFiles.remove(below(hierarchy, group));
        }
    }

    @Override
    public void removeIfEmpty(String group) throws IOException {
        for (Path hierarchy : hierarchies.values()) {
            KernelFiles.removeIfEmpty(below(hierarchy, group));
        }
        for (Path hierarchy : others) {
            KernelFiles.removeIfEmpty(below(hierarchy, group));
        }
    }

    @Override
    public void statistics(String group, ResourceStatistics.Builder into) throws IOException {
        if (hierarchies.containsKey("cpuacct")) {
            cpu(path("cpuacct", group), into);
        }
        if (hierarchies.containsKey("cpu")) {
            throttling(path("cpu", group), into);
        }
        if (hierarchies.containsKey("memory")) {
            memory(path("memory", group), into);
        }
        if (hierarchies.containsKey("blkio")) {
            Blkio.v1(path("blkio", group), into);
        }
    }

    private static void cpu(Path cpuacct, ResourceStatistics.Builder into) throws IOException {
        Map<String, Long> ticks = KernelFiles.table(cpuacct.resolve("cpuacct.stat"));
        into.setCpusUserTimeSecs(ticks.getOrDefault("user", 0L) / TICKS_PER_SECOND);
        into.setCpusSystemTimeSecs(ticks.getOrDefault("system", 0L) / TICKS_PER_SECOND);
    }

    private static void throttling(Path cpu, ResourceStatistics.Builder into) throws IOException {
        Map<String, Long> stat = KernelFiles.table(cpu.resolve("cpu.stat"));
        into.setCpusNrPeriods(stat.getOrDefault("nr_periods", 0L).intValue());
        into.setCpusNrThrottled(stat.getOrDefault("nr_throttled", 0L).intValue());
        into.setCpusThrottledTimeSecs(stat.getOrDefault("throttled_time", 0L) / NANOS_PER_SECOND);
    }

    private static void memory(Path memory, ResourceStatistics.Builder into) throws IOException {
        KernelFiles.number(memory.resolve("memory.usage_in_bytes")).ifPresent(into::setMemTotalBytes);
        KernelFiles.number(memory.resolve("memory.memsw.usage_in_bytes")).ifPresent(into::setMemTotalMemswBytes);
        KernelFiles.number(memory.resolve("memory.soft_limit_in_bytes")).ifPresent(into::setMemSoftLimitBytes);
        KernelFiles.number(memory.resolve("memory.kmem.usage_in_bytes")).ifPresent(into::setMemKmemUsageBytes);
        KernelFiles.number(memory.resolve("memory.kmem.tcp.usage_in_bytes")).ifPresent(into::setMemKmemTcpUsageBytes);
        Map<String, Long> stat = KernelFiles.table(memory.resolve("memory.stat"));
        into.setMemRssBytes(stat.getOrDefault("total_rss", 0L));
        into.setMemAnonBytes(stat.getOrDefault("total_rss", 0L));
        into.setMemFileBytes(stat.getOrDefault("total_cache", 0L));
        into.setMemCacheBytes(stat.getOrDefault("total_cache", 0L));
        into.setMemMappedFileBytes(stat.getOrDefault("total_mapped_file", 0L));
        into.setMemSwapBytes(stat.getOrDefault("total_swap", 0L));
        into.setMemUnevictableBytes(stat.getOrDefault("total_unevictable", 0L));
    }

    @Override
    public Optional<MemoryPressure> pressure(String group) throws IOException {
        return hierarchies.containsKey("memory")
                ? Optional.of(MemoryPressure.open(path("memory", group)))
                : Optional.empty();
    }

    @Override
    public boolean boundsSwap() {
        Path memory = hierarchies.get("memory");
        return memory != null && Files.exists(memory.resolve("memory.memsw.limit_in_bytes"));
    }

    private Path path(String controller, String group) {
        Path hierarchy = hierarchies.get(controller);
        if (hierarchy == null) {
            throw new IllegalStateException("controller " + controller + " is not mounted");
        }
        return below(hierarchy, group);
    }

    private static Path below(Path hierarchy, String group) {
        return hierarchy.resolve(group.substring(1));
    }
}
