package io.paddock.agent.core;

import io.paddock.common.resources.Resources;
import io.paddock.proto.checkpoint.Draining;
import io.paddock.proto.v1.AgentID;
import io.paddock.proto.v1.AgentInfo;
import io.paddock.proto.v1.ContainerID;
import io.paddock.proto.v1.ExecutorInfo;
import io.paddock.proto.v1.FrameworkInfo;
import io.paddock.proto.v1.MasterInfo;
import io.paddock.proto.v1.Operation;
import io.paddock.proto.v1.Task;
import io.paddock.proto.v1.TaskInfo;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The agent at one instant, for readers on any thread.
 *
 * @param info with the id once there is one; resources are the totals of the start
 * @param totals with dynamic reservations and volumes
 * @param standing with the leading master
 * @param master the master that registered the agent last, connected or not
 * @param operations those whose last status was not acknowledged
 * @param counts since the start; what never happened is not there
 */
public record AgentView(
        AgentInfo info,
        String pid,
        Resources totals,
        Registration.Phase standing,
        @Nullable MasterInfo master,
        Draining draining,
        List<FrameworkView> frameworks,
        List<FrameworkView> completedFrameworks,
        List<Operation> operations,
        Map<Count, Long> counts) {

    /** Whether a master has let the agent in and the link to it is open. */
    public boolean registered() {
        return standing == Registration.Phase.REGISTERED;
    }

    /** A framework with its executors here. */
    public record FrameworkView(FrameworkInfo info, List<ExecutorView> executors, List<ExecutorView> completed) {}

    /** An executor; {@code sandbox} is its directory on the host. */
    public record ExecutorView(
            ExecutorInfo info,
            ContainerID container,
            String sandbox,
            boolean command,
            ExecutorPhase phase,
            List<TaskView> tasks,
            List<TaskView> completedTasks) {}

    /** A task as the API shows it, and as it was asked for. */
    public record TaskView(Task task, TaskInfo info, TaskStage stage) {}

    static AgentView of(Decision decision, Registration registration) {
        AgentSettings settings = decision.settings;
        AgentState state = decision.state;
        AgentID id = state.id();
        AgentInfo info = id == null
                ? settings.info()
                : settings.info().toBuilder().setId(id).build();
        Resources totals = state.totals();
        return new AgentView(
                info,
                settings.pid(),
                totals == null ? Resources.EMPTY : totals,
                registration.phase(),
                registration.master(),
                state.draining(),
                frameworks(settings, info, state.frameworks.values()),
                frameworks(settings, info, state.completed),
                operations(info.getId(), state),
                decision.counters.counts());
    }

    private static List<Operation> operations(AgentID agent, AgentState state) {
        List<Operation> operations = new ArrayList<>();
        state.pendingOperations.values().forEach(operation -> operations.add(operation.message(agent)));
        return operations;
    }

    private static List<FrameworkView> frameworks(
            AgentSettings settings, AgentInfo info, Collection<Framework> frameworks) {
        List<FrameworkView> views = new ArrayList<>();
        for (Framework framework : frameworks) {
            views.add(new FrameworkView(
                    framework.info,
                    executors(settings, info, framework.executors.values()),
                    executors(settings, info, framework.completed)));
        }
        return views;
    }

    private static List<ExecutorView> executors(
            AgentSettings settings, AgentInfo info, Collection<Executor> executors) {
        List<ExecutorView> views = new ArrayList<>();
        for (Executor executor : executors) {
            views.add(new ExecutorView(
                    executor.info,
                    executor.container,
                    SandboxPaths.run(settings.workDir(), info.getId().getValue(), executor.key, executor.container),
                    executor.command(),
                    executor.phase(),
                    tasks(info.getId(), executor, executor.tasks.values()),
                    tasks(info.getId(), executor, executor.completed)));
        }
        return views;
    }

    private static List<TaskView> tasks(
            AgentID agent, Executor executor, Collection<io.paddock.agent.core.Task> tasks) {
        List<TaskView> views = new ArrayList<>();
        tasks.forEach(task -> views.add(new TaskView(task.message(executor.command()), task.info, task.stage())));
        return views;
    }
}
