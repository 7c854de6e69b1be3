package io.paddock.master.core;

import io.paddock.proto.v1.Task;
import io.paddock.proto.v1.TaskInfo;
import io.paddock.proto.v1.TaskState;
import io.paddock.proto.v1.TaskStatus;
import io.paddock.proto.v1.scheduler.Event;
import java.time.Instant;

/**
 * Statuses made by the master itself. They have no uuid: the scheduler must not acknowledge them, and they are not
 * repeated.
 */
final class Statuses {
    private Statuses() {}

    /** About a task that never got onto the books. */
    static TaskStatus refused(
            Instant now,
            Framework framework,
            TaskInfo task,
            TaskState state,
            TaskStatus.Reason reason,
            String message) {
        TaskStatus.Builder status = about(now, FrameworkFormat.state(framework, state), reason, message)
                .setTaskId(task.getTaskId())
                .setAgentId(task.getAgentId());
        if (task.hasExecutor()) {
            status.setExecutorId(task.getExecutor().getExecutorId());
        }
        return status.build();
    }

    /** About a task on the books. */
    static TaskStatus.Builder of(
            Instant now, Framework framework, Task task, TaskState state, TaskStatus.Reason reason, String message) {
        TaskStatus.Builder status = about(now, FrameworkFormat.state(framework, state), reason, message)
                .setTaskId(task.getTaskId())
                .setAgentId(task.getAgentId());
        if (task.hasExecutorId()) {
            status.setExecutorId(task.getExecutorId());
        }
        return status;
    }

    static TaskStatus.Builder about(Instant now, TaskState state, TaskStatus.Reason reason, String message) {
        return TaskStatus.newBuilder()
                .setState(state)
                .setSource(TaskStatus.Source.SOURCE_MASTER)
                .setReason(reason)
                .setMessage(message)
                .setTimestamp(Ids.seconds(now));
    }

    static Event.Builder event(TaskStatus status) {
        return Event.newBuilder()
                .setType(Event.Type.UPDATE)
                .setUpdate(Event.Update.newBuilder().setStatus(status));
    }
}
