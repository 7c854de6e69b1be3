package io.paddock.executor.core;

import io.paddock.common.TransitionTable;

/** The life of a task in its executor. */
public enum TaskPhase {
    /** The container is being started; TASK_STARTING was reported. */
    STARTING,
    /** The container runs; TASK_RUNNING was reported. */
    RUNNING,
    /** It is being ended by a kill, a failed health check, a shutdown, its group or its completion limit. */
    STOPPING,
    FINISHED,
    FAILED,
    KILLED;

    /** The declared lifecycle. */
    public static final TransitionTable<TaskPhase> LIFECYCLE = TransitionTable.of("task", TaskPhase.class)
            .from(STARTING, RUNNING, STOPPING, FAILED)
            .from(RUNNING, STOPPING, FINISHED, FAILED)
            .from(STOPPING, FAILED, KILLED)
            .build();

    public boolean terminal() {
        return this == FINISHED || this == FAILED || this == KILLED;
    }
}
