package io.paddock.agent.server.containers.engine;

import io.paddock.agent.server.containers.ContainerSpec;
import io.paddock.agent.server.containers.Exit;
import io.paddock.agent.server.containers.Launched;
import io.paddock.agent.server.containers.tools.Cancellation;
import io.paddock.common.Signals;
import java.time.Duration;
import java.time.Instant;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/** A container this process knows, from the request to launch it until it is destroyed. */
final class Held {
    private final ContainerSpec spec;
    private final ContainerRecord record;
    private final Set<String> exclusive;
    private final DiskUse disk;
    private final Cancellation cancellation = new Cancellation();
    private final CompletableFuture<Void> cancelled = new CompletableFuture<>();
    private final CompletableFuture<Launched> launched = new CompletableFuture<>();
    private final CompletableFuture<Exit> exited = new CompletableFuture<>();
    private final CompletableFuture<Void> gone = new CompletableFuture<>();
    private final Object freeing = new Object();
    private final NewestLimits limits = new NewestLimits();
    private volatile ContainerRecord.@Nullable Started started;
    private final AtomicBoolean toBeTriedAgain = new AtomicBoolean();
    private volatile boolean freed;
    private @Nullable CompletableFuture<Void> destroyed; // guarded by this

    /** @param exclusive names of what it asks for that only one at a time can have */
    Held(ContainerSpec spec, ContainerRecord record, Set<String> exclusive) {
        this.spec = spec;
        this.record = record;
        this.exclusive = exclusive;
        this.disk = new DiskUse(spec, spec.command().isPresent() ? record.sandbox() : spec.sandbox());
    }

    ContainerSpec spec() {
        return spec;
    }

    ContainerRecord record() {
        return record;
    }

    Set<String> exclusive() {
        return exclusive;
    }

    /** None are asked for until those of its launch are to be changed. */
    NewestLimits limits() {
        return limits;
    }

    Cancellation cancellation() {
        return cancellation;
    }

    /** It is to be destroyed: nothing more is done to launch it, and nothing waited for. */
    void cancel() {
        cancellation.cancel();
        cancelled.complete(null);
    }

    CompletableFuture<Void> cancelled() {
        return cancelled;
    }

    CompletableFuture<Launched> launched() {
        return launched;
    }

    CompletableFuture<Exit> exited() {
        return exited;
    }

    void started(ContainerRecord.Started facts) {
        started = facts;
        launched.complete(facts.launched());
    }

    ContainerRecord.@Nullable Started started() {
        return started;
    }

    /** Completes when its process has ended, or after a while in any case; at once when it has none. */
    CompletionStage<?> awaitExit(Duration patience) {
        ContainerRecord.Started facts = started;
        return facts == null || facts.process().pid() == 0
                ? CompletableFuture.completedFuture(null)
                : exited.copy()
                        .completeOnTimeout(
                                Exit.signal(Signals.SIGKILL, Instant.EPOCH),
                                patience.toMillis(),
                                TimeUnit.MILLISECONDS);
    }

    DiskUse disk() {
        return disk;
    }

    /** Held while what it has is being freed, so that this is done once at a time. */
    Object freeing() {
        return freeing;
    }

    /** Whether it has ended and holds nothing any more but its exit. */
    boolean freed() {
        return freed;
    }

    void nowFreed() {
        freed = true;
        gone.complete(null);
    }

    /** Completes when it holds nothing any more, but perhaps its exit. */
    CompletableFuture<Void> gone() {
        return gone;
    }

    /** False when it is to be destroyed again already. */
    boolean tryAgainOnce() {
        return toBeTriedAgain.compareAndSet(false, true);
    }

    void tryingAgain() {
        toBeTriedAgain.set(false);
    }

    @Override
    public String toString() {
        return record.toString();
    }

    boolean running() {
        return started != null && !exited.isDone();
    }

    /** The destruction under way, or null when the caller is the first to ask and must carry it out. */
    synchronized @Nullable CompletableFuture<Void> destroyOnce(CompletableFuture<Void> mine) {
        CompletableFuture<Void> earlier = destroyed;
        if (earlier == null || earlier.isCompletedExceptionally()) {
            destroyed = mine;
            return null;
        }
        return earlier;
    }
}
