package io.paddock.client.testkit;

import io.paddock.proto.v1.TaskState;

/** Task states sorted. */
final class States {
    private States() {}

    /** Whether nothing follows. */
    static boolean isOver(TaskState state) {
        return switch (state) {
            case TASK_STAGING, TASK_STARTING, TASK_RUNNING, TASK_KILLING, TASK_UNREACHABLE, TASK_UNKNOWN -> false;
            case TASK_FINISHED,
                    TASK_FAILED,
                    TASK_KILLED,
                    TASK_ERROR,
                    TASK_LOST,
                    TASK_DROPPED,
                    TASK_GONE,
                    TASK_GONE_BY_OPERATOR -> true;
        };
    }
}
