package io.paddock.master.core;

import com.google.protobuf.ByteString;
import io.paddock.common.Rejection;
import io.paddock.master.core.snapshot.ClusterChange;
import io.paddock.proto.link.ToAgent;
import io.paddock.proto.v1.scheduler.Event;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What the shell has to do for the master, in order. */
public sealed interface MasterEffect {

    /**
     * Writes an atomic batch to the registry and reports {@link MasterEvent.Persisted} or
     * {@link MasterEvent.PersistFailed}. Batches are written in the order they were asked for.
     *
     * @param writes new values by key; an empty value deletes the key
     */
    record Persist(long ticket, Map<String, Optional<ByteString>> writes) implements MasterEffect {}

    record SendToScheduler(String stream, Event event) implements MasterEffect {}

    /** Ends a scheduler's stream after what was sent before. */
    record CloseStream(String stream) implements MasterEffect {}

    record SendToAgent(String link, ToAgent message) implements MasterEffect {}

    /** Ends an agent's link after what was sent before. */
    record CloseLink(String link) implements MasterEffect {}

    /** Answers a request. */
    record Reply(String request, Answer answer) implements MasterEffect {}

    /** How a request is answered. */
    enum Outcome {
        /** 200 and an event stream. */
        STREAM,
        /** 202, empty. */
        ACCEPTED,
        /** 200, empty. */
        DONE,
        REJECTED
    }

    /**
     * The answer of a request.
     *
     * @param rejection set exactly when the outcome is REJECTED
     */
    record Answer(Outcome outcome, @Nullable Rejection rejection) {
        static final Answer STREAM = new Answer(Outcome.STREAM, null);
        static final Answer ACCEPTED = new Answer(Outcome.ACCEPTED, null);
        static final Answer DONE = new Answer(Outcome.DONE, null);

        public static Answer rejected(Rejection rejection) {
            return new Answer(Outcome.REJECTED, rejection);
        }
    }

    /** Starts a timer; one of the same identity that still runs is replaced. */
    record StartTimer(Timer timer, Duration delay) implements MasterEffect {}

    record CancelTimer(Timer timer) implements MasterEffect {}

    /** Tells the subscribers of the operator API's event stream. */
    record Publish(ClusterChange change) implements MasterEffect {}

    /** Stops leading and exits: what is durable is no longer known. */
    record GiveUpLeadership(String reason) implements MasterEffect {}
}
