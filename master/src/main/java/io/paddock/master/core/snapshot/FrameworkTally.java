package io.paddock.master.core.snapshot;

import io.paddock.proto.v1.Offer;
import io.paddock.proto.v1.TaskState;
import io.paddock.proto.v1.scheduler.Call;
import io.paddock.proto.v1.scheduler.Event;
import java.util.Map;

/**
 * What one framework did and was told since this master leads. Kinds that did not happen are missing.
 *
 * @param calls it made
 * @param events it was sent
 * @param operations in its ACCEPT calls
 * @param ended tasks that are off the books, by their last state
 * @param offersSent offers made to it
 * @param offersAccepted those it used
 * @param offersDeclined those it declined whole
 * @param offersRescinded those it was told are void
 */
public record FrameworkTally(
        Map<Call.Type, Long> calls,
        Map<Event.Type, Long> events,
        Map<Offer.Operation.Type, Long> operations,
        Map<TaskState, Long> ended,
        long offersSent,
        long offersAccepted,
        long offersDeclined,
        long offersRescinded) {
    public FrameworkTally {
        calls = Map.copyOf(calls);
        events = Map.copyOf(events);
        operations = Map.copyOf(operations);
        ended = Map.copyOf(ended);
    }
}
