package io.paddock.marathon.core;

import io.paddock.marathon.core.health.CheckId;
import io.paddock.marathon.core.health.CheckOutcome;
import io.paddock.proto.v1.scheduler.Call;
import io.paddock.proto.v1.scheduler.Event;
import java.util.List;

/** What can happen to marathon. */
public sealed interface MarathonEvent {
    <R> R handle(Handler<R> handler);

    /** One method for each kind of event. */
    interface Handler<R> {
        R stateRecovered(StateRecovered event);

        R masterSaid(MasterSaid event);

        R masterLost(MasterLost event);

        R callRefused(CallRefused event);

        R subscriptionEnded(SubscriptionEnded event);

        R requestReceived(RequestReceived event);

        R checkFinished(CheckFinished event);

        R timePassed(TimePassed event);
    }

    /** This process leads now; the store holds these facts. Comes first, once. */
    record StateRecovered(List<Fact> facts) implements MarathonEvent {
        public StateRecovered {
            facts = List.copyOf(facts);
        }

        @Override
        public <R> R handle(Handler<R> handler) {
            return handler.stateRecovered(this);
        }
    }

    /** An event of the scheduler API arrived. */
    record MasterSaid(Event event) implements MarathonEvent {
        @Override
        public <R> R handle(Handler<R> handler) {
            return handler.masterSaid(this);
        }
    }

    /** The subscription to the master broke; the connection will come back by itself. */
    record MasterLost(String reason) implements MarathonEvent {
        @Override
        public <R> R handle(Handler<R> handler) {
            return handler.masterLost(this);
        }
    }

    /** A call did not get through, or was refused; it may have had its effect. */
    record CallRefused(Call call, String reason) implements MarathonEvent {
        @Override
        public <R> R handle(Handler<R> handler) {
            return handler.callRefused(this);
        }
    }

    /** The master ended the subscription for good. */
    record SubscriptionEnded(String reason) implements MarathonEvent {
        @Override
        public <R> R handle(Handler<R> handler) {
            return handler.subscriptionEnded(this);
        }
    }

    /** A user wants a change. */
    record RequestReceived(long requestId, Origin origin, Request request) implements MarathonEvent {
        @Override
        public <R> R handle(Handler<R> handler) {
            return handler.requestReceived(this);
        }
    }

    /** A health or readiness check that was asked for has its result. */
    record CheckFinished(CheckId check, CheckOutcome outcome) implements MarathonEvent {
        @Override
        public <R> R handle(Handler<R> handler) {
            return handler.checkFinished(this);
        }
    }

    /** The time asked for by {@link MarathonEffect.WakeAt} has come. */
    record TimePassed() implements MarathonEvent {
        @Override
        public <R> R handle(Handler<R> handler) {
            return handler.timePassed(this);
        }
    }

    /**
     * Who asked.
     *
     * @param clientIp as events show it
     * @param uri the path of the request
     */
    record Origin(String clientIp, String uri) {}
}
