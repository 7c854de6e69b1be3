package io.paddock.agent.core;

import io.paddock.common.TransitionTable;

/** Where a task is on its agent, independent of the state its executor reports. */
public enum TaskStage {
    /** Accepted; its executor has not got it yet. */
    QUEUED,
    /** Handed to its executor. */
    LAUNCHED,
    /** A terminal update is on its way to the scheduler. */
    TERMINATED,
    /** The terminal update is acknowledged: history. */
    COMPLETED;

    /** The declared lifecycle. */
    public static final TransitionTable<TaskStage> LIFECYCLE = TransitionTable.of("task", TaskStage.class)
            .from(QUEUED, LAUNCHED, TERMINATED)
            .from(LAUNCHED, TERMINATED)
            .from(TERMINATED, COMPLETED)
            .build();
}
