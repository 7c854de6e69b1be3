package io.paddock.master.server.read;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Measurement;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.Statistic;
import io.paddock.common.resources.Resources;
import io.paddock.master.core.snapshot.AgentView;
import io.paddock.master.core.snapshot.ClusterChange;
import io.paddock.master.core.snapshot.ClusterSnapshot;
import io.paddock.master.core.snapshot.Count;
import io.paddock.master.core.snapshot.FrameworkTally;
import io.paddock.master.core.snapshot.FrameworkView;
import io.paddock.master.core.snapshot.MasterFigures;
import io.paddock.platform.metrics.MachineStats;
import io.paddock.platform.metrics.Metrics;
import io.paddock.proto.v1.Task;
import io.paddock.proto.v1.TaskState;
import io.paddock.proto.v1.TaskStatus;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The metrics of a master under the names Mesos gave them. Gauges come from the snapshot, counters from the changes seen
 * since this master leads; a server's own meters whose names hold a slash appear too.
 */
final class ClusterMetrics {
    private static final List<String> SCALARS = List.of("cpus", "gpus", "mem", "disk");
    private static final Set<TaskState> TERMINAL = EnumSet.of(
            TaskState.TASK_FINISHED,
            TaskState.TASK_FAILED,
            TaskState.TASK_KILLED,
            TaskState.TASK_LOST,
            TaskState.TASK_ERROR,
            TaskState.TASK_DROPPED,
            TaskState.TASK_GONE,
            TaskState.TASK_GONE_BY_OPERATOR);
    private static final Set<TaskState> PRESENT =
            EnumSet.of(TaskState.TASK_STAGING, TaskState.TASK_STARTING, TaskState.TASK_RUNNING, TaskState.TASK_KILLING);

    /** How a task ended; one that ran to its end has no reason. */
    private record End(TaskState state, TaskStatus.Source source, TaskStatus.@Nullable Reason reason) {}

    private final Metrics metrics;
    /** Found once, as a counter's name is put together from four parts. */
    private final Map<End, List<Counter>> ended = new ConcurrentHashMap<>();

    private final Instant startedAt;
    private final boolean ofFrameworks;
    private final PrincipalMetrics principals;
    private final LongSupplier sharedReads;

    /**
     * @param ofFrameworks whether each framework's own are wanted
     * @param sharedReads how many reads were answered from what an earlier one was
     */
    ClusterMetrics(
            Metrics metrics,
            Instant startedAt,
            boolean ofFrameworks,
            PrincipalMetrics principals,
            LongSupplier sharedReads) {
        this.metrics = metrics;
        this.startedAt = startedAt;
        this.ofFrameworks = ofFrameworks;
        this.principals = principals;
        this.sharedReads = sharedReads;
        TERMINAL.forEach(state -> metrics.registry().counter("master/tasks_" + shortName(state)));
    }

    /** Counts a task that ended or was not launched. Called in the order of changes. */
    void count(ClusterChange change) {
        if (change instanceof ClusterChange.TaskUpdated updated && TERMINAL.contains(updated.state())) {
            count(updated.state(), updated.status());
        } else if (change instanceof ClusterChange.TaskRefused refused) {
            count(refused.status().getState(), refused.status());
        }
    }

    private void count(TaskState state, TaskStatus status) {
        TaskStatus.Reason reason = status.hasReason() ? status.getReason() : null;
        ended.computeIfAbsent(new End(state, status.getSource(), reason), this::counters)
                .forEach(Counter::increment);
    }

    private List<Counter> counters(End end) {
        String state = shortName(end.state());
        Counter all = metrics.registry().counter("master/tasks_" + state);
        if (end.reason() == null) {
            return List.of(all);
        }
        return List.of(
                all,
                metrics.registry()
                        .counter("master/task_" + state + "/" + oldName(end.source()) + "/" + oldName(end.reason())));
    }

