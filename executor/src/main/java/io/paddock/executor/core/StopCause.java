package io.paddock.executor.core;

/** Why a task is being ended. The first cause decides how the task is reported; later ones only shorten the grace. */
enum StopCause {
    /** The framework asked for it. */
    KILL(TaskPhase.KILLED),
    /** The executor shuts down. */
    SHUTDOWN(TaskPhase.KILLED),
    /** Too many failed health checks in a row. */
    UNHEALTHY(TaskPhase.KILLED),
    /** Another task of its group failed or was killed. */
    GROUP(TaskPhase.KILLED),
    /** It ran longer than its max_completion_time. */
    COMPLETION_LIMIT(TaskPhase.FAILED);

    private final TaskPhase end;

    StopCause(TaskPhase end) {
        this.end = end;
    }

    TaskPhase end() {
        return end;
    }
}
