package io.paddock.batch.core;

import io.paddock.common.TransitionTable;

/** The life of a run. */
public enum RunPhase {
    /** Created, not yet queued. */
    INITIAL,
    /** Waits for an offer, or for its task to be heard of. */
    STARTING,
    /** Its task is staging, starting or running. */
    ACTIVE,
    SUCCESS,
    FAILED;

    /** The declared lifecycle. */
    public static final TransitionTable<RunPhase> LIFECYCLE = TransitionTable.of("run", RunPhase.class)
            .from(INITIAL, STARTING)
            .from(STARTING, ACTIVE, FAILED)
            .from(ACTIVE, STARTING, SUCCESS, FAILED)
            .build();
}
