package io.paddock.agent.core;

import com.google.protobuf.ByteString;
import io.paddock.proto.link.AcknowledgeStatusUpdate;
import io.paddock.proto.link.FromAgent;
import io.paddock.proto.link.StatusUpdate;
import io.paddock.proto.v1.DrainConfig;
import io.paddock.proto.v1.ExecutorID;
import io.paddock.proto.v1.FrameworkID;
import io.paddock.proto.v1.FrameworkInfo;
import io.paddock.proto.v1.TaskID;
import io.paddock.proto.v1.TaskState;
import io.paddock.proto.v1.TaskStatus;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * The status update streams. Per task at most one update is in flight; it is on disk before it is sent, and sent again
 * after 10 s, doubling to 10 min, until the scheduler has acknowledged it. Source: the status update rules of Mesos.
 */
final class StatusUpdates {
    private static final Duration RESEND_MIN = Duration.ofSeconds(10);
    private static final Duration RESEND_MAX = Duration.ofMinutes(10);

    private final Decision decision;
    private final Registration registration;

    StatusUpdates(Decision decision, Registration registration) {
        this.decision = decision;
        this.registration = registration;
    }

    /**
     * Takes a new status of a task, fills in what the agent knows, and sends it when it is the stream's next.
     *
     * @param status with uuid; the task must not be finished
     */
    void report(Framework framework, Task task, TaskStatus.Builder status) {
        Executor executor = framework.executorOf(task);
        complete(framework, task, executor, status);
        decision.counters.add(status.getState());
        decision.commit(Records.update(task.executor.framework(), status.build()));
        if (framework.terminating) {
            return;
        }
        TaskStatus inFlight = task.inFlight();
        boolean next = inFlight != null && inFlight.getUuid().equals(status.getUuid());
        // With it the master learns at once that the task has ended. A first resend comes soon by itself, and mostly
        // the
        // acknowledgement comes sooner: then nobody sees an update twice.
        boolean overdue = task.attempts > 1 && TaskStates.terminal(status.getState());
        if (next || overdue) {
            send(framework, task);
        }
    }

    /** A status the agent itself gives a task. */
    void report(Framework framework, Task task, TaskState state, TaskStatus.@Nullable Reason reason, String message) {
        TaskStatus.Builder status = TaskStatus.newBuilder()
                .setTaskId(task.info.getTaskId())
                .setState(TaskStates.forFramework(framework.info, state))
                .setSource(TaskStatus.Source.SOURCE_AGENT)
                .setMessage(message)
                .setUuid(decision.ids.updateId());
        if (reason != null) {
            status.setReason(reason);
        }
        report(framework, task, status);
    }

    /**
     * Says that a task is not here. Not repeated and without uuid: the master asks again when it registers the agent or
     * the scheduler reconciles.
     */
    void reportUnknown(
            FrameworkID frameworkId,
            @Nullable FrameworkInfo framework,
            TaskID task,
            @Nullable ExecutorID executor,
            TaskState state,
            TaskStatus.Reason reason,
            String message) {
        TaskState told = framework == null ? state : TaskStates.forFramework(framework, state);
        TaskStatus.Builder status = TaskStatus.newBuilder()
                .setTaskId(task)
                .setState(told)
                .setReason(reason)
                .setMessage(message)
                .setSource(TaskStatus.Source.SOURCE_AGENT)
                .setAgentId(decision.agentId())
                .setTimestamp(decision.nowSeconds());
        if (executor != null) {
            status.setExecutorId(executor);
        }
        if (registration.registered()) {
            decision.toMaster(FromAgent.newBuilder()
                    .setStatusUpdate(StatusUpdate.newBuilder()
                            .setFrameworkId(frameworkId)
                            .setStatus(status)
                            .setLatestState(told)));
        }
    }

    void acknowledged(AcknowledgeStatusUpdate m, TerminatedExecutors terminated) {
        Framework framework = decision.state.framework(m.getFrameworkId());
        Task task = decision.state.task(m.getFrameworkId(), m.getTaskId());
        if (framework == null || task == null || !isInFlight(task, m.getUuid())) {
            return;
        }
        decision.deadlines.cancel(resend(framework, task));
        Executor executor = framework.executorOf(task);
        decision.note(Records.acknowledged(m.getFrameworkId(), m.getTaskId(), m.getUuid()));
        if (task.inFlight() != null) {
            send(framework, task);
        } else if (executor != null) {
            terminated.settle(framework, executor);
        }
    }

    private static boolean isInFlight(Task task, ByteString uuid) {
        TaskStatus inFlight = task.inFlight();
        return inFlight != null && inFlight.getUuid().equals(uuid);
    }

    /** Sends every update in flight again, as after a registration. */
    void resendAll() {
        for (Framework framework : decision.state.frameworks.values()) {
            for (Task task : framework.tasks.values()) {
                if (task.inFlight() != null && !framework.terminating) {
                    task.attempts = 0;
                    send(framework, task);
                }
            }
        }
    }

    void resend(Deadline.ResendUpdate due) {
        Framework framework = decision.state.frameworks.get(due.frameworkId());
        Task task = framework == null ? null : framework.tasks.get(due.taskId());
        if (framework != null && task != null && task.inFlight() != null && !framework.terminating) {
            send(framework, task);
        }
    }

    private void send(Framework framework, Task task) {
        TaskStatus status = task.inFlight();
        if (status == null || !registration.registered()) {
            return;
        }
        decision.toMaster(FromAgent.newBuilder()
                .setStatusUpdate(StatusUpdate.newBuilder()
                        .setFrameworkId(task.executor.framework())
                        .setStatus(status)
                        .setLatestState(task.state())));
        decision.after(resendDelay(task.attempts++), resend(framework, task));
    }

    /** How long to wait for an acknowledgement after a status was sent for the {@code attempts + 1}th time. */
    static Duration resendDelay(int attempts) {
        Duration delay = RESEND_MIN.multipliedBy(1L << Math.min(attempts, 6));
        return delay.compareTo(RESEND_MAX) > 0 ? RESEND_MAX : delay;
    }

    private static Deadline.ResendUpdate resend(Framework framework, Task task) {
        return new Deadline.ResendUpdate(framework.id(), task.id());
    }

    private void complete(Framework framework, Task task, @Nullable Executor executor, TaskStatus.Builder status) {
        status.setAgentId(decision.agentId()).setExecutorId(task.executor.executor());
        if (!status.hasTimestamp()) {
            status.setTimestamp(decision.nowSeconds());
        }
        if (executor != null) {
            if (!status.hasContainerStatus() && executor.status != null) {
                status.setContainerStatus(executor.status);
            }
            if (!status.getContainerStatus().hasContainerId()) {
                status.getContainerStatusBuilder().setContainerId(executor.container);
            }
        }
        DrainConfig drain = decision.state.drain();
        if (drain != null
                && (status.getState() == TaskState.TASK_KILLING || status.getState() == TaskState.TASK_KILLED)) {
            status.setReason(TaskStatus.Reason.REASON_AGENT_DRAINING);
            if (drain.getMarkGone() && status.getState() == TaskState.TASK_KILLED) {
                status.setState(TaskStates.forFramework(framework.info, TaskState.TASK_GONE_BY_OPERATOR));
            }
        }
    }
}
