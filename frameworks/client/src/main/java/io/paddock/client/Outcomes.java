package io.paddock.client;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.ForkJoinPool.ForkJoinWorkerThreadFactory;
import java.util.concurrent.ForkJoinWorkerThread;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * Completes the stages of one connection's calls, never on a thread that has other calls to see to: what depends on a stage runs
 * there and may block. On the executor of the caller's choice, or on threads of its own that end when they are idle. Thread safe.
 */
final class Outcomes {
    /** So many of its own, and further ones for those that wait for stages. */
    static final int THREADS = 4;

    private final Executor executor;

    Outcomes(@Nullable Executor chosen) {
        this.executor = chosen == null ? new ForkJoinPool(THREADS, Outcomes::thread, null, true) : chosen;
    }

    private static ForkJoinWorkerThread thread(ForkJoinPool pool) {
        ForkJoinWorkerThreadFactory usual = ForkJoinPool.defaultForkJoinWorkerThreadFactory;
        ForkJoinWorkerThread thread = usual.newThread(pool);
        thread.setName("paddock-outcomes-" + thread.getPoolIndex());
        return thread;
    }

    /** Tells what came of a call; null when it was taken. */
    void complete(CompletableFuture<Void> stage, @Nullable CallRefusedException why) {
        Runnable completion = why == null ? () -> stage.complete(null) : () -> stage.completeExceptionally(why);
        try {
            executor.execute(completion);
        } catch (RejectedExecutionException e) {
            ForkJoinPool.commonPool().execute(completion); // the caller's has ended; who waits must not wait for ever
        }
    }
}
