package io.paddock.agent.server;

import io.paddock.proto.link.FromAgent;
import io.paddock.proto.link.RunTasks;
import io.paddock.proto.link.StatusUpdate;
import io.paddock.proto.v1.TaskInfo;
import io.paddock.proto.v1.TaskState;
import io.paddock.proto.v1.TaskStatus;
import java.time.Instant;
import java.util.List;

/**
 * The answer to a launch while the agent's disk cannot be written. The core must not see the launch: what it decides would wait
 * for the disk. Without uuid, since nothing of it is kept here.
 */
final class DiskRefusal {
    private DiskRefusal() {}

    static List<FromAgent> of(RunTasks run, String trouble, Instant now) {
        return run.getTasksList().stream()
                .map(task -> FromAgent.newBuilder()
                        .setStatusUpdate(StatusUpdate.newBuilder()
                                .setFrameworkId(run.getFramework().getId())
                                .setStatus(failed(task, trouble, now))
                                .setLatestState(TaskState.TASK_FAILED))
                        .build())
                .toList();
    }

    private static TaskStatus failed(TaskInfo task, String trouble, Instant now) {
        return TaskStatus.newBuilder()
                .setTaskId(task.getTaskId())
                .setAgentId(task.getAgentId())
                .setState(TaskState.TASK_FAILED)
                .setSource(TaskStatus.Source.SOURCE_AGENT)
                .setReason(TaskStatus.Reason.REASON_CONTAINER_LAUNCH_FAILED)
                .setMessage("Not started: " + trouble)
                .setTimestamp(now.toEpochMilli() / 1000.0)
                .build();
    }
}
