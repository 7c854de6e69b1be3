package io.paddock.agent.server.containers.engine;

import io.paddock.agent.server.containers.Exit;
import io.paddock.common.Signals;
import io.paddock.proto.v1.ContainerID;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;

/** How containers end and are forgotten: what is nested in one before it. */
final class Ending {
    private static final Duration KILL_PATIENCE = Duration.ofSeconds(10);
    private static final Duration BEFORE_TRYING_AGAIN = Duration.ofSeconds(15);

    private final Isolation isolation;
    private final Recipe recipe;
    private final BlockingWork blocking;
    private final Known known;
    private final Exits exits;
    private final OutputFiles outputs;
    private volatile boolean closed;

    Ending(Isolation isolation, Recipe recipe, BlockingWork blocking, Known known, Exits exits, OutputFiles outputs) {
        this.isolation = isolation;
        this.recipe = recipe;
        this.blocking = blocking;
        this.known = known;
        this.exits = exits;
        this.outputs = outputs;
    }

    CompletionStage<Void> destroy(ContainerID id) {
        Held found = known.find(id);
        if (found == null) {
            return CompletableFuture.completedFuture(null);
        }
        CompletableFuture<Void> mine = new CompletableFuture<>();
        CompletableFuture<Void> earlier = found.destroyOnce(mine);
        if (earlier != null) {
            return earlier.copy();
        }
        found.cancel();
        found.launched()
                .handle((launched, failure) -> failure == null)
                .thenCompose(launched -> launched ? end(found) : CompletableFuture.completedFuture(null))
                .whenComplete((ignored, failure) -> {
                    if (failure == null) {
                        mine.complete(null);
                    } else {
                        recipe.destroyFailed();
                        mine.completeExceptionally(failure);
                        tryAgain(found);
                    }
                });
        return mine.copy();
    }

    /** A plugin that fails or a disk that is full may do so for a while only. */
    private void tryAgain(Held found) {
        if (!found.tryAgainOnce()) {
            return;
        }
        CompletableFuture.delayedExecutor(BEFORE_TRYING_AGAIN.toMillis(), TimeUnit.MILLISECONDS, Runnable::run)
                .execute(() -> {
                    found.tryingAgain();
                    if (!closed && known.find(found.spec().id()) == found) {
                        var unused = destroy(found.spec().id());
                    }
                });
    }

    /** Nothing is tried again after this. */
    void close() {
        closed = true;
    }

    /**
     * Frees what a container that has ended held, after that which is nested in it, which is ended. How it ended stays known until
     * it is destroyed.
     */
    CompletionStage<Void> free(ContainerID id) {
        Held found = known.find(id);
        if (found == null || !found.exited().isDone() || found.cancellation().cancelled()) {
            return CompletableFuture.completedFuture(null);
        }
        CompletableFuture<?>[] nested = known.nestedIn(found).stream()
                .map(inner -> endNested(inner).toCompletableFuture())
                .toArray(CompletableFuture[]::new);
        return CompletableFuture.allOf(nested)
                .thenCompose(ignored -> blocking.<Void>submit(() -> {
                    free(found);
                    return null;
                }));
    }

    private CompletionStage<Void> endNested(Held inner) {
        return inner.launched()
                .handle((launched, failure) -> failure == null)
                .thenCompose(launched -> launched ? kill(inner) : CompletableFuture.completedFuture(inner))
                .thenCompose(ignored -> inner.awaitExit(KILL_PATIENCE))
                .thenCompose(ignored -> blocking.submit(() -> {
                    exits.ended(inner, true);
                    return inner;
                }))
                .thenCompose(ignored -> free(inner.spec().id()));
    }

    private void free(Held found) throws IOException {
        synchronized (found.freeing()) {
            if (known.find(found.spec().id()) == found && !found.freed()) {
                recipe.free(found.record());
                found.record().freed();
                found.nowFreed();
            }
        }
    }

    private CompletionStage<Held> kill(Held found) {
        return blocking.submit(() -> {
            isolation.kill(found.record());
            return found;
        });
    }

    private CompletionStage<Void> end(Held found) {
        CompletableFuture<?>[] nested = known.nestedIn(found).stream()
                .map(inner -> destroy(inner.spec().id()).toCompletableFuture())
                .toArray(CompletableFuture[]::new);
        return CompletableFuture.allOf(nested)
                .thenCompose(ignored -> kill(found))
                .thenCompose(ignored -> found.awaitExit(KILL_PATIENCE))
                .thenCompose(ignored -> blocking.<Void>submit(() -> {
                    exits.ended(found, true);
                    forget(found);
                    // Nobody will be able to tell how it ended when that could not be read or recorded.
                    found.exited().complete(Exit.signal(Signals.SIGKILL, Instant.now()));
                    return null;
                }));
    }

    private void forget(Held found) throws IOException {
        synchronized (found.freeing()) {
            if (found.freed()) {
                found.record().delete();
            } else {
                recipe.cleanup(found.record());
            }
            outputs.forget(found.spec());
            known.forget(found);
        }
    }
}
