package io.paddock.agent.server.http;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Supplier;
import org.apache.pekko.stream.FlowShape;
import org.apache.pekko.stream.Graph;
import org.apache.pekko.stream.KillSwitches;
import org.apache.pekko.stream.SharedKillSwitch;

/** What all streams to and from processes share: their threads, and that they end before the agent does. Any thread. */
public final class ProcessStreams {
    private final Executor threads;
    private final Duration heartbeat;
    private final SharedKillSwitch ending = KillSwitches.shared("process-streams");

    /**
     * @param threads has a thread for each stream that blocks
     * @param heartbeat how often a stream says that it is alive
     */
    public ProcessStreams(Executor threads, Duration heartbeat) {
        this.threads = threads;
        this.heartbeat = heartbeat;
    }

    Duration heartbeat() {
        return heartbeat;
    }

    Executor threads() {
        return threads;
    }

    /** Passes everything on until {@link #close}. */
    <T> Graph<FlowShape<T, T>, SharedKillSwitch> untilClosed() {
        return ending.flow();
    }

    /**
     * The result of work that blocks.
     *
     * @param closed the result when the threads have ended: a stream may not have noticed yet that it has
     */
    <T> CompletionStage<T> supply(Supplier<T> work, T closed) {
        try {
            return CompletableFuture.supplyAsync(work, threads);
        } catch (RejectedExecutionException e) {
            return CompletableFuture.completedFuture(closed);
        }
    }

    /** Ends all streams as if their processes had. */
    void close() {
        ending.shutdown();
    }
}
