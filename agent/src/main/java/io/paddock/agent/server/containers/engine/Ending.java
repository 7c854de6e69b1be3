package io.paddock.agent.server.containers.engine;

import io.paddock.agent.server.containers.Exit;
import io.paddock.common.Signals;
import io.paddock.proto.v1.ContainerID;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** How containers end and are forgotten: what is nested in one before it. */
final class Ending {
    private static final Duration KILL_PATIENCE = Duration.ofSeconds(10);

    private final Isolation isolation;
    private final Recipe recipe;
    private final BlockingWork blocking;
    private final Known known;
    private final Exits exits;
    private final OutputFiles outputs;

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
        found.cancellation().cancel();
        found.launched()
                .handle((launched, failure) -> failure == null)
                .thenCompose(launched -> launched ? end(found) : CompletableFuture.completedFuture(null))
                .whenComplete((ignored, failure) -> {
                    if (failure == null) {
                        mine.complete(null);
                    } else {
                        recipe.destroyFailed();
                        mine.completeExceptionally(failure);
                    }
                });
        return mine.copy();
    }

    private CompletionStage<Void> end(Held found) {
        CompletableFuture<?>[] nested = known.nestedIn(found).stream()
                .map(inner -> destroy(inner.spec().id()).toCompletableFuture())
                .toArray(CompletableFuture[]::new);
        return CompletableFuture.allOf(nested)
                .thenCompose(ignored -> blocking.submit(() -> {
                    isolation.kill(found.record());
                    return found;
                }))
                .thenCompose(ignored -> found.awaitExit(KILL_PATIENCE))
                .thenCompose(ignored -> blocking.<Void>submit(() -> {
                    exits.ended(found, true);
                    recipe.cleanup(found.record());
                    outputs.forget(found.spec());
                    known.forget(found);
                    // Nobody will be able to tell how it ended when that could not be read or recorded.
                    found.exited().complete(Exit.signal(Signals.SIGKILL, Instant.now()));
                    return null;
                }));
    }
}
