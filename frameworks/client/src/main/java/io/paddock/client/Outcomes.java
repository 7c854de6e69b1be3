package io.paddock.client;

import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Completes the stages of one connection's calls, never on a thread that has other calls to see to: what depends on a stage runs
 * there and may block. On the executor of the caller's choice, or on threads of its own that end when they are idle. Thread safe.
 */
final class Outcomes {
    /** Of its own at once; what comes when all are blocked is told on the common pool. */
    static final int MOST_THREADS = 256;

    private static final Logger LOG = LoggerFactory.getLogger(Outcomes.class);
    private static final int IDLE_SECONDS = 60;
    private static final int FORGOTTEN_SECONDS = 5;

    private final Executor executor;
    private final Set<CompletableFuture<Void>> told = ConcurrentHashMap.newKeySet(); // but not done yet

    Outcomes(@Nullable Executor chosen) {
        this.executor = chosen == null ? pool() : chosen;
    }

    /** Another thread whenever all are busy: any number of them may be blocked by those that depend on an outcome. */
    private static Executor pool() {
        AtomicInteger count = new AtomicInteger();
        return new ThreadPoolExecutor(
                0, MOST_THREADS, IDLE_SECONDS, TimeUnit.SECONDS, new SynchronousQueue<>(), task -> {
                    Thread thread = new Thread(task, "paddock-outcomes-" + count.incrementAndGet());
                    thread.setDaemon(true);
                    return thread;
                });
    }

    /** Tells what came of a call; null when it was taken. */
    void complete(CompletableFuture<Void> stage, @Nullable CallRefusedException why) {
        told.add(stage);
        Runnable completion = () -> {
            if (why == null) {
                stage.complete(null);
            } else {
                stage.completeExceptionally(why);
            }
            told.remove(stage);
        };
        try {
            executor.execute(completion);
        } catch (RuntimeException e) {
            if (!(e instanceof RejectedExecutionException)) { // that is what one throws that has ended, or is full
                LOG.warn("The executor for the outcomes of calls failed; telling one elsewhere", e);
            }
            ForkJoinPool.commonPool().execute(completion); // who waits must not wait for ever
        }
    }

    /** Completes this stage when all that were told before are done, or soon, as an executor may forget what it was given. */
    void completeLast(CompletableFuture<Void> stage) {
        CompletableFuture.allOf(told.toArray(CompletableFuture[]::new))
                .completeOnTimeout(null, FORGOTTEN_SECONDS, TimeUnit.SECONDS)
                .whenComplete((done, error) -> complete(stage, null));
    }
}
