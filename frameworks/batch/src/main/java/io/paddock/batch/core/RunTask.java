package io.paddock.batch.core;

import io.paddock.proto.v1.TaskState;
import io.paddock.proto.v1.TaskStatus;
import java.time.Instant;
import java.util.EnumSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One try of a run.
 *
 * @param state TASK_STAGING until something is heard of it
 * @param heardOf whether an agent ever reported on it
 * @param message what its last status said; may be empty
 * @param reason of its last status, as its name; null without one
 */
public record RunTask(
        String id,
        String agentId,
        String host,
        Instant startedAt,
        @Nullable Instant completedAt,
        TaskState state,
        boolean heardOf,
        String message,
        @Nullable String reason) {
    private static final Set<TaskState> ALIVE = EnumSet.of(
            TaskState.TASK_STAGING,
            TaskState.TASK_STARTING,
            TaskState.TASK_RUNNING,
            TaskState.TASK_KILLING,
            TaskState.TASK_UNREACHABLE);
    private static final Set<TaskState> NEVER_RAN = EnumSet.of(
            TaskState.TASK_DROPPED,
            TaskState.TASK_LOST,
            TaskState.TASK_GONE,
            TaskState.TASK_GONE_BY_OPERATOR,
            TaskState.TASK_UNKNOWN);

    static RunTask launched(String id, String agentId, String host, Instant at) {
        return new RunTask(id, agentId, host, at, null, TaskState.TASK_STAGING, false, "", null);
    }

    RunTask updated(Instant at, TaskStatus status) {
        boolean alive = ALIVE.contains(status.getState());
        boolean fromAgent = status.hasUuid()
                || status.getState() == TaskState.TASK_RUNNING
                || status.getState() == TaskState.TASK_STARTING;
        return new RunTask(
                id,
                agentId,
                host,
                startedAt,
                alive ? null : at,
                status.getState(),
                heardOf || fromAgent,
                status.getMessage(),
                status.hasReason() ? status.getReason().name() : null);
    }

    public boolean alive() {
        return ALIVE.contains(state);
    }

    /** Ended without ever having been on an agent: trying again is no second execution. */
    boolean neverRan() {
        return state == TaskState.TASK_DROPPED || (!heardOf && NEVER_RAN.contains(state));
    }
}
