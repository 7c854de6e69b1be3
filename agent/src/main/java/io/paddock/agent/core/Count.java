package io.paddock.agent.core;

import java.util.Locale;

/** What an agent counts since its start, under the names of Mesos' metrics. */
public enum Count {
    TASKS_FINISHED,
    TASKS_FAILED,
    TASKS_KILLED,
    TASKS_LOST,
    TASKS_GONE,
    EXECUTORS_TERMINATED,
    CONTAINER_LAUNCH_ERRORS,
    VALID_STATUS_UPDATES,
    INVALID_STATUS_UPDATES,
    VALID_FRAMEWORK_MESSAGES,
    INVALID_FRAMEWORK_MESSAGES;

    /** The name in {@code /metrics/snapshot}. */
    public String metric() {
        return "slave/" + name().toLowerCase(Locale.ROOT);
    }
}
