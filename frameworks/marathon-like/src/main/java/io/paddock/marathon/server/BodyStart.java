package io.paddock.marathon.server;

import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;
import org.jspecify.annotations.Nullable;

/** Keeps the beginning of a body and drops the connection when there is more. Called by one thread at a time. */
final class BodyStart implements HttpResponse.BodySubscriber<byte @Nullable []> {
    private final byte[] kept;
    private final CompletableFuture<byte @Nullable []> body = new CompletableFuture<>();
    private int length;
    private Flow.@Nullable Subscription subscription;

    BodyStart(int max) {
        this.kept = new byte[max];
    }

    @Override
    public CompletionStage<byte @Nullable []> getBody() {
        return body;
    }

    @Override
    public void onSubscribe(Flow.Subscription s) {
        subscription = s;
        s.request(Long.MAX_VALUE);
    }

    @Override
    public void onNext(List<ByteBuffer> buffers) {
        for (ByteBuffer buffer : buffers) {
            int n = Math.min(buffer.remaining(), kept.length - length);
            buffer.get(kept, length, n);
            length += n;
        }
        if (length == kept.length) {
            if (subscription != null) {
                subscription.cancel();
            }
            onComplete();
        }
    }

    @Override
    public void onError(Throwable error) {
        body.completeExceptionally(error);
    }

    @Override
    public void onComplete() {
        body.complete(java.util.Arrays.copyOf(kept, length));
    }
}
