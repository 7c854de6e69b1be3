package io.paddock.agent.server;

import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The threads of one agent that block, apart from Pekko's so that neither starves the other.
 *
 * @param containers container work: tools, files
 * @param streams one thread for each stream of a session that is being read or written
 * @param timers deadlines of containers
 */
record AgentThreads(ExecutorService containers, ExecutorService streams, ScheduledExecutorService timers)
        implements AutoCloseable {
    private static final int CONTAINER_THREADS = 16;

    static AgentThreads start() {
        return new AgentThreads(
                Executors.newFixedThreadPool(CONTAINER_THREADS, named("agent-containers")),
                Executors.newCachedThreadPool(named("agent-streams")),
                Executors.newSingleThreadScheduledExecutor(named("agent-timers")));
    }

    private static ThreadFactory named(String name) {
        AtomicInteger count = new AtomicInteger();
        return task -> {
            Thread thread = new Thread(task, name + "-" + count.incrementAndGet());
            thread.setDaemon(true);
            return thread;
        };
    }

    @Override
    public void close() {
        containers.shutdown();
        streams.shutdown();
        timers.shutdownNow();
    }
}
