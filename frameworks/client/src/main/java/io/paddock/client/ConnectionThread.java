package io.paddock.client;

import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The one thread of a connection: what runs on it never overlaps. Thread safe, except {@link #wakeAt}, which belongs to it. */
final class ConnectionThread {
    private static final Logger LOG = LoggerFactory.getLogger(ConnectionThread.class);

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
        return later(task);
    }

    /** Runs it when what is being done there is done; answers as {@link #execute}. */
    boolean later(Runnable task) {
        try {
            return !thread.schedule(() -> logged(task), 0, TimeUnit.NANOSECONDS).isCancelled(); // as at the very end
        } catch (RejectedExecutionException e) {
            return false;
        }
    }

    /** The executor would say nothing. */
    private static void logged(Runnable task) {
        try {
            task.run();
        } catch (RuntimeException | Error e) {
            LOG.error("What was handed to the thread of a scheduler connection failed", e);
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
        wake = thread.schedule(() -> thread.execute(() -> logged(task)), delay, TimeUnit.NANOSECONDS);
    }

    /** Runs what was handed over already, and nothing more. */
    void end() {
        thread.shutdown();
    }
}
