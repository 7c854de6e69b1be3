package io.paddock.marathon.core;

/** Why something has to be looked at again at some time. */
enum Due {
    /** A failing app may be launched again. */
    DELAY_OVER,
    /** A launched instance should have come further by now. */
    LAUNCH_OVERDUE,
    /** A kill should have had its effect by now. */
    KILL_RETRY,
    /** An instance on a lost agent is replaced. */
    INACTIVE,
    /** An instance on a lost agent is given up. */
    EXPUNGE,
    HEALTH_CHECK,
    READINESS_CHECK,
    /** Offers are asked for again. */
    REVIVE,
    /** Tasks the master has not answered for are asked for again. */
    RECONCILE_REST,
    /** All tasks are asked for again. */
    RECONCILE_ALL,
    /** An app with many instances is looked at again. */
    SETTLE
}
