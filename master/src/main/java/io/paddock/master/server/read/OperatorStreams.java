package io.paddock.master.server.read;

import io.paddock.master.core.snapshot.ClusterChange;
import io.paddock.master.core.snapshot.ClusterSnapshot;
import io.paddock.master.server.ClusterFeed;
import io.paddock.platform.http.EventStream;
import io.paddock.platform.http.Exchange;
import io.paddock.platform.http.HttpServer;
import io.paddock.platform.http.WireFormat;
import io.paddock.proto.v1.master.Event;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.apache.pekko.actor.Cancellable;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.http.javadsl.model.HttpResponse;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The subscribers of the operator API: each gets the state at one instant, then every change after it, and heartbeats. The oldest
 * makes place for a new one beyond the limit; one that reads too slowly is disconnected.
 */
final class OperatorStreams {
    static final Duration HEARTBEAT = Duration.ofSeconds(15);

    private static final Logger LOG = LoggerFactory.getLogger(OperatorStreams.class);
    private static final int MAX_WAITING_EVENTS = 50_000;
    private static final long MAX_WAITING_BYTES = 64L << 20;

    private final ActorSystem<?> system;
    private final Executor executor;
    private final Viewers viewers;
    private final int maxSubscribers;
    private final Set<Subscriber> subscribers = new LinkedHashSet<>(); // guarded by this

    OperatorStreams(ActorSystem<?> system, Executor executor, Viewers viewers, int maxSubscribers) {
        this.system = system;
        this.executor = executor;
        this.viewers = viewers;
        this.maxSubscribers = maxSubscribers;
    }

    synchronized int count() {
        return subscribers.size();
    }

    CompletionStage<HttpResponse> subscribe(ClusterFeed feed, WireFormat format, Exchange exchange) {
        Subscriber subscriber = new Subscriber(feed, format, new VisibleChanges(viewers, exchange.principal()));
        return feed.subscribe(subscriber)
                .thenApplyAsync(
                        snapshot -> {
                            EventStream<Event> opened = subscriber.open(snapshot);
                            HttpServer.clientGone(exchange.request()).thenAccept(gone -> opened.readerLeft());
                            return opened.response();
                        },
                        executor);
    }

    private void add(Subscriber subscriber) {
        Subscriber oldest = null;
        synchronized (this) {
            subscribers.add(subscriber);
            if (subscribers.size() > maxSubscribers) {
                oldest = subscribers.iterator().next();
            }
        }
        if (oldest != null) {
            oldest.end();
        }
    }

    private synchronized void remove(Subscriber subscriber) {
        subscribers.remove(subscriber);
    }

    private final class Subscriber implements Consumer<ClusterChange> {
        private final ClusterFeed feed;
        private final WireFormat format;
        private final VisibleChanges changes;
        private final List<ClusterChange> beforeOpening = new ArrayList<>(); // guarded by this, as is the stream
        private @Nullable EventStream<Event> stream;

        Subscriber(ClusterFeed feed, WireFormat format, VisibleChanges changes) {
            this.feed = feed;
            this.format = format;
            this.changes = changes;
        }

        /** Changes may come before the snapshot they follow has been made into the first event. */
        @Override
        public synchronized void accept(ClusterChange change) {
            if (stream == null) {
                beforeOpening.add(change);
            } else {
                tell(stream, change);
            }
        }

        private void tell(EventStream<Event> to, ClusterChange change) {
            changes.next(change).ifPresent(seen -> to.offer(OperatorMessages.event(seen)));
        }

        EventStream<Event> open(ClusterSnapshot snapshot) {
            Event subscribed = Event.newBuilder()
                    .setType(Event.Type.SUBSCRIBED)
                    .setSubscribed(Event.Subscribed.newBuilder()
                            .setGetState(OperatorMessages.state(changes.start(snapshot)))
                            .setHeartbeatIntervalSeconds((double) HEARTBEAT.toSeconds()))
                    .build();
            EventStream<Event> opened =
                    new EventStream<>(format, MAX_WAITING_EVENTS, MAX_WAITING_BYTES + subscribed.getSerializedSize());
            opened.offer(subscribed);
            opened.offer(heartbeat());
            synchronized (this) {
                beforeOpening.forEach(change -> tell(opened, change));
                beforeOpening.clear();
                stream = opened;
            }
            Cancellable heartbeats = system.classicSystem()
                    .scheduler()
                    .scheduleAtFixedRate(
                            HEARTBEAT, HEARTBEAT, () -> opened.offer(heartbeat()), system.executionContext());
            opened.whenClosed().thenAccept(reason -> {
                LOG.debug("Operator event stream ended: {}", reason);
                heartbeats.cancel();
                feed.unsubscribe(this);
                remove(this);
            });
            add(this);
            return opened;
        }

        synchronized void end() {
            if (stream != null) {
                stream.close();
            }
        }

        private static Event heartbeat() {
            return Event.newBuilder().setType(Event.Type.HEARTBEAT).build();
        }
    }
}
