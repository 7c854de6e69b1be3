package io.paddock.agent.core;

import io.paddock.common.TransitionTable;

/** The life of an executor on its agent. */
public enum ExecutorPhase {
    /** Being started, or expected back after the agent's restart. Tasks for it queue. */
    REGISTERING,
    /** Subscribed. A lost connection does not change this. */
    RUNNING,
    /** Told to shut down, its container being destroyed, or found gone. Takes no more tasks. */
    TERMINATING,
    /** Its container is gone; kept until the last update of its tasks is acknowledged. */
    TERMINATED;

    /** The declared lifecycle. */
    public static final TransitionTable<ExecutorPhase> LIFECYCLE = TransitionTable.of("executor", ExecutorPhase.class)
            .from(REGISTERING, RUNNING, TERMINATING)
            .from(RUNNING, TERMINATING)
            .from(TERMINATING, TERMINATED)
            .build();
}
