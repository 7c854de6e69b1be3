package io.paddock.agent.server.http;

import io.paddock.agent.core.AgentView;
import io.paddock.agent.core.AgentView.ExecutorView;
import io.paddock.agent.core.AgentView.FrameworkView;
import io.paddock.agent.core.AgentView.TaskView;
import io.paddock.agent.server.containers.ContainerIds;
import io.paddock.proto.v1.CgroupInfo.Blkio;
import io.paddock.proto.v1.CgroupInfo.Blkio.Throttling;
import io.paddock.proto.v1.ContainerInfo;
import io.paddock.proto.v1.DiskStatistics;
import io.paddock.proto.v1.Environment;
import io.paddock.proto.v1.ResourceStatistics;
import io.paddock.proto.v1.TaskStatus;
import io.paddock.proto.v1.agent.Response.GetContainers.Container;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/**
 * Containers and the agent in Prometheus' text format. The names are those of cAdvisor, which dashboards know; the labels say
 * whose a container is: {@code id} and {@code name} (the container's id, and the task's where it has one), {@code task_id}, {@code
 * framework_id}, {@code framework}, {@code executor_id}, {@code app} for apps of marathon, and {@code image}. {@code
 * container_memory_working_set_bytes} is what is used less what is cached of files: the kernel's counters here do not tell how much
 * of the cache is active. Names of our own: {@code container_memory_pressure_*_total} and, with the label {@code volume}, {@code
 * container_volume_*_bytes}.
 */
final class ContainerMetrics {
    static final String CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8";

    private static final String APP_VARIABLE = "MARATHON_APP_ID";

    /** One metric: its value in a container's statistics, or null when it was not counted. */
    private record Metric(
            String name, String type, String help, Function<ResourceStatistics, @Nullable Number> value) {}

