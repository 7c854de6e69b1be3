package io.paddock.agent.server.http;

import io.paddock.agent.core.AgentView;
import io.paddock.agent.core.AgentView.ExecutorView;
import io.paddock.agent.core.AgentView.FrameworkView;
import io.paddock.agent.core.AgentView.TaskView;
import io.paddock.agent.core.Count;
import io.paddock.agent.core.ExecutorPhase;
import io.paddock.agent.core.TaskStage;
import io.paddock.common.resources.Resources;
import io.paddock.platform.metrics.MachineStats;
import io.paddock.proto.domain.ResourceMessages;
import io.paddock.proto.v1.Resource;
import io.paddock.proto.v1.TaskState;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** {@code /metrics/snapshot}: the agent's metrics under the names Mesos gives them, computed from a view. */
final class AgentMetrics {
    private static final List<String> SCALARS = List.of("cpus", "gpus", "mem", "disk");

    private AgentMetrics() {}

    /** What cannot happen here, for those who ask: no recovery goes on after an error, and there are no such providers. */
    private static final List<String> NEVER = List.of(
            "slave/recovery_errors",
            "slave/executors_preempted",
            "containerizer/mesos/provisioner/bind/remove_rootfs_errors",
            "resource_provider_manager/subscribed",
            "resource_provider_manager/events/subscribe",
            "resource_provider_manager/events/disconnect");

    /** @param more of what the view does not know */
    static Map<String, Number> of(AgentView view, Instant startTime, Map<String, Number> more) {
        Map<String, Number> m = new TreeMap<>(MachineStats.metrics());
        m.putAll(more);
        NEVER.forEach(name -> m.put(name, 0));
        m.put("slave/uptime_secs", Duration.between(startTime, Instant.now()).toMillis() / 1000.0);
        m.put("slave/registered", view.registered() ? 1 : 0);
        m.put("slave/frameworks_active", view.frameworks().size());
        Map<TaskState, Integer> states = new EnumMap<>(TaskState.class);
        Map<ExecutorPhase, Integer> phases = new EnumMap<>(ExecutorPhase.class);
        List<Resource> used = new ArrayList<>();
        for (FrameworkView framework : view.frameworks()) {
            for (ExecutorView executor : framework.executors()) {
                phases.merge(executor.phase(), 1, Integer::sum);
                used.addAll(executor.info().getResourcesList());
                for (TaskView task : executor.tasks()) {
                    if (task.stage() == TaskStage.QUEUED || task.stage() == TaskStage.LAUNCHED) {
                        used.addAll(task.task().getResourcesList());
                    }
                }
                executor.tasks().forEach(t -> states.merge(t.task().getState(), 1, Integer::sum));
            }
        }
        for (TaskState state : List.of(
                TaskState.TASK_STAGING, TaskState.TASK_STARTING, TaskState.TASK_RUNNING, TaskState.TASK_KILLING)) {
            String name = state.name().substring("TASK_".length()).toLowerCase(Locale.ROOT);
            m.put("slave/tasks_" + name, states.getOrDefault(state, 0));
        }
        m.put("slave/executors_registering", phases.getOrDefault(ExecutorPhase.REGISTERING, 0));
        m.put("slave/executors_running", phases.getOrDefault(ExecutorPhase.RUNNING, 0));
        m.put("slave/executors_terminating", phases.getOrDefault(ExecutorPhase.TERMINATING, 0));
        for (Count count : Count.values()) {
            m.put(count.metric(), view.counts().getOrDefault(count, 0L));
        }
        addResources(m, view.totals(), ResourceMessages.fromMessages(used));
        return m;
    }

    private static void addResources(Map<String, Number> m, Resources totals, Resources used) {
        for (String name : SCALARS) {
            double total = totals.scalar(name);
            double taken = used.scalar(name);
            m.put("slave/" + name + "_total", total);
            m.put("slave/" + name + "_used", taken);
            m.put("slave/" + name + "_percent", total > 0 ? taken / total : 0);
            m.put("slave/" + name + "_revocable_total", 0);
            m.put("slave/" + name + "_revocable_used", 0);
            m.put("slave/" + name + "_revocable_percent", 0);
        }
    }
}
