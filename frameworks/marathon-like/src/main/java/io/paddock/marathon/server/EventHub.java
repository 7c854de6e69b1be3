package io.paddock.marathon.server;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.paddock.marathon.core.Notice;
import io.paddock.marathon.core.model.Stamp;
import io.paddock.marathon.server.json.NoticeWriter;
import io.paddock.platform.json.Json;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Set;
import org.apache.pekko.NotUsed;
import org.apache.pekko.stream.BoundedSourceQueue;
import org.apache.pekko.stream.Materializer;
import org.apache.pekko.stream.QueueOfferResult;
import org.apache.pekko.stream.javadsl.Source;
import org.apache.pekko.util.ByteString;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends events to those who watch, as server-sent events in Marathon's framing (CRLF). Each watcher has a bounded buffer;
 * one that is too slow is disconnected. Events have ids; the last ones are kept, so that a watcher that comes back with
 * {@code Last-Event-ID} misses nothing. Thread safe.
 */
public final class EventHub implements AutoCloseable {
    private static final Duration HEARTBEAT = Duration.ofSeconds(10);
    private static final int KEPT = 1000;
    private static final Logger LOG = LoggerFactory.getLogger(EventHub.class);

    private final int bufferSize;
    private final Materializer materializer;
    private final List<Watcher> watchers = new ArrayList<>();
    private final Deque<Event> latest = new ArrayDeque<>();
    private long lastId;
    private boolean closed;

    private record Event(long id, String type, ByteString frame) {
        boolean isOneOf(Set<String> types) {
            return types.isEmpty() || types.contains(type);
        }
    }

    private record Watcher(Set<String> types, String address, BoundedSourceQueue<ByteString> queue) {
        boolean wants(Event event) {
            return event.isOneOf(types);
        }
    }

    /** @param bufferSize events that may wait for one watcher */
    public EventHub(int bufferSize, Materializer materializer) {
        this.bufferSize = bufferSize;
        this.materializer = materializer;
    }

    /**
     * A new watcher.
     *
     * @param types names of the events wanted; empty for all
     * @param after the id of the last event the watcher has seen; negative for none
     */
    public synchronized Source<ByteString, NotUsed> watch(Set<String> types, String address, long after) {
        List<Event> missed = after < 0
                ? List.of()
                : latest.stream()
                        .filter(e -> e.id() > after && e.isOneOf(types))
                        .toList();
        var started = Source.<ByteString>queue(bufferSize + missed.size()).preMaterialize(materializer);
        Watcher watcher = new Watcher(types, address, started.first());
        if (closed) {
            end(watcher);
        } else {
            missed.forEach(e -> offer(watcher, e.frame()));
            watchers.add(watcher);
            publish(attachment("event_stream_attached", address));
        }
        return started.second()
                .keepAlive(HEARTBEAT, () -> ByteString.fromString("\r\n"))
                .watchTermination((mat, done) -> {
                    done.whenComplete((ok, error) -> detach(watcher));
                    return mat;
                });
    }

    /** Tells all watchers. */
    public synchronized void publish(Notice notice, Instant at) {
        NoticeWriter.write(notice, at).forEach(this::publish);
    }

    /** How many watch. */
    public synchronized int size() {
        return watchers.size();
    }

    /** Ends all streams: this process does not lead any more. */
    @Override
    public synchronized void close() {
        closed = true;
        watchers.forEach(EventHub::end);
        watchers.clear();
    }

    private void publish(ObjectNode json) {
        String type = json.path("eventType").asText();
        long id = ++lastId;
        String text = "event: " + type + "\r\nid: " + id + "\r\ndata: "
                + new String(Json.bytes(json), StandardCharsets.UTF_8) + "\r\n\r\n";
        Event event = new Event(id, type, ByteString.fromString(text));
        latest.add(event);
        if (latest.size() > KEPT) {
            latest.remove();
        }
        watchers.removeIf(w -> w.wants(event) && !offer(w, event.frame()));
    }

    private synchronized void detach(Watcher watcher) {
        watchers.remove(watcher);
        if (!closed) {
            publish(attachment("event_stream_detached", watcher.address()));
        }
    }

    private static boolean offer(Watcher watcher, ByteString frame) {
        boolean taken = watcher.queue().offer(frame) == QueueOfferResult.enqueued();
        if (!taken) {
            end(watcher);
        }
        return taken;
    }

    /** A watcher that went away by itself has ended already; which of the two comes first cannot be known. */
    private static void end(Watcher watcher) {
        try {
            watcher.queue().complete();
        } catch (IllegalStateException alreadyEnded) {
            LOG.debug("The watcher {} is gone", watcher.address());
        }
    }

    private static ObjectNode attachment(String type, String address) {
        return Json.mapper()
                .createObjectNode()
                .put("eventType", type)
                .put("remoteAddress", address)
                .put("timestamp", Stamp.format(Instant.now()));
    }
}
