package io.paddock.marathon.core;

import io.paddock.marathon.core.health.CheckId;
import io.paddock.marathon.core.health.CheckTarget;
import io.paddock.proto.v1.scheduler.Call;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/**
 * What marathon wants done. Effects are carried out in order, and none before the {@link Store} effects before it have
 * been stored.
 */
public sealed interface MarathonEffect {
    /** Carries out one effect. */
    void handle(Handler handler);

    /** One method for each kind of effect. */
    interface Handler {
        void store(Store effect);

        void send(Send effect);

        void reply(Reply effect);

        void publish(Publish effect);

        void runCheck(RunCheck effect);

        void wakeAt(WakeAt effect);

        void exit(Exit effect);
    }

    /** Make these facts durable, all or none. A failure means: stop leading. */
    record Store(List<Fact> facts) implements MarathonEffect {
        public Store {
            facts = List.copyOf(facts);
        }

        @Override
        public void handle(Handler handler) {
            handler.store(this);
        }
    }

    /** Send a call of the scheduler API; the framework id is filled in. */
    record Send(Call call) implements MarathonEffect {
        @Override
        public void handle(Handler handler) {
            handler.send(this);
        }
    }

    /** Answer a request. */
    record Reply(long requestId, Answer answer) implements MarathonEffect {
        @Override
        public void handle(Handler handler) {
            handler.reply(this);
        }
    }

    /** Tell those who watch. */
    record Publish(Notice notice, Instant at) implements MarathonEffect {
        @Override
        public void handle(Handler handler) {
            handler.publish(this);
        }
    }

    /** Ask a task whether it works. */
    record RunCheck(CheckId check, CheckTarget target, Duration timeout) implements MarathonEffect {
        @Override
        public void handle(Handler handler) {
            handler.runCheck(this);
        }
    }

    /** Tell {@link MarathonEvent.TimePassed} at this time; replaces an earlier wish. */
    record WakeAt(Instant at) implements MarathonEffect {
        @Override
        public void handle(Handler handler) {
            handler.wakeAt(this);
        }
    }

    /** This process cannot go on. */
    record Exit(String reason) implements MarathonEffect {
        @Override
        public void handle(Handler handler) {
            handler.exit(this);
        }
    }
}
