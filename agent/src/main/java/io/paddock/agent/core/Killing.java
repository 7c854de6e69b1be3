package io.paddock.agent.core;

import io.paddock.agent.core.Executor.Doom;
import io.paddock.proto.checkpoint.Draining;
import io.paddock.proto.checkpoint.ExecutorAdded;
import io.paddock.proto.link.Drain;
import io.paddock.proto.v1.DrainConfig;
import io.paddock.proto.v1.DurationInfo;
import io.paddock.proto.v1.ExecutorID;
import io.paddock.proto.v1.FrameworkID;
import io.paddock.proto.v1.KillPolicy;
import io.paddock.proto.v1.TaskID;
import io.paddock.proto.v1.TaskState;
import io.paddock.proto.v1.TaskStatus;
import io.paddock.proto.v1.executor.Event;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Ending tasks, executors and frameworks because the master says so, and all tasks because the agent is drained. */
final class Killing {
    private final Decision decision;
    private final StatusUpdates updates;
    private final TerminatedExecutors terminated;

    Killing(Decision decision, StatusUpdates updates, TerminatedExecutors terminated) {
        this.decision = decision;
        this.updates = updates;
        this.terminated = terminated;
    }

    void kill(FrameworkID frameworkId, TaskID taskId, @Nullable KillPolicy policy) {
        Framework framework = decision.state.framework(frameworkId);
        Task task = decision.state.task(frameworkId, taskId);
        if (framework == null || task == null) {
            updates.reportUnknown(
                    frameworkId,
                    framework == null ? null : framework.info,
                    taskId,
                    null,
                    TaskState.TASK_DROPPED,
                    TaskStatus.Reason.REASON_RECONCILIATION,
                    "The task is not on this agent");
            return;
        }
        Executor executor = framework.executorOf(task);
        if (task.finished() || executor == null || executor.ending()) {
            return;
        }
        if (task.stage() == TaskStage.QUEUED) {
            killQueued(framework, executor, task);
            return;
        }
        // It may end before an agent that is killed now is back, and must not be taken for one that failed.
        Task.Kill kill = new Task.Kill(policy);
        if (!kill.equals(task.kill())) {
            decision.commit(Records.killed(frameworkId, taskId, policy));
        }
        if (executor.connection != 0) {
            sendKill(executor, task, policy);
        }
    }

    /** A group starts as a whole or not at all. */
    private void killQueued(Framework framework, Executor executor, Task killed) {
        List<Task> bundle = new ArrayList<>();
        for (Task task : executor.tasksIn(TaskStage.QUEUED)) {
            if (task == killed || (killed.group != null && killed.group.equals(task.group))) {
                bundle.add(task);
            }
        }
        for (Task task : bundle) {
            updates.report(
                    framework,
                    task,
                    TaskState.TASK_KILLED,
                    TaskStatus.Reason.REASON_TASK_KILLED_DURING_LAUNCH,
                    "Killed before it was handed to its executor");
        }
        if (!executor.hadLaunched && !executor.hasUnfinished()) {
            terminated.shutDown(
                    executor,
                    new Doom(
                            TaskState.TASK_KILLED,
                            TaskStatus.Reason.REASON_TASK_KILLED_DURING_LAUNCH,
                            "The executor has no task to run"));
        }
    }

    /** Tasks that could not be handed to their executor. One of ours that has nothing else to do ends. */
    void notDelivered(AgentEvent.TasksNotDelivered event) {
        Framework framework = decision.state.frameworks.get(event.executor().frameworkId());
        Executor executor = decision.executor(event.executor());
        if (framework == null || executor == null) {
            return;
        }
        Doom doom = new Doom(TaskState.TASK_FAILED, TaskStatus.Reason.REASON_CONTAINER_LAUNCH_FAILED, event.message());
        for (TaskID id : event.tasks()) {
            Task task = framework.tasks.get(id.getValue());
            if (task != null && task.executor.equals(executor.key) && !task.finished()) {
                updates.report(framework, task, doom.state(), doom.reason(), doom.message());
            }
        }
        if (executor.kind != ExecutorAdded.Kind.CUSTOM && !executor.hasUnfinished()) {
            terminated.shutDown(executor, doom);
        }
    }

    private void sendKill(Executor executor, Task task, @Nullable KillPolicy asked) {
        Event.Builder event = Event.newBuilder().setType(Event.Type.KILL);
        event.getKillBuilder().setTaskId(task.info.getTaskId());
        KillPolicy policy = limited(task, asked);
        if (policy != null) {
            event.getKillBuilder().setKillPolicy(policy);
        }
        decision.toExecutor(executor.key, event);
    }

    /** While draining no task gets more than the drain's grace period. */
    private @Nullable KillPolicy limited(Task task, @Nullable KillPolicy asked) {
        DrainConfig drain = decision.state.drain();
        if (drain == null || !drain.hasMaxGracePeriod()) {
            return asked;
        }
        KillPolicy own = asked != null ? asked : task.info.getKillPolicy();
        long max = drain.getMaxGracePeriod().getNanoseconds();
        long grace = own.hasGracePeriod() ? Math.min(max, own.getGracePeriod().getNanoseconds()) : max;
        return KillPolicy.newBuilder()
                .setGracePeriod(DurationInfo.newBuilder().setNanoseconds(grace))
                .build();
    }

    /** What was written to an earlier connection may not have arrived. */
    void sendPending(Executor executor) {
        for (Task task : executor.tasksIn(TaskStage.LAUNCHED)) {
            Task.Kill kill = task.kill();
            if (kill != null) {
                sendKill(executor, task, kill.policy());
            }
        }
    }

    void shutDownExecutor(FrameworkID framework, ExecutorID id) {
        Executor executor = decision.executor(ExecutorKey.of(framework, id));
        if (executor != null) {
            terminated.shutDown(
                    executor,
                    new Doom(
                            TaskState.TASK_KILLED,
                            TaskStatus.Reason.REASON_EXECUTOR_TERMINATED,
                            "The executor was shut down by its scheduler"));
        }
    }

    void shutDownFramework(FrameworkID id) {
        Framework framework = decision.state.framework(id);
        if (framework == null) {
            return;
        }
        framework.terminating = true;
        for (Executor executor : List.copyOf(framework.executors.values())) {
            terminated.shutDown(
                    executor,
                    new Doom(
                            TaskState.TASK_KILLED,
                            TaskStatus.Reason.REASON_FRAMEWORK_REMOVED,
                            "The framework was removed"));
            terminated.settle(framework, executor);
        }
    }

    void shutDownAll(String why) {
        for (Framework framework : List.copyOf(decision.state.frameworks.values())) {
            for (Executor executor : List.copyOf(framework.executors.values())) {
                terminated.shutDown(
                        executor, new Doom(TaskState.TASK_KILLED, TaskStatus.Reason.REASON_EXECUTOR_TERMINATED, why));
            }
        }
    }

    /** Begins, changes or (without config) ends the drain. */
    void drain(Drain drain) {
        Draining.Builder wanted = Draining.newBuilder();
        if (drain.hasConfig()) {
            wanted.setConfig(drain.getConfig());
        }
        if (drain.hasSince()) {
            wanted.setSince(drain.getSince());
        }
        Draining draining = wanted.build();
        if (!draining.equals(decision.state.draining())) {
            decision.commit(Records.draining(draining));
        }
        if (!drain.hasConfig()) {
            return;
        }
        for (Framework framework : List.copyOf(decision.state.frameworks.values())) {
            for (Task task : List.copyOf(framework.tasks.values())) {
                kill(framework.info.getId(), task.info.getTaskId(), null);
            }
        }
    }
}
