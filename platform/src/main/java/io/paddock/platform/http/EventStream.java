package io.paddock.platform.http;

import com.google.protobuf.Message;
import io.paddock.proto.recordio.RecordIO;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.apache.pekko.NotUsed;
import org.apache.pekko.http.javadsl.model.HttpEntities;
import org.apache.pekko.http.javadsl.model.HttpResponse;
import org.apache.pekko.stream.Attributes;
import org.apache.pekko.stream.Outlet;
import org.apache.pekko.stream.SourceShape;
import org.apache.pekko.stream.javadsl.Source;
import org.apache.pekko.stream.stage.AbstractOutHandler;
import org.apache.pekko.stream.stage.AsyncCallback;
import org.apache.pekko.stream.stage.GraphStage;
import org.apache.pekko.stream.stage.GraphStageLogic;
import org.apache.pekko.util.ByteString;
import org.jspecify.annotations.Nullable;

/**
 * The server's side of one event stream: a bounded queue in front of one connection.
 *
 * <p>Guarantees: events leave in the order of {@link #offer}; each is encoded when the connection takes it, on the stream's
 * thread; not more than the given number of events and bytes wait. A reader that falls further behind is disconnected,
 * and so is one whose answer nobody started to read. {@link #whenClosed} tells the reason once. Heartbeats are the
 * caller's business. All methods may be called from any thread and never block.
 *
 * @param <M> the type of the events
 */
public final class EventStream<M extends Message> {
    private static final long START_WITHIN_NANOS = TimeUnit.SECONDS.toNanos(30);

    /** A piece of the stream takes no further event beyond this. */
    private static final int PIECE_BYTES = 32 << 10;

    private final WireFormat format;
    private final int maxEvents;
    private final long maxBytes;
    private final long createdAtNanos = System.nanoTime();
    private final CompletableFuture<String> closed = new CompletableFuture<>();

    private final Queue<M> queue = new ArrayDeque<>(); // guarded by this, as are the fields below
    private long queuedBytes;
    private boolean ending;
    private @Nullable String failure;
    private boolean wakePending;
    private @Nullable AsyncCallback<NotUsed> wake;

    /**
     * A stream nobody reads yet.
     *
     * @param maxEvents most events that may wait for the reader
     * @param maxBytes most bytes of events (in protobuf) that may wait, unless a single event is larger
     */
    public EventStream(WireFormat format, int maxEvents, long maxBytes) {
        this.format = format;
        this.maxEvents = maxEvents;
        this.maxBytes = maxBytes;
    }

    /**
     * Appends an event.
     *
     * @return false when the stream is closed, also by this event being too much; the event is then lost
     */
    public boolean offer(M event) {
        int size = event.getSerializedSize();
        synchronized (this) {
            if (ending || failure != null) {
                return false;
            }
            if (wake == null && System.nanoTime() - createdAtNanos > START_WITHIN_NANOS) {
                failure = "nobody started to read";
            } else if (queue.size() >= maxEvents || (!queue.isEmpty() && queuedBytes + size > maxBytes)) {
                failure = "the reader is too slow: " + queue.size() + " events (" + queuedBytes + " bytes) wait";
            } else {
                queue.add(event);
                queuedBytes += size;
            }
        }
        return wakeUp();
    }

    /** Ends the stream after what is queued. */
    public void close() {
        synchronized (this) {
            ending = true;
        }
        wakeUp();
    }

    /** Ends the stream without what is queued: nobody is there to read it, see {@link HttpServer#clientGone}. */
    public void readerLeft() {
        synchronized (this) {
            ending = true;
            queue.clear();
            queuedBytes = 0;
        }
        wakeUp();
        closed.complete("the reader disconnected");
    }

    /** Breaks the connection now; what is queued is lost. */
    public void fail(String reason) {
        synchronized (this) {
            if (failure == null) {
                failure = reason;
            }
        }
        wakeUp();
    }

