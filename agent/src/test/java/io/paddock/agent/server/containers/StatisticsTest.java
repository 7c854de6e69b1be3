package io.paddock.agent.server.containers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import com.google.protobuf.Descriptors.FieldDescriptor;
import io.paddock.proto.v1.ContainerID;
import io.paddock.proto.v1.DiskStatistics;
import io.paddock.proto.v1.Resource;
import io.paddock.proto.v1.ResourceStatistics;
import io.paddock.proto.v1.Value;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What is counted of a container with a network of its own, a persistent volume and too little memory for its files. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class StatisticsTest {
    /** Of all keys Mesos has these are not there: hardware counters, and what its port mapper counts. */
    private static final String NEVER = "perf net_tx_rate_limit net_tx_burst_rate_limit net_tx_burst_size"
            + " net_rx_rate_limit net_rx_burst_rate_limit net_rx_burst_size net_rate_statistics net_ephemeral_ports"
            + " net_tcp_rtt_microsecs_p50 net_tcp_rtt_microsecs_p90 net_tcp_rtt_microsecs_p95"
            + " net_tcp_rtt_microsecs_p99 net_tcp_active_connections net_tcp_time_wait_connections"
            + " net_traffic_control_statistics net_snmp_statistics";

    /** Where the kernel has them. */
    private static final String V1_ONLY =
            "mem_low_pressure_counter mem_medium_pressure_counter mem_critical_pressure_counter"
                    + " mem_kmem_tcp_usage_bytes";

    private static final String IF_ACCOUNTED = "mem_total_memsw_bytes mem_kmem_usage_bytes blkio_statistics";

    private RunningContainers running;
    private Path volumes;

    @BeforeEach
    void open() throws Exception {
        volumes = Files.createTempDirectory("paddock-volumes");
        running = RunningContainers.isolated();
    }

    @AfterEach
    void close() throws Exception {
        if (running != null) {
            running.close();
        }
    }

    private ResourceStatistics statistics(ContainerID id) throws Exception {
        return RunningContainers.get(running.containers().statistics(id));
    }

    /** How many this process has open. */
    private static int eventCounters() throws IOException {
        int found = 0;
        try (DirectoryStream<Path> open = Files.newDirectoryStream(Path.of("/proc/self/fd"))) {
            for (Path descriptor : open) {
                try {
                    if (Files.readSymbolicLink(descriptor).toString().contains("eventfd")) {
                        found++;
                    }
                } catch (NoSuchFileException e) {
                    // Closed meanwhile.
                }
            }
        }
        return found;
    }

    private static TreeSet<String> keys(String text) {
        return new TreeSet<>(List.of(text.split(" ", -1)));
    }

    /** Its files fill the memory it has twice over: the kernel must give some up again and again. */
    private ContainerSpec thrashing() {
        Resource volume = Resource.newBuilder()
                .setName("disk")
                .setType(Value.Type.SCALAR)
                .setScalar(Value.Scalar.newBuilder().setValue(64))
                .setDisk(Resource.DiskInfo.newBuilder()
                        .setPersistence(Resource.DiskInfo.Persistence.newBuilder()
                                .setId("data")
                                .setPrincipal("ops"))
                        .setSource(Resource.DiskInfo.Source.newBuilder().setType(Resource.DiskInfo.Source.Type.PATH)))
                .build();
        ContainerSpec plain = running.spec(
                Optional.of(RunningContainers.sh("head -c 1000000 /dev/zero > data/own; head -c 50m /dev/zero > file;"
                        + " echo written; while [ ! -e go ]; do cat file > /dev/null; done; echo over; sleep 1000")),
                Optional.of(ContainerInfos.plain()
                        .addNetworkInfos(ContainerInfos.network("mesos-bridge"))
                        .build()),
                Limits.requested(0.5, 24).withCpuLimit(1).withDiskBytes(100L << 20));
        return RunningContainers.mounting(plain, new ContainerSpec.Mount(volumes, "data", false, Optional.of(volume)));
    }

    @Test
    void everyKeyThatTheKernelGives() throws Exception {
        boolean v1 = running.containers().facilities().cgroups().equals("v1");
        ContainerSpec spec = thrashing();
        running.launch(spec);
        RunningContainers.awaitOutput(spec, "written");

        ResourceStatistics found = statistics(spec.id());
        TreeSet<String> there = found.getAllFields().keySet().stream()
                .map(FieldDescriptor::getName)
                .collect(Collectors.toCollection(TreeSet::new));
        TreeSet<String> expected = ResourceStatistics.getDescriptor().getFields().stream()
                .map(FieldDescriptor::getName)
                .collect(Collectors.toCollection(TreeSet::new));
        expected.removeAll(keys(NEVER));
        if (!v1) {
            expected.removeAll(keys(V1_ONLY));
        }
        expected.removeIf(key -> keys(IF_ACCOUNTED).contains(key) && !there.contains(key));
        assertThat(there).isEqualTo(expected);

        assertThat(found.getDiskStatisticsList()).hasSize(2);
        DiskStatistics sandbox = found.getDiskStatistics(0);
        assertThat(sandbox.getUsedBytes()).isEqualTo(found.getDiskUsedBytes()).isBetween(50L << 20, 51L << 20);
        assertThat(sandbox.getLimitBytes()).isEqualTo(found.getDiskLimitBytes()).isEqualTo(100L << 20);
        assertThat(sandbox.hasPersistence()).isFalse();
        DiskStatistics volume = found.getDiskStatistics(1);
        assertThat(volume.getUsedBytes()).isEqualTo(1_000_000);
        assertThat(volume.getLimitBytes()).isEqualTo(64L << 20);
        assertThat(volume.getPersistence().getId()).isEqualTo("data");
        assertThat(volume.getSource().getType()).isEqualTo(Resource.DiskInfo.Source.Type.PATH);

        assumeThat(v1)
                .as("the kernel tells memory pressure by cgroups v1 alone")
                .isTrue();
        countsPressure(spec);
        int open = eventCounters();
        running.destroy(spec);
        Awaitility.await().untilAsserted(() -> assertThat(eventCounters()).isLessThanOrEqualTo(open - 3));
    }

    /** It was counted from the launch on and goes up; a new agent begins at 0, as long as memory is not short. */
    private void countsPressure(ContainerSpec spec) throws Exception {
        long low = statistics(spec.id()).getMemLowPressureCounter();
        assertThat(low).isPositive();
        Awaitility.await()
                .atMost(Duration.ofSeconds(20))
                .until(() -> statistics(spec.id()).getMemLowPressureCounter() > low);
        Files.createFile(spec.sandbox().resolve("go"));
        RunningContainers.awaitOutput(spec, "over");
        running.containers().close();
        running.restart();
        ResourceStatistics after = statistics(spec.id());
        assertThat(after.hasMemCriticalPressureCounter()).isTrue();
        assertThat(after.getMemLowPressureCounter()).isLessThan(low);
        assertThat(after.getDiskStatistics(1).getPersistence().getId()).isEqualTo("data");
    }
}
