package io.paddock.client;

import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** The one thread of a connection: what runs on it never overlaps. Thread safe, except {@link #wakeAt}, which belongs to it. */
final class ConnectionThread {
    private final ScheduledThreadPoolExecutor thread;
    private volatile @Nullable Thread owner;
    private @Nullable ScheduledFuture<?> wake;

    ConnectionThread(String name) {
        thread = new ScheduledThreadPoolExecutor(1, task -> {
            Thread t = new Thread(task, name);
            t.setDaemon(true);
            owner = t;
            return t;
        });
        thread.setRemoveOnCancelPolicy(true);
        thread.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
    }

    /** Runs it now when called on the thread itself; answers whether it is run at all, which it is not after the end. */
    boolean execute(Runnable task) {
        if (Thread.currentThread() == owner) {
            task.run();
            return true;
        }
        try {
            thread.execute(task);
            return true;
        } catch (RejectedExecutionException e) {
            return false;
        }
    }

    /** Replaces what was to be run later before. */
    void wakeAt(Instant time, Runnable task) {
        if (wake != null) {
            wake.cancel(false);
        }
        if (thread.isShutdown()) {
            return;
        }
        long delay = Math.max(0, Duration.between(Instant.now(), time).toNanos());
        // Behind what has already arrived: a process that was held up must not take its own silence for the master's.
        wake = thread.schedule(() -> thread.execute(task), delay, TimeUnit.NANOSECONDS);
    }

    /** Runs what was handed over already, and nothing more. */
    void end() {
        thread.shutdown();
    }
}
