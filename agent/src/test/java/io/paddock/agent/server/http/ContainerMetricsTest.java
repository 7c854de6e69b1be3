package io.paddock.agent.server.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.paddock.agent.core.AgentView;
import io.paddock.agent.core.Registration;
import io.paddock.common.resources.Resources;
import io.paddock.proto.json.JsonCodec;
import io.paddock.proto.v1.AgentInfo;
import io.paddock.proto.v1.ContainerID;
import io.paddock.proto.v1.ResourceStatistics;
import io.paddock.proto.v1.agent.Response.GetContainers.Container;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** From the keys of Mesos to the names of dashboards. */
class ContainerMetricsTest {
    private static String page(String statistics) throws Exception {
        Container container = Container.newBuilder()
                .setContainerId(ContainerID.newBuilder().setValue("c1"))
                .setResourceStatistics(JsonCodec.fromJson(statistics, ResourceStatistics.getDefaultInstance()))
                .build();
        AgentView view = new AgentView(
                AgentInfo.getDefaultInstance(),
                "slave(1)@127.0.0.1:5051",
                Resources.EMPTY,
                Registration.Phase.REGISTERED,
                null,
                null,
                List.of(),
                List.of(),
                List.of(),
                Map.of());
        return ContainerMetrics.page(view, List.of(container), Map.of());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            "cpus_user_time_secs":1.5,"cpus_system_time_secs":2  | container_cpu_usage_seconds_total             | 3.5
            "cpus_user_time_secs":1.5                            | container_cpu_user_seconds_total              | 1.5
            "cpus_system_time_secs":2                            | container_cpu_system_seconds_total            | 2.0
            "cpus_nr_periods":7                                  | container_cpu_cfs_periods_total               | 7
            "cpus_nr_throttled":3                                | container_cpu_cfs_throttled_periods_total     | 3
            "cpus_throttled_time_secs":0.5                       | container_cpu_cfs_throttled_seconds_total     | 0.5
            "cpus_limit":2                                       | container_spec_cpu_limit                      | 2.0
            "mem_total_bytes":9                                  | container_memory_usage_bytes                  | 9
            "mem_total_bytes":9,"mem_file_bytes":4               | container_memory_working_set_bytes            | 5
            "mem_rss_bytes":9                                    | container_memory_rss                          | 9
            "mem_cache_bytes":9                                  | container_memory_cache                        | 9
            "mem_mapped_file_bytes":9                            | container_memory_mapped_file                  | 9
            "mem_swap_bytes":9                                   | container_memory_swap                         | 9
            "mem_limit_bytes":9                                  | container_spec_memory_limit_bytes             | 9
            "mem_soft_limit_bytes":9                             | container_spec_memory_reservation_limit_bytes | 9
            "mem_kmem_usage_bytes":9                             | container_memory_kernel_usage                 | 9
            "mem_low_pressure_counter":3                         | container_memory_pressure_low_total           | 3
            "mem_medium_pressure_counter":2                      | container_memory_pressure_medium_total        | 2
            "mem_critical_pressure_counter":1                    | container_memory_pressure_critical_total      | 1
            "processes":2                                        | container_processes                           | 2
            "threads":2                                          | container_threads                             | 2
            "net_rx_bytes":2                                     | container_network_receive_bytes_total         | 2
            "net_rx_packets":2                                   | container_network_receive_packets_total       | 2
            "net_rx_errors":2                                    | container_network_receive_errors_total        | 2
            "net_rx_dropped":2                                   | container_network_receive_packets_dropped_total | 2
            "net_tx_bytes":2                                     | container_network_transmit_bytes_total        | 2
            "net_tx_packets":2                                   | container_network_transmit_packets_total      | 2
            "net_tx_errors":2                                    | container_network_transmit_errors_total       | 2
            "net_tx_dropped":2                                   | container_network_transmit_packets_dropped_total | 2
            "disk_used_bytes":5                                  | container_fs_usage_bytes                      | 5
            "disk_limit_bytes":5                                 | container_fs_limit_bytes                      | 5
            "blkio_statistics":{"throttling":[{"io_service_bytes":[{"op":"READ","value":4},{"op":"WRITE","value":6}]}]}\
             | container_fs_reads_bytes_total | 4
            "blkio_statistics":{"throttling":[{"io_service_bytes":[{"op":"READ","value":4},{"op":"WRITE","value":6}]}]}\
             | container_fs_writes_bytes_total | 6
            "blkio_statistics":{"throttling":[{"io_serviced":[{"op":"READ","value":4},{"op":"WRITE","value":6}]}]}\
             | container_fs_reads_total | 4
            "blkio_statistics":{"throttling":[{"io_serviced":[{"op":"READ","value":4},{"op":"WRITE","value":6}]}]}\
             | container_fs_writes_total | 6
            """)
    void aMetricIsThereWhenItWasCounted(String statistics, String name, String value) throws Exception {
        assertThat(page("{\"timestamp\":1," + statistics + "}").lines())
                .anyMatch(line -> line.startsWith(name + "{id=\"c1\"") && line.endsWith("} " + value));
        assertThat(page("{\"timestamp\":1}").lines())
                .contains("# TYPE " + name + (name.endsWith("_total") ? " counter" : " gauge"))
                .noneMatch(line -> line.startsWith(name + "{"));
    }

    @Test
    void volumesHaveTheirNamesInALabelAndTheSandboxIsNone() throws Exception {
        assertThat(page("{\"timestamp\":1,\"disk_statistics\":[{\"used_bytes\":7},"
                                + "{\"persistence\":{\"id\":\"my \\\"data\\\"\"},\"used_bytes\":8,\"limit_bytes\":9}]}")
                        .lines()
                        .filter(line -> line.startsWith("container_volume_")))
                .hasSize(2)
                .anyMatch(line -> line.startsWith("container_volume_usage_bytes{id=\"c1\"")
                        && line.endsWith(",volume=\"my \\\"data\\\"\"} 8"))
                .anyMatch(line -> line.startsWith("container_volume_limit_bytes{id=\"c1\"")
                        && line.endsWith(",volume=\"my \\\"data\\\"\"} 9"));
    }
}
