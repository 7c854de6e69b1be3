package io.paddock.agent.server.containers.oci;

import io.paddock.agent.server.containers.ContainerSpec;
import io.paddock.agent.server.containers.Limits;
import io.paddock.agent.server.containers.cgroups.CgroupBounds;
import io.paddock.agent.server.containers.cgroups.Cgroups;
import io.paddock.agent.server.containers.engine.ContainerRecord;
import io.paddock.proto.v1.ResourceStatistics;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.Set;

/** Counters of a container in the words of the v1 API. */
final class Statistics {
    private static final int RX_BYTES = 0;
    private static final int RX_PACKETS = 1;
    private static final int RX_ERRORS = 2;
    private static final int RX_DROPPED = 3;
    private static final int TX_BYTES = 8;
    private static final int TX_PACKETS = 9;
    private static final int TX_ERRORS = 10;
    private static final int TX_DROPPED = 11;
    private static final int COLUMNS = 16;

    private final Cgroups cgroups;
    private final Groups groups;
    private final PressureHook pressure;
    private final Clock clock = Clock.systemUTC();

    Statistics(Cgroups cgroups, Groups groups, PressureHook pressure) {
        this.cgroups = cgroups;
        this.groups = groups;
        this.pressure = pressure;
    }

    ResourceStatistics of(ContainerRecord record, ContainerSpec spec, ContainerRecord.Started started)
            throws IOException {
        Instant now = clock.instant();
        ResourceStatistics.Builder statistics =
                ResourceStatistics.newBuilder().setTimestamp(now.getEpochSecond() + now.getNano() / 1e9);
        limits(spec.limits(), statistics);
        String group = groups.of(record);
        cgroups.statistics(group, statistics);
        pressure.statistics(record, statistics);
        Set<Long> processes = cgroups.processes(group);
        statistics.setProcesses(processes.size());
        int threads = 0;
        for (long pid : processes) {
            threads += threads(pid);
        }
        statistics.setThreads(threads);
        if (!started.launched().networks().isEmpty() && started.process().pid() > 0) {
            network(Path.of("/proc", Long.toString(started.process().pid()), "net/dev"), statistics);
        }
        return statistics.build();
    }

    private static void limits(Limits limits, ResourceStatistics.Builder statistics) {
        if (Double.isInfinite(limits.cpuLimit())) {
            statistics.setCpusLimit(limits.cpus());
        } else {
            statistics.setCpusLimit(limits.cpuLimit()).setCpusSoftLimit(limits.cpus());
        }
        if (CgroupBounds.memoryBytes(limits) > 0) {
            statistics.setMemLimitBytes(CgroupBounds.memoryBytes(limits));
        }
    }

    private static int threads(long pid) {
        int count = 0;
        try (DirectoryStream<Path> tasks = Files.newDirectoryStream(Path.of("/proc", Long.toString(pid), "task"))) {
            for (Path ignored : tasks) {
                count++;
            }
        } catch (IOException e) {
            return count;
        }
        return count;
    }

    /** Sums all interfaces but the loopback. */
    private static void network(Path dev, ResourceStatistics.Builder statistics) throws IOException {
        long[] sums = new long[COLUMNS];
        if (!Files.exists(dev)) {
            return;
        }
        for (String line : Files.readAllLines(dev)) {
            int colon = line.indexOf(':');
            if (colon < 0 || line.substring(0, colon).strip().equals("lo")) {
                continue;
            }
            String[] numbers = line.substring(colon + 1).strip().split("\\s+", -1);
            for (int i = 0; i < COLUMNS && i < numbers.length; i++) {
                sums[i] += Long.parseLong(numbers[i]);
            }
        }
        statistics
                .setNetRxBytes(sums[RX_BYTES])
                .setNetRxPackets(sums[RX_PACKETS])
                .setNetRxErrors(sums[RX_ERRORS])
                .setNetRxDropped(sums[RX_DROPPED])
                .setNetTxBytes(sums[TX_BYTES])
                .setNetTxPackets(sums[TX_PACKETS])
                .setNetTxErrors(sums[TX_ERRORS])
                .setNetTxDropped(sums[TX_DROPPED]);
    }
}
