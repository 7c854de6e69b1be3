package io.paddock.agent.core;

import io.paddock.agent.core.Executor.Doom;
import io.paddock.common.Identifiers;
import io.paddock.common.Rejection;
import io.paddock.common.resources.Resources;
import io.paddock.executor.core.RecoveredTask;
import io.paddock.proto.checkpoint.ExecutorAdded;
import io.paddock.proto.domain.ResourceMessages;
import io.paddock.proto.link.RunTasks;
import io.paddock.proto.v1.ContainerID;
import io.paddock.proto.v1.ExecutorInfo;
import io.paddock.proto.v1.FrameworkInfo;
import io.paddock.proto.v1.Resource;
import io.paddock.proto.v1.TaskGroupInfo;
import io.paddock.proto.v1.TaskInfo;
import io.paddock.proto.v1.TaskState;
import io.paddock.proto.v1.TaskStatus;
import io.paddock.proto.v1.executor.Event;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Tasks on their way to an executor: accepted or dropped, the executor found or started, handed over when it is there. */
final class Launching {
    private final Decision decision;
    private final StatusUpdates updates;
    private boolean closed;

    Launching(Decision decision, StatusUpdates updates) {
        this.decision = decision;
        this.updates = updates;
    }

    /** From now on everything is refused: the agent is leaving. */
    void close() {
        closed = true;
    }

    /** One launch: a single task or a group. A task that is here already is left alone. */
    void run(RunTasks m) {
        FrameworkInfo info = m.getFramework();
        if (m.getTasksList().stream().anyMatch(task -> decision.state.task(info.getId(), task.getTaskId()) != null)) {
            return;
        }
        Framework known = decision.state.framework(info.getId());
        if (known != null && known.terminating) {
            return;
        }
        if (m.hasGroupExecutor()) {
            ExecutorInfo executor = m.getGroupExecutor();
            boolean ours = executor.getType() == ExecutorInfo.Type.DEFAULT;
            launch(
                    info,
                    withFramework(executor, info),
                    ours ? ExecutorAdded.Kind.GROUP : ExecutorAdded.Kind.CUSTOM,
                    m.getTasksList(),
                    m.getTasks(0).getTaskId().getValue(),
                    m.getExecutorRunning());
            return;
        }
        for (TaskInfo task : m.getTasksList()) {
            boolean custom = task.hasExecutor();
            launch(
                    info,
                    custom ? withFramework(task.getExecutor(), info) : CommandExecutors.infoOf(info.getId(), task),
                    custom ? ExecutorAdded.Kind.CUSTOM : ExecutorAdded.Kind.COMMAND,
                    List.of(task),
                    null,
                    custom && m.getExecutorRunning());
        }
    }

    private static ExecutorInfo withFramework(ExecutorInfo executor, FrameworkInfo framework) {
        return executor.toBuilder().setFrameworkId(framework.getId()).build();
    }

    private void launch(
            FrameworkInfo info,
            ExecutorInfo executorInfo,
            ExecutorAdded.Kind kind,
            List<TaskInfo> tasks,
            @Nullable String group,
            boolean mustRun) {
        ExecutorKey key = ExecutorKey.of(info.getId(), executorInfo.getExecutorId());
        Executor executor = decision.executor(key);
        Optional<Doom> objection = objection(info, executorInfo, executor, kind, tasks);
        if (objection.isEmpty() && mustRun && executor == null) {
            objection = doom(
                    TaskState.TASK_DROPPED,
                    TaskStatus.Reason.REASON_EXECUTOR_TERMINATED,
                    "The executor " + key.executorId() + " ended before the task reached it");
        }
        if (objection.isPresent()) {
            drop(info, executorInfo, tasks, objection.get());
            return;
        }
        Framework known = decision.state.framework(info.getId());
        if (known == null || !known.info.equals(info)) {
            decision.commit(Records.framework(info));
        }
        if (executor == null) {
            ContainerID container = ContainerID.newBuilder()
                    .setValue(decision.ids.containerId())
                    .build();
            decision.commit(Records.executor(key, executorInfo, container, kind));
        }
        tasks.forEach(task -> decision.commit(Records.task(key, task, group)));
        Framework framework = decision.state.framework(info.getId());
        Executor found = decision.executor(key);
        if (framework == null || found == null) {
            throw new IllegalStateException(key + " was added and is not there");
        }
        if (executor == null) {
            start(framework, found, false);
        } else if (found.connection != 0) {
            deliver(framework, found);
        }
    }

