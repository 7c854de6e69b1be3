package io.paddock.agent.server.containers.cgroups;

import io.paddock.agent.server.containers.Limits;
import io.paddock.proto.v1.ResourceStatistics;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/** The unified hierarchy. A group that has groups below it must hold no processes itself. */
public final class CgroupsV2 implements Cgroups {
    private static final double MICROS_PER_SECOND = 1e6;
    private static final String CONTROLLERS = "+cpu +memory +pids";

    private final Path root;

    public CgroupsV2(Path root) {
        this.root = root;
    }

    @Override
    public String version() {
        return "v2";
    }

    @Override
    public void create(String group, Limits limits) throws IOException {
        Path path = path(group);
        Files.createDirectories(path);
        for (Path parent = path; !parent.equals(root); ) {
            parent = parent.getParent();
            KernelFiles.write(parent.resolve("cgroup.subtree_control"), CONTROLLERS);
        }
        KernelFiles.write(path.resolve("cgroup.subtree_control"), CONTROLLERS);
        apply(group, limits);
    }

    @Override
    public void apply(String group, Limits limits) throws IOException {
        Path path = path(group);
        KernelFiles.write(path.resolve("cpu.weight"), CgroupBounds.cpuWeight(limits));
        KernelFiles.write(
                path.resolve("cpu.max"),
                maximum(CgroupBounds.cpuQuotaMicros(limits)) + " " + CgroupBounds.CPU_PERIOD_MICROS);
        KernelFiles.write(path.resolve("memory.max"), maximum(CgroupBounds.memoryBytes(limits)));
        KernelFiles.write(path.resolve("memory.low"), Math.max(0, CgroupBounds.memoryReservationBytes(limits)));
        Path swap = path.resolve("memory.swap.max");
        if (Files.exists(swap)) {
            KernelFiles.write(swap, CgroupBounds.memoryBytes(limits) < 0 ? "max" : "0");
        }
        KernelFiles.write(path.resolve("pids.max"), maximum(CgroupBounds.pids(limits)));
    }

    private static String maximum(long value) {
        return value < 0 ? "max" : Long.toString(value);
    }

    @Override
    public Set<Long> processes(String group) throws IOException {
        Set<Long> found = new LinkedHashSet<>();
        KernelFiles.processes(path(group), found);
        return found;
    }

    @Override
    public long oomKills(String group) throws IOException {
        return KernelFiles.table(path(group).resolve("memory.events")).getOrDefault("oom_kill", 0L);
    }

    @Override
    public long memoryLimitBytes(String group) throws IOException {
        return KernelFiles.number(path(group).resolve("memory.max")).orElse(0);
    }

    @Override
    public long peakMemoryBytes(String group) throws IOException {
        return KernelFiles.number(path(group).resolve("memory.peak")).orElse(0);
    }

    @Override
    public void kill(String group) throws IOException {
        Path kill = path(group).resolve("cgroup.kill");
        if (Files.exists(kill)) {
            KernelFiles.write(kill, 1);
            return;
        }
        for (long pid : processes(group)) {
            ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly);
        }
    }

    @Override
    public void remove(String group) throws IOException {
        KernelFiles.remove(path(group));
    }

    @Override
    public void removeIfEmpty(String group) throws IOException {
        KernelFiles.removeIfEmpty(path(group));
    }

    @Override
    public void statistics(String group, ResourceStatistics.Builder into) throws IOException {
        Path path = path(group);
        Map<String, Long> cpu = KernelFiles.table(path.resolve("cpu.stat"));
        into.setCpusUserTimeSecs(cpu.getOrDefault("user_usec", 0L) / MICROS_PER_SECOND);
        into.setCpusSystemTimeSecs(cpu.getOrDefault("system_usec", 0L) / MICROS_PER_SECOND);
        into.setCpusNrPeriods(cpu.getOrDefault("nr_periods", 0L).intValue());
        into.setCpusNrThrottled(cpu.getOrDefault("nr_throttled", 0L).intValue());
        into.setCpusThrottledTimeSecs(cpu.getOrDefault("throttled_usec", 0L) / MICROS_PER_SECOND);
        OptionalLong total = KernelFiles.number(path.resolve("memory.current"));
        OptionalLong swap = KernelFiles.number(path.resolve("memory.swap.current"));
        total.ifPresent(into::setMemTotalBytes);
        swap.ifPresent(into::setMemSwapBytes);
        if (total.isPresent() && swap.isPresent()) {
            into.setMemTotalMemswBytes(total.getAsLong() + swap.getAsLong());
        }
        Map<String, Long> memory = KernelFiles.table(path.resolve("memory.stat"));
        into.setMemRssBytes(memory.getOrDefault("anon", 0L));
        into.setMemAnonBytes(memory.getOrDefault("anon", 0L));
        into.setMemFileBytes(memory.getOrDefault("file", 0L));
        into.setMemCacheBytes(memory.getOrDefault("file", 0L));
        into.setMemMappedFileBytes(memory.getOrDefault("file_mapped", 0L));
        into.setMemUnevictableBytes(memory.getOrDefault("unevictable", 0L));
        if (memory.containsKey("sock")) {
            into.setMemKmemTcpUsageBytes(memory.get("sock"));
        }
        Blkio.v2(path, into);
        if (memory.containsKey("kernel")) {
            into.setMemKmemUsageBytes(memory.get("kernel"));
        }
    }

    @Override
    public Optional<MemoryPressure> pressure(String group) {
        return Optional.empty();
    }

    @Override
    public boolean boundsSwap() {
        return Files.exists(Path.of("/proc/swaps"));
    }

    private Path path(String group) {
        return root.resolve(group.substring(1));
    }
}
