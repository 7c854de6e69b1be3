package io.paddock.client.core;

import io.paddock.proto.v1.scheduler.Event;
import java.time.Duration;
import java.time.Instant;

/** What the shell of a connection has to do. */
public sealed interface ConnectionEffect {
    /** Find a master to try. */
    record LocateMaster(long attempt) implements ConnectionEffect {}

    /** Send SUBSCRIBE to this master, with the framework id of the last subscription if there was one. */
    record Subscribe(long attempt, String master) implements ConnectionEffect {}

    /** Drop the stream and all calls that wait to be sent on it. */
    record DropStream(long attempt) implements ConnectionEffect {}

    /** The owner wants no more: have the calls that were made before sent and answered, then drop the stream. */
    record FinishStream(long attempt) implements ConnectionEffect {}

    /** Hand this event to the owner. */
    record Deliver(Event event) implements ConnectionEffect {}

    /**
     * Tell the owner that there is no subscription.
     *
     * @param wasSubscribed whether there was one before
     * @param retryAfter when the next try starts
     */
    record AnnounceTrouble(boolean wasSubscribed, String reason, Duration retryAfter) implements ConnectionEffect {}

    /** Tell the owner that trying again cannot help. */
    record GiveUp(String reason) implements ConnectionEffect {}

    /** Come back with {@link ConnectionEvent.TimeCame} at this time; replaces the time asked for before. */
    record WakeAt(Instant time) implements ConnectionEffect {}
}