    /** Why these tasks cannot be run here, if they cannot. */
    private Optional<Doom> objection(
            FrameworkInfo info,
            ExecutorInfo executorInfo,
            @Nullable Executor executor,
            ExecutorAdded.Kind kind,
            List<TaskInfo> tasks) {
        Optional<Rejection> badId = Identifiers.check(
                        "framework_id", info.getId().getValue())
                .or(() -> Identifiers.check(
                        "executor_id", executorInfo.getExecutorId().getValue()));
        for (TaskInfo task : tasks) {
            badId = badId.or(() -> Identifiers.check("task_id", task.getTaskId().getValue()));
        }
        if (badId.isPresent()) {
            return doom(
                    TaskState.TASK_ERROR,
                    TaskStatus.Reason.REASON_TASK_INVALID,
                    badId.get().message());
        }
        if (closed) {
            return doom(
                    TaskState.TASK_KILLED,
                    TaskStatus.Reason.REASON_TASK_KILLED_DURING_LAUNCH,
                    "The agent is leaving the cluster");
        }
        if (decision.state.drain() != null) {
            return doom(TaskState.TASK_KILLED, TaskStatus.Reason.REASON_AGENT_DRAINING, "The agent is being drained");
        }
        if (!hasReserved(executorInfo, tasks)) {
            return doom(
                    TaskState.TASK_DROPPED,
                    TaskStatus.Reason.REASON_RESOURCES_UNKNOWN,
                    "The agent does not have the reserved resources or volumes this task asks for");
        }
        if (executor != null && executor.ending()) {
            return doom(
                    TaskState.TASK_DROPPED,
                    TaskStatus.Reason.REASON_EXECUTOR_TERMINATED,
                    "The executor " + executor.key.executorId() + " is ending");
        }
        if (executor != null && executor.kind != kind) {
            return doom(
                    TaskState.TASK_ERROR,
                    TaskStatus.Reason.REASON_TASK_INVALID,
                    "The executor id " + executor.key.executorId() + " is in use by an executor of another kind");
        }
        return Optional.empty();
    }

    private static Optional<Doom> doom(TaskState state, TaskStatus.Reason reason, String message) {
        return Optional.of(new Doom(state, reason, message));
    }

    /** Whether what must be checkpointed here (dynamic reservations, volumes) is; the rest is the master's business. */
    private boolean hasReserved(ExecutorInfo executor, List<TaskInfo> tasks) {
        List<Resource> all = new ArrayList<>(executor.getResourcesList());
        tasks.forEach(task -> all.addAll(task.getResourcesList()));
        Resources checkpointed =
                ResourceMessages.fromMessages(all).unallocated().filter(Operations::needsCheckpoint);
        Resources totals = decision.state.totals();
        return checkpointed.isEmpty() || (totals != null && totals.contains(checkpointed));
    }

    private void drop(FrameworkInfo info, ExecutorInfo executor, List<TaskInfo> tasks, Doom doom) {
        TaskStatus.Reason reason = doom.reason();
        if (reason == null) {
            throw new IllegalStateException("a task is dropped for a reason");
        }
        for (TaskInfo task : tasks) {
            updates.reportUnknown(
                    info.getId(),
                    info,
                    task.getTaskId(),
                    executor.getExecutorId(),
                    doom.state(),
                    reason,
                    doom.message());
        }
    }

    /** Starts an executor, or takes it up again after a restart of the agent. */
    void start(Framework framework, Executor executor, boolean recovered) {
        String sandbox = SandboxPaths.run(
                decision.settings.workDir(), decision.agentId().getValue(), executor.key, executor.container);
        List<RecoveredTask> tasks = executor.tasksIn(TaskStage.LAUNCHED).stream()
                .map(Task::recovered)
                .collect(Collectors.toList());
        decision.effect(new AgentEffect.LaunchExecutor(new ExecutorLaunch(
                executor.key,
                executor.kind,
                framework.info,
                executor.info,
                executor.container,
                sandbox,
                ExecutorEnvironment.of(decision.settings, decision.agentId(), executor.key, executor.info, sandbox),
                resources(executor),
                recovered,
                tasks)));
    }

    private static List<Resource> resources(Executor executor) {
        List<Resource> all = new ArrayList<>(executor.info.getResourcesList());
        for (Task task : executor.tasks.values()) {
            if (!task.finished()) {
                all.addAll(task.info.getResourcesList());
            }
        }
        return ResourceMessages.toMessages(ResourceMessages.fromMessages(all));
    }

    /** Hands all queued tasks to a connected executor, groups as groups, in the order they came. */
    void deliver(Framework framework, Executor executor) {
        Map<String, List<Task>> bundles = new LinkedHashMap<>();
        for (Task task : executor.tasksIn(TaskStage.QUEUED)) {
            String bundle = task.group == null ? "task " + task.id() : "group " + task.group;
            bundles.computeIfAbsent(bundle, b -> new ArrayList<>()).add(task);
            decision.commit(Records.launched(framework.info.getId(), task.info.getTaskId(), decision.now()));
        }
        if (bundles.isEmpty()) {
            return;
        }
        if (!executor.command()) {
            decision.effect(new AgentEffect.ResizeExecutor(executor.key, executor.container, resources(executor)));
        }
        for (List<Task> bundle : bundles.values()) {
            Event.Builder event = Event.newBuilder();
            if (bundle.get(0).group == null) {
                event.setType(Event.Type.LAUNCH).getLaunchBuilder().setTask(bundle.get(0).info);
            } else {
                TaskGroupInfo.Builder group = TaskGroupInfo.newBuilder();
                bundle.forEach(task -> group.addTasks(task.info));
                event.setType(Event.Type.LAUNCH_GROUP).getLaunchGroupBuilder().setTaskGroup(group);
            }
            decision.toExecutor(executor.key, event);
        }
    }
}
