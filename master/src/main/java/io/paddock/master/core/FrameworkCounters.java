package io.paddock.master.core;

import io.paddock.master.core.allocator.OfferEnd;
import io.paddock.master.core.snapshot.FrameworkTally;
import io.paddock.proto.v1.Offer;
import io.paddock.proto.v1.TaskState;
import io.paddock.proto.v1.scheduler.Call;
import io.paddock.proto.v1.scheduler.Event;
import java.util.EnumMap;
import java.util.Map;

/** Counts what one framework does and is told while this master leads. */
final class FrameworkCounters {
    private final Map<Call.Type, Long> calls = new EnumMap<>(Call.Type.class);
    private final Map<Event.Type, Long> events = new EnumMap<>(Event.Type.class);
    private final Map<Offer.Operation.Type, Long> operations = new EnumMap<>(Offer.Operation.Type.class);
    private final Map<TaskState, Long> ended = new EnumMap<>(TaskState.class);
    private long sent;
    private long accepted;
    private long declined;
    private long rescinded;

    void called(Call.Type type) {
        calls.merge(type, 1L, Long::sum);
    }

    void told(Event.Type type) {
        events.merge(type, 1L, Long::sum);
    }

    void operated(Offer.Operation.Type type) {
        operations.merge(type, 1L, Long::sum);
    }

    void taskEnded(TaskState state) {
        ended.merge(state, 1L, Long::sum);
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
        return new FrameworkTally(calls, events, operations, ended, sent, accepted, declined, rescinded);
    }
}