    private static final List<Metric> METRICS = List.of(
            counter(
                    "container_cpu_usage_seconds_total",
                    "CPU time used.",
                    s -> s.hasCpusUserTimeSecs() ? s.getCpusUserTimeSecs() + s.getCpusSystemTimeSecs() : null),
            counter(
                    "container_cpu_user_seconds_total",
                    "CPU time in user mode.",
                    s -> s.hasCpusUserTimeSecs() ? s.getCpusUserTimeSecs() : null),
            counter(
                    "container_cpu_system_seconds_total",
                    "CPU time in the kernel.",
                    s -> s.hasCpusSystemTimeSecs() ? s.getCpusSystemTimeSecs() : null),
            counter(
                    "container_cpu_cfs_periods_total",
                    "Periods in which CPU was bounded.",
                    s -> s.hasCpusNrPeriods() ? s.getCpusNrPeriods() : null),
            counter(
                    "container_cpu_cfs_throttled_periods_total",
                    "Periods in which the bound was reached.",
                    s -> s.hasCpusNrThrottled() ? s.getCpusNrThrottled() : null),
            counter(
                    "container_cpu_cfs_throttled_seconds_total",
                    "Time spent waiting at the bound.",
                    s -> s.hasCpusThrottledTimeSecs() ? s.getCpusThrottledTimeSecs() : null),
            gauge("container_spec_cpu_limit", "CPUs it was given.", s -> s.hasCpusLimit() ? s.getCpusLimit() : null),
            gauge(
                    "container_memory_usage_bytes",
                    "Memory used, cached files included.",
                    s -> s.hasMemTotalBytes() ? s.getMemTotalBytes() : null),
            gauge(
                    "container_memory_working_set_bytes",
                    "Memory used, without cached files.",
                    s -> s.hasMemTotalBytes() ? Math.max(0, s.getMemTotalBytes() - s.getMemFileBytes()) : null),
            gauge("container_memory_rss", "Memory of its own.", s -> s.hasMemRssBytes() ? s.getMemRssBytes() : null),
            gauge("container_memory_cache", "Cached files.", s -> s.hasMemCacheBytes() ? s.getMemCacheBytes() : null),
            gauge(
                    "container_memory_mapped_file",
                    "Mapped files.",
                    s -> s.hasMemMappedFileBytes() ? s.getMemMappedFileBytes() : null),
            gauge("container_memory_swap", "Swap used.", s -> s.hasMemSwapBytes() ? s.getMemSwapBytes() : null),
            gauge(
                    "container_spec_memory_limit_bytes",
                    "Memory it may use.",
                    s -> s.hasMemLimitBytes() ? s.getMemLimitBytes() : null),
            gauge(
                    "container_spec_memory_reservation_limit_bytes",
                    "Memory it asked for.",
                    s -> s.hasMemSoftLimitBytes() ? s.getMemSoftLimitBytes() : null),
            gauge(
                    "container_memory_kernel_usage",
                    "Memory of the kernel for it.",
                    s -> s.hasMemKmemUsageBytes() ? s.getMemKmemUsageBytes() : null),
            counter(
                    "container_memory_pressure_low_total",
                    "How often the kernel had to look for memory.",
                    s -> s.hasMemLowPressureCounter() ? s.getMemLowPressureCounter() : null),
            counter(
                    "container_memory_pressure_medium_total",
                    "How often the kernel had trouble to find memory.",
                    s -> s.hasMemMediumPressureCounter() ? s.getMemMediumPressureCounter() : null),
            counter(
                    "container_memory_pressure_critical_total",
                    "How often memory was about to run out.",
                    s -> s.hasMemCriticalPressureCounter() ? s.getMemCriticalPressureCounter() : null),
            gauge("container_processes", "Processes.", s -> s.hasProcesses() ? s.getProcesses() : null),
            gauge("container_threads", "Threads.", s -> s.hasThreads() ? s.getThreads() : null),
            counter(
                    "container_network_receive_bytes_total",
                    "Bytes received.",
                    s -> s.hasNetRxBytes() ? s.getNetRxBytes() : null),
            counter(
                    "container_network_receive_packets_total",
                    "Packets received.",
                    s -> s.hasNetRxPackets() ? s.getNetRxPackets() : null),
            counter(
                    "container_network_receive_errors_total",
                    "Errors of receiving.",
                    s -> s.hasNetRxErrors() ? s.getNetRxErrors() : null),
            counter(
                    "container_network_receive_packets_dropped_total",
                    "Received packets that were dropped.",
                    s -> s.hasNetRxDropped() ? s.getNetRxDropped() : null),
            counter(
                    "container_network_transmit_bytes_total",
                    "Bytes sent.",
                    s -> s.hasNetTxBytes() ? s.getNetTxBytes() : null),
            counter(
                    "container_network_transmit_packets_total",
                    "Packets sent.",
                    s -> s.hasNetTxPackets() ? s.getNetTxPackets() : null),
            counter(
                    "container_network_transmit_errors_total",
                    "Errors of sending.",
                    s -> s.hasNetTxErrors() ? s.getNetTxErrors() : null),
            counter(
                    "container_network_transmit_packets_dropped_total",
                    "Packets to be sent that were dropped.",
                    s -> s.hasNetTxDropped() ? s.getNetTxDropped() : null),
            gauge(
                    "container_fs_usage_bytes",
                    "Size of the sandbox.",
                    s -> s.hasDiskUsedBytes() ? s.getDiskUsedBytes() : null),
            gauge(
                    "container_fs_limit_bytes",
                    "Size the sandbox may have.",
                    s -> s.hasDiskLimitBytes() ? s.getDiskLimitBytes() : null),
            counter(
                    "container_fs_reads_bytes_total",
                    "Bytes read from disks.",
                    s -> disk(s, Blkio.Operation.READ, Throttling.Statistics::getIoServiceBytesList)),
            counter(
                    "container_fs_writes_bytes_total",
                    "Bytes written to disks.",
                    s -> disk(s, Blkio.Operation.WRITE, Throttling.Statistics::getIoServiceBytesList)),
            counter(
                    "container_fs_reads_total",
                    "Reads from disks.",
                    s -> disk(s, Blkio.Operation.READ, Throttling.Statistics::getIoServicedList)),
            counter(
                    "container_fs_writes_total",
                    "Writes to disks.",
                    s -> disk(s, Blkio.Operation.WRITE, Throttling.Statistics::getIoServicedList)),
            gauge("container_last_seen", "When this was counted, in seconds since the epoch.", s -> s.getTimestamp()));

