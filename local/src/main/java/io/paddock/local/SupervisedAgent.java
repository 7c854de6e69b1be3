package io.paddock.local;

import io.paddock.agent.server.AgentOptions;
import io.paddock.agent.server.AgentServer;
import java.time.Duration;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.apache.pekko.actor.typed.ActorSystem;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An agent that is started again whenever it ends, as a supervisor does on a machine of a cluster: the master may tell it to shut
 * down for maintenance, and take it back when the machine is up; one marked gone comes back as a new agent. The pause before a
 * start doubles while starts do not last, so that a machine may stay down for long.
 */
final class SupervisedAgent implements AutoCloseable {
    static final Duration PAUSE = Duration.ofSeconds(1);

    private static final Logger LOG = LoggerFactory.getLogger(SupervisedAgent.class);
    private static final Duration START = Duration.ofSeconds(30);
    private static final Duration LASTED = Duration.ofSeconds(30);
    private static final int MOST_DOUBLINGS = 3;

    private final ActorSystem<?> system;
    private final AgentOptions options;
    private final boolean keepTasks;
    private final Duration pause;
    private final Consumer<String> ended;
    private final ScheduledThreadPoolExecutor thread;
    private @Nullable AgentServer running; // guarded by this, as are the next four
    private long startedAtNanos;
    private int failures;
    private String lastReason = "";
    private boolean closing;

    private SupervisedAgent(
            ActorSystem<?> system, AgentOptions options, boolean keepTasks, Duration pause, Consumer<String> ended) {
        this.system = system;
        this.options = options;
        this.keepTasks = keepTasks;
        this.pause = pause;
        this.ended = ended;
        this.thread = new ScheduledThreadPoolExecutor(1, task -> {
            Thread named = new Thread(task, "supervisor-of-agent");
            named.setDaemon(true);
            return named;
        });
        thread.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
    }

    /**
     * Starts the agent for the first time.
     *
     * @param keepTasks whether tasks outlive {@link #close}
     * @param pause before the agent is started again
     * @param ended told why the agent ended, once while it goes on to end for the same reason
     * @throws Exception when it cannot be started
     */
    static SupervisedAgent start(
            ActorSystem<?> system, AgentOptions options, boolean keepTasks, Duration pause, Consumer<String> ended)
            throws Exception {
        SupervisedAgent agent = new SupervisedAgent(system, options, keepTasks, pause, ended);
        try {
            agent.follow(agent.startOnce());
            return agent;
        } catch (Exception e) {
            agent.thread.shutdownNow();
            throw e;
        }
    }

    private AgentServer startOnce() throws Exception {
        return Cluster.await("agent", START, AgentServer.start(system, options));
    }

    private synchronized void follow(AgentServer started) {
        running = started;
        startedAtNanos = System.nanoTime();
        started.failed().thenAccept(this::ended);
    }

    /** The port, which stays the same; 0 while the agent is away. */
    synchronized int port() {
        return running == null ? 0 : running.port();
    }

    private synchronized void ended(String reason) {
        if (closing) {
            return;
        }
        boolean lasted = System.nanoTime() - startedAtNanos > LASTED.toNanos();
        failures = lasted ? 0 : failures + 1;
        Duration next = pause.multipliedBy(1L << Math.min(failures, MOST_DOUBLINGS));
        LOG.info("The agent ended: {}. It is started again in {}", reason, next);
        if (!reason.equals(lastReason)) {
            lastReason = reason;
            ended.accept(reason);
        }
        try {
            thread.schedule(this::startAgain, next.toMillis(), TimeUnit.MILLISECONDS);
        } catch (RejectedExecutionException e) {
            LOG.debug("The agent is not started again: the cluster ends");
        }
    }

    private void startAgain() {
        AgentServer former = taken();
        if (former != null) {
            former.close();
        }
        try {
            AgentServer started = startOnce();
            if (isClosing()) {
                started.close();
            } else {
                follow(started);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (Exception e) {
            ended("it cannot be started: " + e.getMessage());
        }
    }

    private synchronized @Nullable AgentServer taken() {
        AgentServer former = running;
        running = null;
        return former;
    }

    private synchronized boolean isClosing() {
        return closing;
    }

    /** Ends the agent, if it runs. Blocks. */
    @Override
    public void close() throws InterruptedException {
        synchronized (this) {
            closing = true;
        }
        thread.shutdown();
        thread.awaitTermination(START.toMillis(), TimeUnit.MILLISECONDS);
        AgentServer last = taken();
        if (last != null && keepTasks) {
            last.close();
        } else if (last != null) {
            last.closeAndStopTasks();
        }
    }
}
