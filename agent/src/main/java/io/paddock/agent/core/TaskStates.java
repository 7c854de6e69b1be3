package io.paddock.agent.core;

import io.paddock.proto.v1.FrameworkInfo;
import io.paddock.proto.v1.TaskState;

/** The task states as an agent needs to tell them apart. Source: the task states of the Mesos v1 API. */
final class TaskStates {
    private TaskStates() {}

    static boolean terminal(TaskState state) {
        return switch (state) {
            case TASK_FINISHED,
                    TASK_FAILED,
                    TASK_KILLED,
                    TASK_ERROR,
                    TASK_LOST,
                    TASK_DROPPED,
                    TASK_GONE,
                    TASK_GONE_BY_OPERATOR -> true;
            case TASK_STAGING, TASK_STARTING, TASK_RUNNING, TASK_KILLING, TASK_UNREACHABLE, TASK_UNKNOWN -> false;
        };
    }

    static boolean partitionAware(FrameworkInfo framework) {
        return framework.getCapabilitiesList().stream()
                .anyMatch(c -> c.getType() == FrameworkInfo.Capability.Type.PARTITION_AWARE);
    }

    /** Frameworks that are not partition-aware know only LOST for DROPPED, GONE and GONE_BY_OPERATOR. */
    static TaskState forFramework(FrameworkInfo framework, TaskState state) {
        return switch (state) {
            case TASK_DROPPED, TASK_GONE, TASK_GONE_BY_OPERATOR ->
                partitionAware(framework) ? state : TaskState.TASK_LOST;
            default -> state;
        };
    }
}
