package io.paddock.client.testkit;

import io.paddock.client.Encoding;
import io.paddock.proto.recordio.RecordIO;
import io.paddock.proto.v1.scheduler.Event;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/** One open stream: events wait in a bounded queue for the thread that serves the request. */
final class EventWriter {
    private static final int CAPACITY = 10_000;
    private static final Event HEARTBEAT =
            Event.newBuilder().setType(Event.Type.HEARTBEAT).build();

    private final BlockingQueue<Event> queue = new ArrayBlockingQueue<>(CAPACITY);
    private final Encoding encoding;
    private final Duration heartbeat;
    private final BooleanSupplier heartbeats;
    private volatile boolean closed;

    EventWriter(Encoding encoding, Duration heartbeat, BooleanSupplier heartbeats) {
        this.encoding = encoding;
        this.heartbeat = heartbeat;
        this.heartbeats = heartbeats;
    }

    /** Queues an event; a reader too slow for that loses the stream. */
    void send(Event event) {
        if (!queue.offer(event)) {
            closed = true;
        }
    }

    /** Ends the stream after what is queued. */
    void close() {
        closed = true;
    }

    /** Writes until the stream is closed or the other end is gone. */
    void run(OutputStream out) throws IOException, InterruptedException {
        write(out, queue.take());
        write(out, HEARTBEAT);
        long lastBeat = System.nanoTime();
        while (!closed || !queue.isEmpty()) {
            Event event = queue.poll(Math.min(50, heartbeat.toMillis()), TimeUnit.MILLISECONDS);
            if (event != null) {
                write(out, event);
            } else if (System.nanoTime() - lastBeat > heartbeat.toNanos()) {
                lastBeat = System.nanoTime();
                if (heartbeats.getAsBoolean()) {
                    write(out, HEARTBEAT);
                }
            }
        }
    }

    private void write(OutputStream out, Event event) throws IOException {
        out.write(RecordIO.encode(encoding.encode(event)));
        out.flush();
    }
}
