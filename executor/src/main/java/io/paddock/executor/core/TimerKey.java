package io.paddock.executor.core;

/**
 * Names one timer of an executor.
 *
 * @param taskId the task it belongs to; empty for {@link Purpose#EXIT}
 */
public record TimerKey(Purpose purpose, String taskId) {
    /** What a timer is for. */
    public enum Purpose {
        /** Run the next check. */
        CHECK,
        /** Run the next health check. */
        HEALTH_CHECK,
        /** The grace period of a kill is over: SIGKILL. */
        KILL_ESCALATION,
        /** The task's max_completion_time is over. */
        COMPLETION,
        /** Stop waiting for acknowledgements and exit. */
        EXIT
    }

    static final TimerKey EXIT = new TimerKey(Purpose.EXIT, "");
}
