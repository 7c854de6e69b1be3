package io.paddock.agent.server.containers.engine;

import java.io.IOException;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/** Work that blocks, on the bounded pool made for it, and its result as a future. */
final class BlockingWork {
    private final Executor executor;

    BlockingWork(Executor executor) {
        this.executor = executor;
    }

    /** Fails when the pool takes no more. */
    <T> CompletableFuture<T> submit(Callable<@Nullable T> work) {
        CompletableFuture<T> result = new CompletableFuture<>();
        try {
            executor.execute(() -> {
                try {
                    result.complete(work.call());
                } catch (Throwable e) { // also what is no Exception: somebody waits for the result
                    result.completeExceptionally(e);
                }
            });
        } catch (RejectedExecutionException e) {
            result.completeExceptionally(new IOException("too much to do for containers, or shutting down", e));
        }
        return result;
    }
}
