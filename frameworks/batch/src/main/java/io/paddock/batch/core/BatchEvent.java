package io.paddock.batch.core;

import io.paddock.proto.v1.scheduler.Event;

/** What the batch framework learns. */
public sealed interface BatchEvent {
    <R> R accept(Handler<R> handler);

    /** This instance leads and has loaded its state: the first event. */
    record Elected() implements BatchEvent {
        @Override
        public <R> R accept(Handler<R> handler) {
            return handler.elected(this);
        }
    }

    /** A user asks something. */
    record Requested(long requestId, Request request) implements BatchEvent {
        @Override
        public <R> R accept(Handler<R> handler) {
            return handler.requested(this);
        }
    }

    /** A message of the master in the v1 scheduler API. */
    record FromMaster(Event event) implements BatchEvent {
        @Override
        public <R> R accept(Handler<R> handler) {
            return handler.fromMaster(this);
        }
    }

    /** The subscription is lost; another SUBSCRIBED will come. */
    record Disconnected(String why) implements BatchEvent {
        @Override
        public <R> R accept(Handler<R> handler) {
            return handler.disconnected(this);
        }
    }

    /** The write asked for is durable. */
    record Persisted(long sequence) implements BatchEvent {
        @Override
        public <R> R accept(Handler<R> handler) {
            return handler.persisted(this);
        }
    }

    /** The time asked for by {@link BatchEffect.SetTimer} has come. */
    record TimerFired() implements BatchEvent {
        @Override
        public <R> R accept(Handler<R> handler) {
            return handler.timerFired(this);
        }
    }

    /** One method per event. */
    interface Handler<R> {
        R elected(Elected event);

        R requested(Requested event);

        R fromMaster(FromMaster event);

        R disconnected(Disconnected event);

        R persisted(Persisted event);

        R timerFired(TimerFired event);
    }
}
