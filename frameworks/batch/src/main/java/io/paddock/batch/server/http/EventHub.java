package io.paddock.batch.server.http;

import io.paddock.batch.core.News;
import io.paddock.batch.server.json.JobWriter;
import io.paddock.platform.json.Json;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.apache.pekko.NotUsed;
import org.apache.pekko.stream.BoundedSourceQueue;
import org.apache.pekko.stream.QueueOfferResult;
import org.apache.pekko.stream.javadsl.Source;
import org.apache.pekko.util.ByteString;

/**
 * News as server-sent events to any number of readers. The last ones are kept, so that a reader that comes back with
 * {@code Last-Event-ID} misses none of them. A reader too slow is disconnected. Thread safe.
 */
public final class EventHub {
    private static final int KEPT = 1_000;
    private static final int QUEUED = 1_000;
    private static final Duration HEARTBEAT = Duration.ofSeconds(15);
    private static final ByteString COMMENT = ByteString.fromString(":\n\n");

    private record Event(String id, ByteString text) {}

    /** Tells ids of this instance's lifetime from those of another one's. */
    private final String lifetime = Long.toString(System.currentTimeMillis(), Character.MAX_RADIX);

    private final Deque<Event> kept = new ArrayDeque<>(); // guarded by this, as are the fields below
    private final List<BoundedSourceQueue<ByteString>> readers = new ArrayList<>();
    private long published;

    /** Tells all readers; never blocks. */
    public synchronized void publish(News news) {
        String id = lifetime + "-" + ++published;
        String type = news.kind().name().toLowerCase(Locale.ROOT);
        String data = new String(Json.bytes(JobWriter.news(news)), StandardCharsets.UTF_8);
        Event event =
                new Event(id, ByteString.fromString("id: " + id + "\nevent: " + type + "\ndata: " + data + "\n\n"));
        kept.add(event);
        if (kept.size() > KEPT) {
            kept.remove();
        }
        readers.removeIf(reader -> !offered(reader, event.text()));
    }

    /** Ends all streams: this instance does not lead any more. */
    public synchronized void close() {
        readers.forEach(reader -> end(reader, reader::complete));
        readers.clear();
    }

    /**
     * A stream from now on.
     *
     * @param lastId the id of the event read last; what came after it is sent first, as far as it is still kept
     */
    Source<ByteString, NotUsed> stream(Optional<String> lastId) {
        return Source.<ByteString>queue(QUEUED)
                .mapMaterializedValue(queue -> {
                    join(queue, lastId);
                    return NotUsed.getInstance();
                })
                .keepAlive(HEARTBEAT, () -> COMMENT);
    }

    private synchronized void join(BoundedSourceQueue<ByteString> queue, Optional<String> lastId) {
        queue.offer(COMMENT);
        boolean missed = false;
        for (Event event : kept) {
            if (missed) {
                queue.offer(event.text());
            }
            missed |= lastId.filter(event.id()::equals).isPresent();
        }
        readers.add(queue);
    }

    private static boolean offered(BoundedSourceQueue<ByteString> reader, ByteString text) {
        QueueOfferResult result = reader.offer(text);
        if (result == QueueOfferResult.enqueued()) {
            return true;
        }
        end(reader, () -> reader.fail(new IllegalStateException("the reader is too slow")));
        return false;
    }

    /** A reader that has left, even just now, has ended its queue itself, and a queue does not end twice. */
    private static void end(BoundedSourceQueue<ByteString> reader, Runnable how) {
        try {
            how.run();
        } catch (IllegalStateException e) {
            if (!reader.isCompleted()) {
                throw e;
            }
        }
    }
}
