package io.paddock.master.core;

import io.paddock.master.core.snapshot.Count;
import io.paddock.master.core.snapshot.Tally;
import io.paddock.proto.link.FromAgent;
import io.paddock.proto.v1.scheduler.Call;
import org.jspecify.annotations.Nullable;

/** Counts what happens while this master leads. */
final class Counters {
    private final long[] counts = new long[Count.values().length];

    void add(Count count) {
        counts[count.ordinal()]++;
    }

    void add(Count count, int times) {
        counts[count.ordinal()] += times;
    }

    /** A message whose sender or addressee is known, or not. */
    void add(boolean valid, Count ifValid, Count otherwise) {
        add(valid ? ifValid : otherwise);
    }

    Tally tally() {
        return new Tally(counts);
    }

    /** Whatever comes in, before anybody looks whether it may. */
    void received(MasterEvent event) {
        Count count = null;
        if (event instanceof MasterEvent.SchedulerCalled called) {
            count = ofCall(called.call().getType());
        } else if (event instanceof MasterEvent.AgentSpoke spoke) {
            count = ofMessage(spoke.message().getMessageCase());
        } else if (event instanceof MasterEvent.SubscribeCalled subscribe) {
            count = subscribe.call().getSubscribe().getFrameworkInfo().hasId()
                    ? Count.MESSAGES_REREGISTER_FRAMEWORK
                    : Count.MESSAGES_REGISTER_FRAMEWORK;
        }
        if (count != null) {
            add(count);
        }
    }

    private static @Nullable Count ofCall(Call.Type type) {
        return switch (type) {
            case TEARDOWN -> Count.MESSAGES_UNREGISTER_FRAMEWORK;
            case UPDATE_FRAMEWORK -> Count.MESSAGES_UPDATE_FRAMEWORK;
            case KILL -> Count.MESSAGES_KILL_TASK;
            case ACKNOWLEDGE -> Count.MESSAGES_STATUS_UPDATE_ACKNOWLEDGEMENT;
            case REQUEST -> Count.MESSAGES_RESOURCE_REQUEST;
            case ACCEPT -> Count.MESSAGES_LAUNCH_TASKS;
            case DECLINE -> Count.MESSAGES_DECLINE_OFFERS;
            case REVIVE -> Count.MESSAGES_REVIVE_OFFERS;
            case SUPPRESS -> Count.MESSAGES_SUPPRESS_OFFERS;
            case RECONCILE_OPERATIONS -> Count.MESSAGES_RECONCILE_OPERATIONS;
            case RECONCILE -> Count.MESSAGES_RECONCILE_TASKS;
            case MESSAGE -> Count.MESSAGES_FRAMEWORK_TO_EXECUTOR;
            case ACKNOWLEDGE_OPERATION_STATUS -> Count.MESSAGES_OPERATION_STATUS_UPDATE_ACKNOWLEDGEMENT;
            case SUBSCRIBE, SHUTDOWN, ACCEPT_INVERSE_OFFERS, DECLINE_INVERSE_OFFERS, UNKNOWN -> null;
        };
    }

    private static @Nullable Count ofMessage(FromAgent.MessageCase message) {
        return switch (message) {
            case REGISTER -> Count.MESSAGES_REGISTER_SLAVE;
            case REREGISTER -> Count.MESSAGES_REREGISTER_SLAVE;
            case LEAVING -> Count.MESSAGES_UNREGISTER_SLAVE;
            case STATUS_UPDATE -> Count.MESSAGES_STATUS_UPDATE;
            case OPERATION_UPDATE -> Count.MESSAGES_OPERATION_STATUS_UPDATE;
            case EXECUTOR_MESSAGE -> Count.MESSAGES_EXECUTOR_TO_FRAMEWORK;
            case EXECUTOR_TERMINATED -> Count.MESSAGES_EXITED_EXECUTOR;
            case AGENT_TOTALS -> Count.MESSAGES_UPDATE_SLAVE;
            case HEARTBEAT, MESSAGE_NOT_SET -> null;
        };
    }
}
