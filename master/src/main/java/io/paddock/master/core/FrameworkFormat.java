package io.paddock.master.core;

import io.paddock.common.resources.Resources;
import io.paddock.proto.domain.ResourceMessages;
import io.paddock.proto.v1.FrameworkInfo.Capability;
import io.paddock.proto.v1.Resource;
import io.paddock.proto.v1.TaskState;
import io.paddock.proto.v1.TaskStatus;
import java.util.List;

/** What a framework may see depends on its capabilities: converts on the way in and out. */
final class FrameworkFormat {
    private FrameworkFormat() {}

    /** Without MULTI_ROLE there is no allocation role, without RESERVATION_REFINEMENT the old reservation format. */
    static List<Resource> outgoing(Framework framework, Resources resources) {
        Resources visible = framework.has(Capability.Type.MULTI_ROLE) ? resources : resources.unallocated();
        return framework.has(Capability.Type.RESERVATION_REFINEMENT)
                ? ResourceMessages.toMessages(visible)
                : ResourceMessages.toOldMessages(visible);
    }

    /**
     * Either format; an absent allocation role is filled in.
     *
     * @throws IllegalArgumentException when a resource is not valid or is allocated to another role
     */
    static Resources incoming(List<Resource> messages, String role) {
        Resources given = ResourceMessages.fromMessages(messages);
        return given.mapKeys(key -> {
            String allocated = key.allocationRole();
            if (allocated != null && !allocated.equals(role)) {
                throw new IllegalArgumentException(key.name() + ": allocated to role '" + allocated
                        + "', but the offer was made to role '" + role + "'");
            }
            return key.withAllocationRole(role);
        });
    }

    /** States that frameworks without PARTITION_AWARE do not know are LOST to them. */
    static TaskState state(Framework framework, TaskState state) {
        if (framework.has(Capability.Type.PARTITION_AWARE)) {
            return state;
        }
        switch (state) {
            case TASK_DROPPED:
            case TASK_GONE:
            case TASK_GONE_BY_OPERATOR:
            case TASK_UNREACHABLE:
            case TASK_UNKNOWN:
                return TaskState.TASK_LOST;
            case TASK_STAGING:
            case TASK_STARTING:
            case TASK_RUNNING:
            case TASK_KILLING:
            case TASK_FINISHED:
            case TASK_FAILED:
            case TASK_KILLED:
            case TASK_ERROR:
            case TASK_LOST:
                return state;
        }
        throw new IllegalStateException("task state " + state + " is not known");
    }

    static TaskStatus outgoing(Framework framework, TaskStatus status) {
        TaskState state = state(framework, status.getState());
        return state == status.getState()
                ? status
                : status.toBuilder().setState(state).build();
    }
}
