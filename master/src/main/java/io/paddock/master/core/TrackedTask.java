package io.paddock.master.core;

import com.google.protobuf.ByteString;
import io.paddock.common.resources.Resources;
import io.paddock.proto.v1.KillPolicy;
import io.paddock.proto.v1.Task;
import io.paddock.proto.v1.TaskState;
import io.paddock.proto.v1.TaskStatus;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A task that the master has on its books: not terminal, or terminal and not yet acknowledged. It holds its resources
 * until its newest state is terminal.
 */
final class TrackedTask {
    private static final Set<TaskState> TERMINAL = Set.of(
            TaskState.TASK_FINISHED,
            TaskState.TASK_FAILED,
            TaskState.TASK_KILLED,
            TaskState.TASK_ERROR,
            TaskState.TASK_LOST,
            TaskState.TASK_DROPPED,
            TaskState.TASK_GONE,
            TaskState.TASK_GONE_BY_OPERATOR);

    final String frameworkId;
    final String agentId;
    final String id;
    final @Nullable String executorId;
    final String role;
    /** Allocated to the role. */
    final Resources resources;

    private Task message;
    /** False once the resources were given back. */
    boolean holding;
    /** The scheduler asked to kill it: asked again when the agent comes back. */
    boolean killAsked;

    @Nullable
    KillPolicy killPolicy;

    TrackedTask(Task message, String role, Resources resources) {
        this.frameworkId = message.getFrameworkId().getValue();
        this.agentId = message.getAgentId().getValue();
        this.id = message.getTaskId().getValue();
        this.executorId = message.hasExecutorId() ? message.getExecutorId().getValue() : null;
        this.role = role;
        this.resources = resources;
        this.message = message;
        this.holding = !isTerminal(message.getState());
    }

    static boolean isTerminal(TaskState state) {
        return TERMINAL.contains(state);
    }

    Task message() {
        return message;
    }

    /** The newest state known, possibly ahead of what the scheduler was told. */
    TaskState state() {
        return message.getState();
    }

    boolean isTerminal() {
        return isTerminal(message.getState());
    }

    /** What the agent knows newer of its own task replaces what was known. */
    void replace(Task newer) {
        message = newer;
    }

    /**
     * Notes a status on its way to the scheduler. A terminal state stays. Of several statuses in a row with the same state
     * the last is kept, so that health checks do not pile up. One sent again keeps its place: an agent that comes back
     * tells of newer ones first.
     */
    void update(TaskStatus status, TaskState latest) {
        Task.Builder task = message.toBuilder().setStatusUpdateState(status.getState());
        if (status.hasUuid()) {
            task.setStatusUpdateUuid(status.getUuid());
        } else {
            task.clearStatusUpdateUuid();
        }
        if (!isTerminal()) {
            task.setState(latest);
        }
        // Like the v1 API, the history does not carry the opaque bytes meant for the scheduler.
        TaskStatus kept = status.toBuilder().clearData().build();
        int last = task.getStatusesCount() - 1;
        int place = placeOf(status.getUuid());
        if (place >= 0) {
            task.setStatuses(place, kept);
        } else if (last >= 0 && task.getStatuses(last).getState() == status.getState()) {
            task.setStatuses(last, kept);
        } else {
            task.addStatuses(kept);
        }
        message = task.build();
    }

    private int placeOf(ByteString uuid) {
        for (int i = message.getStatusesCount() - 1; i >= 0 && !uuid.isEmpty(); i--) {
            if (message.getStatuses(i).getUuid().equals(uuid)) {
                return i;
            }
        }
        return -1;
    }

    /** The last status the scheduler was told, if there was one. */
    @Nullable
    TaskStatus lastStatus() {
        int told = placeOf(message.getStatusUpdateUuid());
        int last = told >= 0 ? told : message.getStatusesCount() - 1;
        return last < 0 ? null : message.getStatuses(last);
    }
}
