package io.paddock.agent.server.containers.tools;

import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Where launches are carried out: a few at a time, as each costs processor time. Those that wait for an image or a file are made
 * up for by other threads, up to a bound, so that a slow registry does not keep what needs nothing of it from being launched.
 */
public final class LaunchThreads implements Executor {
    private static final int WORKING = 16;
    private static final int MOST_WAITING = 240;

    private final AtomicInteger count = new AtomicInteger();
    private final ThreadPoolExecutor pool =
            new ThreadPoolExecutor(WORKING, WORKING, 10, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), Worker::new);
    private int waiting;

    public LaunchThreads() {
        pool.allowCoreThreadTimeOut(true);
    }

    private final class Worker extends Thread {
        private Worker(Runnable work) {
            super(work, "container-launches-" + count.incrementAndGet());
            setDaemon(true);
        }

        private LaunchThreads threads() {
            return LaunchThreads.this;
        }
    }

    /** What others do, until it is done. */
    public interface Wait<T, E extends Exception> {
        T await() throws E;
    }

    @Override
    public void execute(Runnable launch) {
        pool.execute(launch);
    }

    /** Waits; in a launch, another one goes on meanwhile. */
    public static <T, E extends Exception> T await(Wait<T, E> wait) throws E {
        if (!(Thread.currentThread() instanceof Worker worker)) {
            return wait.await();
        }
        worker.threads().resize(1);
        try {
            return wait.await();
        } finally {
            worker.threads().resize(-1);
        }
    }

    private synchronized void resize(int more) {
        waiting += more;
        int threads = WORKING + Math.min(waiting, MOST_WAITING);
        if (threads > pool.getMaximumPoolSize()) {
            pool.setMaximumPoolSize(threads);
            pool.setCorePoolSize(threads);
        } else {
            pool.setCorePoolSize(threads);
            pool.setMaximumPoolSize(threads);
        }
    }
}
