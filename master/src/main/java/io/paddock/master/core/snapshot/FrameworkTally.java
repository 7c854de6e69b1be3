package io.paddock.master.core.snapshot;

import io.paddock.proto.v1.Offer;
import io.paddock.proto.v1.TaskState;
import io.paddock.proto.v1.scheduler.Call;
import io.paddock.proto.v1.scheduler.Event;

/** What one framework did and was told since this master leads. Immutable. */
public final class FrameworkTally {
    private final long[] calls;
    private final long[] events;
    private final long[] operations;
    private final long[] ended;
    private final long[] offers;

    /** Each in the order of its enum, offers as sent, accepted, declined, rescinded; copied. */
    public FrameworkTally(long[] calls, long[] events, long[] operations, long[] ended, long[] offers) {
        this.calls = calls.clone();
        this.events = events.clone();
        this.operations = operations.clone();
        this.ended = ended.clone();
        this.offers = offers.clone();
    }

    public long calls(Call.Type type) {
        return calls[type.ordinal()];
    }

    public long events(Event.Type type) {
        return events[type.ordinal()];
    }

    public long operations(Offer.Operation.Type type) {
        return operations[type.ordinal()];
    }

    /** Tasks that ended in this state and are off the books. */
    public long ended(TaskState state) {
        return ended[state.ordinal()];
    }

    public long offersSent() {
        return offers[0];
    }

    public long offersAccepted() {
        return offers[1];
    }

    public long offersDeclined() {
        return offers[2];
    }

    public long offersRescinded() {
        return offers[3];
    }
}
