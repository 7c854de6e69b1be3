package io.paddock.client.core;

import io.paddock.proto.v1.scheduler.Event;
import org.jspecify.annotations.Nullable;

/**
 * What happened to a connection. The attempt number names the try an outcome belongs to: outcomes of abandoned tries are
 * ignored.
 */
public sealed interface ConnectionEvent {
    /** The owner wants to be connected. */
    record ConnectionWanted() implements ConnectionEvent {}

    /** A master to try is known; the address is the base of its HTTP API, {@code http://host:port}. */
    record MasterLocated(long attempt, String master) implements ConnectionEvent {}

    record LocatingFailed(long attempt, String reason) implements ConnectionEvent {}

    /**
     * The master answered SUBSCRIBE with something other than a stream.
     *
     * @param redirect the base address it points to, with status 307
     * @param body its explanation, possibly empty
     */
    record SubscribeRefused(
            long attempt, int status, @Nullable String redirect, String body) implements ConnectionEvent {}

    record StreamOpened(long attempt) implements ConnectionEvent {}

    record EventArrived(long attempt, Event event) implements ConnectionEvent {}

    /** The stream, or the try to open it, broke. */
    record StreamBroke(long attempt, String reason) implements ConnectionEvent {}

    /** A call was answered in a way that says that this subscription is over. */
    record SubscriptionDenied(long attempt, String reason) implements ConnectionEvent {}

    /** A time asked for with {@link ConnectionEffect.WakeAt} has come. */
    record TimeCame() implements ConnectionEvent {}

    /** The owner is done with the connection. */
    record ConnectionReleased() implements ConnectionEvent {}
}