    private ContainerMetrics() {}

    private static Metric counter(String name, String help, Function<ResourceStatistics, @Nullable Number> value) {
        return new Metric(name, "counter", help, value);
    }

    private static Metric gauge(String name, String help, Function<ResourceStatistics, @Nullable Number> value) {
        return new Metric(name, "gauge", help, value);
    }

    private static @Nullable Number disk(
            ResourceStatistics statistics,
            Blkio.Operation operation,
            Function<Throttling.Statistics, List<Blkio.Value>> counted) {
        return statistics.hasBlkioStatistics()
                ? statistics.getBlkioStatistics().getThrottlingList().stream()
                        .flatMap(device -> counted.apply(device).stream())
                        .filter(value -> value.getOp() == operation)
                        .mapToLong(Blkio.Value::getValue)
                        .sum()
                : null;
    }

    /**
     * The page.
     *
     * @param agent the agent's own metrics under the names of Mesos
     */
    static String page(AgentView view, List<Container> containers, Map<String, Number> agent) {
        Map<String, Labels> tasks = tasks(view);
        List<String> labels = new ArrayList<>();
        for (Container container : containers) {
            labels.add(labels(container, view, tasks.get(ContainerIds.text(container.getContainerId()))));
        }
        StringBuilder page = new StringBuilder(4096);
        for (Metric metric : METRICS) {
            head(page, metric.name(), metric.type(), metric.help());
            for (int i = 0; i < labels.size(); i++) {
                Number value = metric.value().apply(containers.get(i).getResourceStatistics());
                if (value != null) {
                    page.append(metric.name())
                            .append(labels.get(i))
                            .append(' ')
                            .append(value)
                            .append('\n');
                }
            }
        }
        started(page, containers, labels, tasks);
        machine(page, agent);
        volumes(
                page,
                containers,
                labels,
                "container_volume_usage_bytes",
                "Size of a persistent volume.",
                DiskStatistics::getUsedBytes);
        volumes(
                page,
                containers,
                labels,
                "container_volume_limit_bytes",
                "Size a persistent volume may have.",
                DiskStatistics::getLimitBytes);
        agent.forEach((name, value) -> {
            String plain = name.replaceAll("[^a-zA-Z0-9_:]", "_");
            head(page, plain, "gauge", "Mesos' metric " + name + ".");
            page.append(plain).append(' ').append(value).append('\n');
        });
        return page.toString();
    }

    private static void started(
            StringBuilder page, List<Container> containers, List<String> labels, Map<String, Labels> tasks) {
        head(page, "container_start_time_seconds", "gauge", "When it was started, in seconds since the epoch.");
        for (int i = 0; i < labels.size(); i++) {
            Labels task = tasks.get(ContainerIds.text(containers.get(i).getContainerId()));
            if (task != null) {
                page.append("container_start_time_seconds")
                        .append(labels.get(i))
                        .append(' ')
                        .append(task.started())
                        .append('\n');
            }
        }
    }

    /** What dashboards compare containers with. */
    private static void machine(StringBuilder page, Map<String, Number> agent) {
        Map.of("machine_cpu_cores", "system/cpus_total", "machine_memory_bytes", "system/mem_total_bytes")
                .forEach((name, mesos) -> {
                    Number value = agent.get(mesos);
                    if (value != null) {
                        head(page, name, "gauge", "Mesos' metric " + mesos + ".");
                        page.append(name).append(' ').append(value).append('\n');
                    }
                });
    }

