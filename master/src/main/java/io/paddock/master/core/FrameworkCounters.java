package io.paddock.master.core;

import io.paddock.master.core.allocator.OfferEnd;
import io.paddock.master.core.snapshot.FrameworkTally;
import io.paddock.proto.v1.Offer;
import io.paddock.proto.v1.TaskState;
import io.paddock.proto.v1.scheduler.Call;
import io.paddock.proto.v1.scheduler.Event;

/** Counts what one framework does and is told while this master leads. */
final class FrameworkCounters {
    private final long[] calls = new long[Call.Type.values().length];
    private final long[] events = new long[Event.Type.values().length];
    private final long[] operations = new long[Offer.Operation.Type.values().length];
    private final long[] ended = new long[TaskState.values().length];
    private long sent;
    private long accepted;
    private long declined;
    private long rescinded;

    void called(Call.Type type) {
        calls[type.ordinal()]++;
    }

    void told(Event.Type type) {
        events[type.ordinal()]++;
    }

    void operated(Offer.Operation.Type type) {
        operations[type.ordinal()]++;
    }

    void taskEnded(TaskState state) {
        ended[state.ordinal()]++;
    }

    void offered() {
        sent++;
    }

    void offerEnded(OfferEnd how) {
        switch (how) {
            case ACCEPTED:
                accepted++;
                return;
            case DECLINED:
            case DECLINED_FOR_NOW:
                declined++;
                return;
            case EXPIRED:
            case TAKEN_BACK:
                return;
        }
    }

    void rescinded() {
        rescinded++;
    }

    FrameworkTally tally() {
        return new FrameworkTally(calls, events, operations, ended, new long[] {sent, accepted, declined, rescinded});
    }
}
