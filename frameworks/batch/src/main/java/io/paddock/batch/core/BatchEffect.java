package io.paddock.batch.core;

import io.paddock.proto.v1.scheduler.Call;
import java.time.Instant;
import java.util.List;

/** What the shell has to do, in the order given. */
public sealed interface BatchEffect {
    <R> R accept(Handler<R> handler);

    /** Send a call of the v1 scheduler API; the framework id is filled in by the sender. */
    record Send(Call call) implements BatchEffect {
        @Override
        public <R> R accept(Handler<R> handler) {
            return handler.send(this);
        }
    }

    /**
     * Write these steps, in order and each all or nothing; then say Persisted. If that fails or its outcome is unknown,
     * stop leading.
     */
    record Persist(long sequence, List<List<Change>> steps) implements BatchEffect {
        @Override
        public <R> R accept(Handler<R> handler) {
            return handler.persist(this);
        }
    }

    record Reply(long requestId, Answer answer) implements BatchEffect {
        @Override
        public <R> R accept(Handler<R> handler) {
            return handler.reply(this);
        }
    }

    /** Tell whoever listens. */
    record Announce(News news) implements BatchEffect {
        @Override
        public <R> R accept(Handler<R> handler) {
            return handler.announce(this);
        }
    }

    /** Fire TimerFired at this time; replaces the one set before. */
    record SetTimer(Instant at) implements BatchEffect {
        @Override
        public <R> R accept(Handler<R> handler) {
            return handler.setTimer(this);
        }
    }

    /** The framework's id is used up: subscribe again without one. */
    record StartOver() implements BatchEffect {
        @Override
        public <R> R accept(Handler<R> handler) {
            return handler.startOver(this);
        }
    }

    /** The framework cannot go on: stop leading. */
    record GiveUp(String reason) implements BatchEffect {
        @Override
        public <R> R accept(Handler<R> handler) {
            return handler.giveUp(this);
        }
    }

    /** One method per effect. */
    interface Handler<R> {
        R send(Send effect);

        R persist(Persist effect);

        R reply(Reply effect);

        R announce(Announce effect);

        R setTimer(SetTimer effect);

        R startOver(StartOver effect);

        R giveUp(GiveUp effect);
    }
}
