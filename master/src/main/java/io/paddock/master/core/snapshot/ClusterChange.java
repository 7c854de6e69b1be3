package io.paddock.master.core.snapshot;

import io.paddock.proto.v1.Task;
import io.paddock.proto.v1.TaskState;
import io.paddock.proto.v1.TaskStatus;

/** What the subscribers of the operator API's event stream are told, and what is counted. Views are as of right after the change. */
public sealed interface ClusterChange {
    record AgentAdded(AgentView agent) implements ClusterChange {}

    record AgentRemoved(String agentId) implements ClusterChange {}

    record FrameworkAdded(FrameworkView framework) implements ClusterChange {}

    record FrameworkUpdated(FrameworkView framework) implements ClusterChange {}

    record FrameworkRemoved(FrameworkView framework) implements ClusterChange {}

    record TaskAdded(Task task) implements ClusterChange {}

    /**
     * A task has a new status.
     *
     * @param user whom the task runs as
     * @param state the newest state known, possibly ahead of the status
     */
    record TaskUpdated(String frameworkId, String user, TaskStatus status, TaskState state) implements ClusterChange {}

    /** A task was not launched. It is counted, and streams say nothing of it: they have not told that it was added. */
    record TaskRefused(TaskStatus status) implements ClusterChange {}
}
