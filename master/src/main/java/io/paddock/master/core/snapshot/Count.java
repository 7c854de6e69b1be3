package io.paddock.master.core.snapshot;

import java.util.Locale;

/** What a master counts while it leads, under the names of Mesos' metrics. */
public enum Count {
    MESSAGES_REGISTER_FRAMEWORK,
    MESSAGES_REREGISTER_FRAMEWORK,
    MESSAGES_UNREGISTER_FRAMEWORK,
    MESSAGES_UPDATE_FRAMEWORK,
    MESSAGES_KILL_TASK,
    MESSAGES_STATUS_UPDATE_ACKNOWLEDGEMENT,
    MESSAGES_RESOURCE_REQUEST,
    MESSAGES_LAUNCH_TASKS,
    MESSAGES_DECLINE_OFFERS,
    MESSAGES_REVIVE_OFFERS,
    MESSAGES_SUPPRESS_OFFERS,
    MESSAGES_RECONCILE_OPERATIONS,
    MESSAGES_RECONCILE_TASKS,
    MESSAGES_FRAMEWORK_TO_EXECUTOR,
    MESSAGES_OPERATION_STATUS_UPDATE_ACKNOWLEDGEMENT,
    MESSAGES_EXECUTOR_TO_FRAMEWORK,
    MESSAGES_REGISTER_SLAVE,
    MESSAGES_REREGISTER_SLAVE,
    MESSAGES_UNREGISTER_SLAVE,
    MESSAGES_STATUS_UPDATE,
    MESSAGES_OPERATION_STATUS_UPDATE,
    MESSAGES_EXITED_EXECUTOR,
    MESSAGES_UPDATE_SLAVE,
    /** Of links that belong to no registered agent. */
    DROPPED_MESSAGES,
    VALID_FRAMEWORK_TO_EXECUTOR_MESSAGES,
    INVALID_FRAMEWORK_TO_EXECUTOR_MESSAGES,
    VALID_EXECUTOR_TO_FRAMEWORK_MESSAGES,
    INVALID_EXECUTOR_TO_FRAMEWORK_MESSAGES,
    VALID_STATUS_UPDATES,
    INVALID_STATUS_UPDATES,
    VALID_STATUS_UPDATE_ACKNOWLEDGEMENTS,
    INVALID_STATUS_UPDATE_ACKNOWLEDGEMENTS,
    /** Of operations on an agent's books. */
    VALID_OPERATION_STATUS_UPDATES,
    INVALID_OPERATION_STATUS_UPDATES,
    VALID_OPERATION_STATUS_UPDATE_ACKNOWLEDGEMENTS,
    INVALID_OPERATION_STATUS_UPDATE_ACKNOWLEDGEMENTS,
    /** Agents that did not come back after a change of master. */
    RECOVERY_SLAVE_REMOVALS,
    SLAVE_REGISTRATIONS,
    SLAVE_REREGISTRATIONS,
    SLAVE_REMOVALS,
    SLAVE_REMOVALS_UNHEALTHY("slave_removals/reason_unhealthy"),
    SLAVE_REMOVALS_UNREGISTERED("slave_removals/reason_unregistered"),
    SLAVE_REMOVALS_REGISTERED("slave_removals/reason_registered"),
    SLAVE_UNREACHABLE_SCHEDULED,
    SLAVE_UNREACHABLE_COMPLETED,
    SLAVE_UNREACHABLE_CANCELED,
    /** The older name of the three before: scheduled are those completed, canceled and waiting. */
    SLAVE_SHUTDOWNS_SCHEDULED,
    SLAVE_SHUTDOWNS_COMPLETED,
    SLAVE_SHUTDOWNS_CANCELED,
    /** Not in Mesos: offers that only the periodic look at everything made. More than 0 is a bug of the allocator. */
    MISSED_OFFERS;

    private final String metric;

    Count() {
        this.metric = "master/" + name().toLowerCase(Locale.ROOT);
    }

    Count(String name) {
        this.metric = "master/" + name;
    }

    /** The name in {@code /metrics/snapshot}. */
    public String metric() {
        return metric;
    }
}