    private static void volumes(
            StringBuilder page,
            List<Container> containers,
            List<String> labels,
            String name,
            String help,
            ToLongFunction<DiskStatistics> value) {
        head(page, name, "gauge", help);
        for (int i = 0; i < labels.size(); i++) {
            String whose = labels.get(i).substring(0, labels.get(i).length() - 1);
            for (DiskStatistics disk : containers.get(i).getResourceStatistics().getDiskStatisticsList()) {
                if (disk.hasPersistence()) {
                    page.append(name)
                            .append(whose)
                            .append(",volume=\"")
                            .append(escaped(disk.getPersistence().getId()))
                            .append("\"} ")
                            .append(value.applyAsLong(disk))
                            .append('\n');
                }
            }
        }
    }

    private static void head(StringBuilder page, String name, String type, String help) {
        page.append("# HELP ").append(name).append(' ').append(help).append('\n');
        page.append("# TYPE ").append(name).append(' ').append(type).append('\n');
    }

    /** What is known of the task of a container. */
    private record Labels(String task, String app, String image, double started) {}

    private static Map<String, Labels> tasks(AgentView view) {
        Map<String, Labels> tasks = new HashMap<>();
        for (FrameworkView framework : view.frameworks()) {
            for (ExecutorView executor : framework.executors()) {
                for (TaskView task : executor.tasks()) {
                    Labels labels =
                            new Labels(task.task().getTaskId().getValue(), app(task), image(task), started(task));
                    for (TaskStatus status : task.task().getStatusesList()) {
                        if (status.getContainerStatus().hasContainerId()) {
                            tasks.put(
                                    ContainerIds.text(
                                            status.getContainerStatus().getContainerId()),
                                    labels);
                        }
                    }
                }
            }
        }
        return tasks;
    }

    private static String app(TaskView task) {
        for (Environment.Variable variable :
                task.info().getCommand().getEnvironment().getVariablesList()) {
            if (variable.getName().equals(APP_VARIABLE)) {
                return variable.getValue();
            }
        }
        return "";
    }

    private static String image(TaskView task) {
        ContainerInfo container = task.info().getContainer();
        return container.getType() == ContainerInfo.Type.DOCKER
                ? container.getDocker().getImage()
                : container.getMesos().getImage().getDocker().getName();
    }

    private static double started(TaskView task) {
        return task.task().getStatusesList().stream()
                .mapToDouble(TaskStatus::getTimestamp)
                .min()
                .orElse(0);
    }

    private static String labels(Container container, AgentView view, @Nullable Labels task) {
        String id = ContainerIds.text(container.getContainerId());
        Map<String, String> labels = new LinkedHashMap<>();
        labels.put("id", id);
        labels.put("name", task == null ? id : task.task());
        labels.put("task_id", task == null ? "" : task.task());
        labels.put("executor_id", container.getExecutorId().getValue());
        labels.put("framework_id", container.getFrameworkId().getValue());
        labels.put("framework", framework(view, container));
        labels.put("app", task == null ? "" : task.app());
        labels.put("image", task == null ? "" : task.image());
        StringBuilder text = new StringBuilder("{");
        labels.forEach((name, value) -> text.append(text.length() == 1 ? "" : ",")
                .append(name)
                .append("=\"")
                .append(escaped(value))
                .append('"'));
        return text.append('}').toString();
    }

    private static String escaped(String value) {
        return value.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n");
    }

    private static String framework(AgentView view, Container container) {
        return view.frameworks().stream()
                .filter(framework -> framework.info().getId().equals(container.getFrameworkId()))
                .map(framework -> framework.info().getName())
                .findFirst()
                .orElse("");
    }
}
