package io.paddock.agent.server.containers.engine;

import io.paddock.agent.server.containers.PendingOperation;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What launches have left that failed and could not be undone: undone again after 15 s, doubling to 10 min, until nothing is
 * left. A plugin that fails or a disk that is full may do so for a while only. The next start of the agent does the same. Any
 * thread.
 */
final class Remains {
    private static final Logger LOG = LoggerFactory.getLogger(Remains.class);
    private static final Duration FIRST = Duration.ofSeconds(15);
    private static final Duration LONGEST = Duration.ofMinutes(10);

    private final Isolation isolation;
    private final Recipe recipe;
    private final BlockingWork blocking;
    private final ConcurrentMap<String, Remainder> remainders = new ConcurrentHashMap<>();
    private volatile boolean closed;

    private record Remainder(String problem, Instant since) {}

    Remains(Isolation isolation, Recipe recipe, BlockingWork blocking) {
        this.isolation = isolation;
        this.recipe = recipe;
        this.blocking = blocking;
    }

    /** Ends what was launched of a container and undoes it, later if it cannot be now. Blocks. */
    void undo(ContainerRecord record) {
        undo(record, FIRST);
    }

    private void undo(ContainerRecord record, Duration beforeTheNext) {
        try {
            isolation.kill(record);
            recipe.cleanup(record);
            if (remainders.remove(record.name()) != null) {
                LOG.info("{}: what its failed launch had left is gone", record);
            }
        } catch (IOException | RuntimeException e) {
            recipe.destroyFailed();
            LOG.error(
                    "{}: its failed launch cannot be undone, next attempt in {} s: {}",
                    record,
                    beforeTheNext.toSeconds(),
                    e.toString());
            later(record, Recipe.message(e), beforeTheNext);
        }
    }

    private void later(ContainerRecord record, String problem, Duration delay) {
        remainders.merge(
                record.name(),
                new Remainder(problem, Instant.now()),
                (before, now) -> new Remainder(now.problem(), before.since()));
        Duration doubled = delay.multipliedBy(2);
        Duration next = doubled.compareTo(LONGEST) > 0 ? LONGEST : doubled;
        CompletableFuture.delayedExecutor(delay.toMillis(), TimeUnit.MILLISECONDS, Runnable::run)
                .execute(() -> again(record, problem, next));
    }

    private void again(ContainerRecord record, String problem, Duration next) {
        if (closed) {
            return;
        }
        blocking.submit(() -> {
                    undo(record, next);
                    return record;
                })
                .exceptionally(refused -> {
                    later(record, problem, next);
                    return record;
                });
    }

    /** Why nothing can be launched under a name. */
    Optional<String> problem(String name) {
        return Optional.ofNullable(remainders.get(name)).map(Remainder::problem);
    }

    List<PendingOperation> pending() {
        return remainders.entrySet().stream()
                .map(each -> new PendingOperation(
                        each.getKey(),
                        "undoing its failed launch, tried again: "
                                + each.getValue().problem(),
                        each.getValue().since()))
                .sorted(Comparator.comparing(PendingOperation::since))
                .toList();
    }

    /** Nothing is tried again after this. */
    void close() {
        closed = true;
    }
}
