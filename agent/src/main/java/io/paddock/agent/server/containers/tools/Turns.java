package io.paddock.agent.server.containers.tools;

import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * Carries out what has to do with other machines: a few things of each at a time, in their order. So one that does not answer
 * holds up those who need something of it, and others only when very many do not answer.
 */
public final class Turns implements AutoCloseable {
    private final int ofEach;
    private final ThreadPoolExecutor pool;
    private final Map<String, Line> lines = new HashMap<>();

    private static final class Line {
        final Queue<Runnable> waiting = new ArrayDeque<>();
        int turns;
    }

    /**
     * @param ofEach how many of one machine are carried out at a time
     * @param ofAll how many of all machines are
     */
    public Turns(String name, int ofEach, int ofAll) {
        this.ofEach = ofEach;
        this.pool = new ThreadPoolExecutor(ofAll, ofAll, 10, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), task -> {
            Thread thread = new Thread(task, name);
            thread.setDaemon(true);
            return thread;
        });
        pool.allowCoreThreadTimeOut(true);
    }

    /**
     * Carries out work when it is its turn.
     *
     * @return false when others of its machine come first
     * @throws RejectedExecutionException after the end
     */
    public synchronized boolean execute(String machine, Runnable work) {
        if (pool.isShutdown()) {
            throw new RejectedExecutionException("nothing is carried out any more");
        }
        Line line = lines.computeIfAbsent(machine, ignored -> new Line());
        if (line.turns == ofEach) {
            line.waiting.add(work);
            return false;
        }
        pool.execute(() -> carryOut(machine, line, work));
        line.turns++;
        return true;
    }

    private void carryOut(String machine, Line line, Runnable work) {
        try {
            work.run();
        } finally {
            passOn(machine, line);
        }
    }

    private synchronized void passOn(String machine, Line line) {
        Runnable next = line.waiting.poll();
        if (next != null && !pool.isShutdown()) {
            pool.execute(() -> carryOut(machine, line, next));
        } else {
            line.turns--;
            if (line.turns == 0) {
                lines.remove(machine);
            }
        }
    }

    /** Interrupts what is being carried out; what waits never is. */
    @Override
    public void close() {
        pool.shutdownNow();
    }
}
