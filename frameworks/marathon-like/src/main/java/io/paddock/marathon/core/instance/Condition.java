package io.paddock.marathon.core.instance;

import io.paddock.common.TransitionTable;
import java.util.Locale;

/** Where an instance is in its life. Source: Marathon's instance conditions. */
public enum Condition {
    /** Wanted, no agent found yet. */
    SCHEDULED,
    /** Its launch was sent; nothing was heard of it. */
    PROVISIONED,
    /** The agent has it. */
    STAGING,
    /** Its executor has it. */
    STARTING,
    RUNNING,
    /** It was told to end. */
    KILLING,
    /** Its agent is lost; it may run. */
    UNREACHABLE,
    /** Its agent has been lost for so long that a replacement was started. */
    UNREACHABLE_INACTIVE,
    FINISHED,
    FAILED,
    KILLED,
    /** The task was not valid. */
    ERROR,
    /** The agent does not have it any more. */
    GONE,
    /** The launch did not happen. */
    DROPPED,
    /** Nobody knows it. */
    UNKNOWN;

    private static final Condition[] ENDS = {FINISHED, FAILED, KILLED, ERROR, GONE, DROPPED, UNKNOWN};

    /** Which condition may follow which. An ended instance that is still wanted is scheduled again. */
    public static final TransitionTable<Condition> LIFECYCLE = TransitionTable.of("instance", Condition.class)
            .from(SCHEDULED, PROVISIONED)
            .from(PROVISIONED, STAGING, STARTING, RUNNING, KILLING, UNREACHABLE)
            .from(PROVISIONED, ENDS)
            .from(STAGING, STARTING, RUNNING, KILLING, UNREACHABLE)
            .from(STAGING, ENDS)
            .from(STARTING, RUNNING, KILLING, UNREACHABLE)
            .from(STARTING, ENDS)
            .from(RUNNING, KILLING, UNREACHABLE)
            .from(RUNNING, ENDS)
            .from(KILLING, UNREACHABLE)
            .from(KILLING, ENDS)
            .from(UNREACHABLE, STAGING, STARTING, RUNNING, KILLING, UNREACHABLE_INACTIVE)
            .from(UNREACHABLE, ENDS)
            .from(UNREACHABLE_INACTIVE, STAGING, STARTING, RUNNING, KILLING)
            .from(UNREACHABLE_INACTIVE, ENDS)
            .from(FINISHED, SCHEDULED)
            .from(FAILED, SCHEDULED)
            .from(KILLED, SCHEDULED)
            .from(ERROR, SCHEDULED)
            .from(GONE, SCHEDULED)
            .from(DROPPED, SCHEDULED)
            .from(UNKNOWN, SCHEDULED)
            .build();

    /** Whether the task of the instance is over. */
    public boolean isTerminal() {
        switch (this) {
            case FINISHED:
            case FAILED:
            case KILLED:
            case ERROR:
            case GONE:
            case DROPPED:
            case UNKNOWN:
                return true;
            case SCHEDULED:
            case PROVISIONED:
            case STAGING:
            case STARTING:
            case RUNNING:
            case KILLING:
            case UNREACHABLE:
            case UNREACHABLE_INACTIVE:
                return false;
        }
        throw new AssertionError(this);
    }

    /** Whether its agent is lost. */
    public boolean isUnreachable() {
        return this == UNREACHABLE || this == UNREACHABLE_INACTIVE;
    }

    /** Whether there is, or may be, a task on an agent. */
    public boolean isPlaced() {
        return this != SCHEDULED && !isTerminal();
    }

    /** Whether this way of ending counts against the app and delays its next start. */
    public boolean isFailure() {
        return this == FINISHED || this == FAILED || this == ERROR || this == DROPPED || this == GONE;
    }

    /** As events spell it: {@code UnreachableInactive}. */
    public String apiName() {
        StringBuilder text = new StringBuilder();
        for (String word : name().split("_", -1)) {
            text.append(word.charAt(0)).append(word.substring(1).toLowerCase(Locale.ROOT));
        }
        return text.toString();
    }
}