    /** Completes once, with the reason, when no further event can reach the reader. */
    public CompletionStage<String> whenClosed() {
        return closed.minimalCompletionStage();
    }

    public WireFormat format() {
        return format;
    }

    /** The framed events; to be run once. */
    public Source<ByteString, NotUsed> source() {
        return Source.fromGraph(new QueueStage());
    }

    /** 200 with the stream as its body; add headers as needed. */
    public HttpResponse response() {
        return HttpResponse.create().withEntity(HttpEntities.createChunked(format.contentType(), source()));
    }

    /** Whether the stream still takes events. */
    private boolean wakeUp() {
        AsyncCallback<NotUsed> callback;
        String failedBecause;
        synchronized (this) {
            callback = wakePending ? null : wake;
            wakePending = wakePending || callback != null;
            failedBecause = failure;
            if (failedBecause != null) {
                queue.clear();
                queuedBytes = 0;
            }
        }
        if (failedBecause != null) {
            closed.complete(failedBecause);
        }
        if (callback != null) {
            callback.invoke(NotUsed.getInstance());
        }
        return failedBecause == null;
    }

    private synchronized void started(AsyncCallback<NotUsed> callback) {
        wake = callback;
    }

    private synchronized void clearWake() {
        wakePending = false;
    }

    private synchronized @Nullable M poll() {
        M event = queue.poll();
        if (event != null) {
            queuedBytes -= event.getSerializedSize();
        }
        return event;
    }

    private synchronized boolean isDrained() {
        return ending && queue.isEmpty();
    }

    private synchronized @Nullable String failure() {
        return failure;
    }

    private void ended(String reason) {
        String first;
        synchronized (this) {
            ending = true;
            queue.clear();
            queuedBytes = 0;
            first = failure != null ? failure : reason;
        }
        closed.complete(first);
    }

    private final class QueueStage extends GraphStage<SourceShape<ByteString>> {
        private final Outlet<ByteString> out = Outlet.create("EventStream.out");

        @Override
        public SourceShape<ByteString> shape() {
            return SourceShape.of(out);
        }

        @Override
        public GraphStageLogic createLogic(Attributes inheritedAttributes) {
            return new QueueLogic(shape(), out);
        }
    }

    private final class QueueLogic extends GraphStageLogic {
        private final Outlet<ByteString> out;

        QueueLogic(SourceShape<ByteString> shape, Outlet<ByteString> out) {
            super(shape);
            this.out = out;
            setHandler(out, new AbstractOutHandler() {
                @Override
                public void onPull() {
                    advance();
                }

                @Override
                public void onDownstreamFinish(Throwable cause) throws Exception {
                    ended("the reader disconnected");
                    super.onDownstreamFinish(cause);
                }
            });
        }

        @Override
        public void preStart() {
            started(createAsyncCallback(ignored -> {
                clearWake();
                advance();
            }));
            advance();
        }

        @Override
        public void postStop() {
            ended("the connection ended");
        }

        /**
         * What waits, up to a limit, in one piece: a piece costs the connection more than an event does. In JSON a single
         * event, as Mesos sends it: there are clients in scripting languages that take a chunk for a record.
         */
        private ByteString nextRecords() {
            ByteString records = ByteString.emptyByteString();
            int fullAt = format == WireFormat.JSON ? 1 : PIECE_BYTES;
            while (records.length() < fullAt) {
                M event = poll();
                if (event == null) {
                    break;
                }
                records = records.concat(ByteString.fromArrayUnsafe(RecordIO.encode(format.encode(event))));
            }
            return records;
        }

        private void advance() {
            String failedBecause = failure();
            if (failedBecause != null) {
                failStage(new IllegalStateException("Event stream ended: " + failedBecause));
                return;
            }
            if (isAvailable(out)) {
                ByteString records = nextRecords();
                if (!records.isEmpty()) {
                    push(out, records);
                }
            }
            if (isDrained()) {
                ended("closed by the server");
                complete(out);
            }
        }
    }
}
