package io.paddock.client;

import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;
import org.jspecify.annotations.Nullable;

/**
 * The body of a stream of events. Asks for the next bytes only when the last ones were dealt with, so a slow framework
 * holds back the stream instead of filling memory. Called by the HTTP client's threads.
 */
final class EventReader implements HttpResponse.BodySubscriber<@Nullable Void> {
    /** Where the bytes go. */
    interface Sink {
        /** Takes the next bytes; {@code more} must be run when they have been dealt with. */
        void bytes(byte[] bytes, Runnable more);

        void ended(String reason);
    }

    private final Sink sink;
    private Flow.@Nullable Subscription subscription;
    private boolean cancelled;

    EventReader(Sink sink) {
        this.sink = sink;
    }

    /** Drops the stream and its connection. */
    synchronized void cancel() {
        cancelled = true;
        if (subscription != null) {
            subscription.cancel();
        }
    }

    @Override
    public CompletionStage<@Nullable Void> getBody() {
        return CompletableFuture.completedStage(null);
    }

    @Override
    public synchronized void onSubscribe(Flow.Subscription s) {
        subscription = s;
        if (cancelled) {
            s.cancel();
        } else {
            s.request(1);
        }
    }

    @Override
    public void onNext(List<ByteBuffer> buffers) {
        byte[] bytes = new byte[buffers.stream().mapToInt(ByteBuffer::remaining).sum()];
        int at = 0;
        for (ByteBuffer buffer : buffers) {
            int n = buffer.remaining();
            buffer.get(bytes, at, n);
            at += n;
        }
        sink.bytes(bytes, this::requestMore);
    }

    private synchronized void requestMore() {
        if (!cancelled && subscription != null) {
            subscription.request(1);
        }
    }

    @Override
    public void onError(Throwable error) {
        sink.ended("the stream broke: " + Causes.of(error));
    }

    @Override
    public void onComplete() {
        sink.ended("the master closed the stream");
    }
}