    /** As before agents had their name. */
    private static String oldName(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT).replace("agent", "slave");
    }

    /** All of them by name; of a standby master only its own. */
    SortedMap<String, Double> values(
            @Nullable ClusterSnapshot snapshot, @Nullable MasterFigures figures, int subscribers) {
        SortedMap<String, Double> values = ofTheCluster(snapshot, figures, subscribers);
        ownMeters(values);
        return values;
    }

    /** The same without this server's own meters. */
    SortedMap<String, Double> ofTheCluster(
            @Nullable ClusterSnapshot snapshot, @Nullable MasterFigures figures, int subscribers) {
        SortedMap<String, Double> values = new TreeMap<>();
        values.put(
                "master/uptime_secs", Duration.between(startedAt, Instant.now()).toMillis() / 1000.0);
        values.put("master/elected", snapshot == null ? 0.0 : 1.0);
        values.put("master/operator_event_stream_subscribers", (double) subscribers);
        values.put("master/http_cache_hits", (double) sharedReads.getAsLong());
        values.putAll(MachineStats.metrics());
        for (Count count : Count.values()) {
            values.put(count.metric(), snapshot == null ? 0.0 : snapshot.tally().of(count));
        }
        if (snapshot != null) {
            agents(snapshot, values);
            frameworks(snapshot.frameworks(), values);
            tasks(snapshot, values);
            OperationMetrics.of(snapshot, values);
            QuotaView.metrics(snapshot, values);
        }
        if (snapshot != null && figures != null) {
            AllocatorMetrics.figures(figures.allocator(), values);
            principals.add(snapshot, figures, values);
        }
        if (snapshot != null && figures != null && ofFrameworks) {
            ofFrameworks(snapshot, figures, values);
        }
        return values;
    }

    private static void ofFrameworks(
            ClusterSnapshot snapshot, MasterFigures figures, SortedMap<String, Double> values) {
        ClusterIndex index = new ClusterIndex(snapshot);
        for (FrameworkView framework : snapshot.frameworks()) {
            FrameworkTally tally = figures.frameworks().get(framework.id());
            if (tally != null) {
                new FrameworkMetrics(framework, values).add(framework, tally, index.tasksOf(framework.id()));
            }
        }
    }

    private void ownMeters(SortedMap<String, Double> values) {
        for (Meter meter : metrics.registry().getMeters()) {
            if (meter.getId().getName().contains("/")) {
                for (Measurement measurement : meter.measure()) {
                    boolean plain = measurement.getStatistic() == Statistic.VALUE
                            || meter.getId().getType() == Meter.Type.COUNTER;
                    String name = plain
                            ? meter.getId().getName()
                            : meter.getId().getName() + "/"
                                    + measurement.getStatistic().getTagValueRepresentation();
                    if (Double.isFinite(measurement.getValue())) {
                        values.put(name, measurement.getValue());
                    }
                }
            }
        }
    }

    private static void agents(ClusterSnapshot snapshot, SortedMap<String, Double> values) {
        Resources.Builder total = new Resources.Builder();
        Resources.Builder used = new Resources.Builder();
        Resources.Builder offered = new Resources.Builder();
        long connected = 0;
        long active = 0;
        long offers = 0;
        for (AgentView agent : snapshot.agents()) {
            total.add(agent.total());
            used.add(agent.used().unallocated());
            offered.add(agent.offered().unallocated());
            connected += agent.connected() ? 1 : 0;
            active += agent.active() ? 1 : 0;
            offers += agent.offers().size();
        }
        int all = snapshot.agents().size();
        values.put("master/slaves_connected", (double) connected);
        values.put("master/slaves_disconnected", (double) (all - connected));
        values.put("master/slaves_active", (double) active);
        values.put("master/slaves_inactive", (double) (all - active));
        values.put("master/slaves_unreachable", (double)
                snapshot.unreachableAgents().size());
        values.put("master/outstanding_offers", (double) offers);
        AllocatorMetrics.resources(total.build(), used.build().plus(offered.build()), values);
        for (boolean revocable : new boolean[] {false, true}) {
            Resources totals = total.build().filter(key -> key.revocable() == revocable);
            Resources uses = used.build().filter(key -> key.revocable() == revocable);
            for (String name : SCALARS) {
                String prefix = "master/" + name + (revocable ? "_revocable" : "");
                double have = totals.scalar(name);
                values.put(prefix + "_total", have);
                values.put(prefix + "_used", uses.scalar(name));
                values.put(prefix + "_percent", have == 0 ? 0 : uses.scalar(name) / have);
            }
        }
    }

    private static void frameworks(List<FrameworkView> frameworks, SortedMap<String, Double> values) {
        double connected = frameworks.stream().filter(FrameworkView::connected).count();
        double active = frameworks.stream().filter(FrameworkView::active).count();
        values.put("master/frameworks_connected", connected);
        values.put("master/frameworks_disconnected", frameworks.size() - connected);
        values.put("master/frameworks_active", active);
        values.put("master/frameworks_inactive", frameworks.size() - active);
    }

    private static void tasks(ClusterSnapshot snapshot, SortedMap<String, Double> values) {
        Map<TaskState, Integer> counts =
                ClusterIndex.count(snapshot.agents().stream().flatMap(agent -> agent.tasks().stream()));
        PRESENT.forEach(
                state -> values.put("master/tasks_" + shortName(state), (double) counts.getOrDefault(state, 0)));
        long unreachable = snapshot.frameworks().stream()
                .map(FrameworkView::unreachableTasks)
                .mapToLong((List<Task> tasks) -> tasks.size())
                .sum();
        values.put("master/tasks_unreachable", (double) unreachable);
    }

    private static String shortName(TaskState state) {
        return state.name().substring("TASK_".length()).toLowerCase(Locale.ROOT);
    }
}
