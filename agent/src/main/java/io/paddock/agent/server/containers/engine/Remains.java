package io.paddock.agent.server.containers.engine;

import io.paddock.agent.server.containers.PendingOperation;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What launches have left that failed and could not be undone: undone again after a pause, doubling to 10 min while none can be,
 * until nothing is left. A plugin that fails or a disk that is full may do so for a while only, and for all alike: one of those
 * that fail at a step stands for the others. What the agent before has left is here as well. Any thread.
 *
 * <p>Each is known until it is undone, and no longer: until then nothing can be launched under its name, and nobody else frees what
 * it holds. That is as many as there are records on the disk of launches that failed.
 */
final class Remains {
    private static final Logger LOG = LoggerFactory.getLogger(Remains.class);
    private static final Duration LONGEST = Duration.ofMinutes(10);
    private static final int MOST_LISTED = 100;

    private final Isolation isolation;
    private final Recipe recipe;
    private final BlockingWork blocking;
    private final Duration first;
    /** Those tried longest ago first. Guarded by this, as all below. */
    private final Map<String, Remainder> remainders = new LinkedHashMap<>();

    private boolean timed;
    private boolean closed;

    /** @param step that fails */
    private record Problem(String step, String message) {}

    private record Remainder(ContainerRecord record, Problem problem, Instant since) {}

    /** @param first the pause before the next attempt */
    Remains(Isolation isolation, Recipe recipe, BlockingWork blocking, Duration first) {
        this.isolation = isolation;
        this.recipe = recipe;
        this.blocking = blocking;
        this.first = first;
    }

    /** Ends what was launched of a container and undoes it, later if it cannot be now. Blocks. */
    void undo(ContainerRecord record) {
        Problem problem = attempt(record);
        if (problem != null) {
            LOG.error("{}: its failed launch cannot be undone; tried again later: {}", record, problem.message());
            keep(record, problem);
            again(first);
        }
    }

    private @Nullable Problem attempt(ContainerRecord record) {
        try {
            isolation.kill(record);
            recipe.cleanup(record);
            return null;
        } catch (IOException | RuntimeException e) {
            recipe.destroyFailed();
            String step = e instanceof Recipe.NotUndone failed ? failed.step() : "kill";
            return new Problem(step, Recipe.message(e));
        }
    }

    private synchronized void keep(ContainerRecord record, Problem problem) {
        Remainder before = remainders.remove(record.name());
        remainders.put(record.name(), new Remainder(record, problem, before == null ? Instant.now() : before.since()));
    }

    private synchronized void again(Duration delay) {
        if (timed || closed || remainders.isEmpty()) {
            return;
        }
        timed = true;
        CompletableFuture.delayedExecutor(delay.toMillis(), TimeUnit.MILLISECONDS, Runnable::run)
                .execute(() -> blocking.submit(this::round).whenComplete((progress, refused) -> {
                    synchronized (this) {
                        timed = false;
                    }
                    again(refused == null && progress ? first : longer(delay));
                }));
    }

    private static Duration longer(Duration delay) {
        Duration doubled = delay.multipliedBy(2);
        return doubled.compareTo(LONGEST) > 0 ? LONGEST : doubled;
    }

    /** Whether any of them is gone. */
    private boolean round() {
        Set<String> failing = new HashSet<>();
        boolean progress = false;
        for (Remainder each : waiting()) {
            if (failing.contains(each.problem().step())) {
                continue;
            }
            Problem problem = attempt(each.record());
            if (problem == null) {
                LOG.info("{}: what its failed launch had left is gone", each.record());
                forget(each.record());
                progress = true;
            } else {
                LOG.debug("{}: its failed launch still cannot be undone: {}", each.record(), problem.message());
                keep(each.record(), problem);
                failing.add(problem.step());
            }
        }
        return progress;
    }

    private synchronized List<Remainder> waiting() {
        return closed ? List.of() : List.copyOf(remainders.values());
    }

    private synchronized void forget(ContainerRecord record) {
        remainders.remove(record.name());
    }

    /** Why nothing can be launched under a name. */
    synchronized Optional<String> problem(String name) {
        return Optional.ofNullable(remainders.get(name))
                .map(each -> each.problem().message());
    }

    /** The oldest ones, and how many more there are. */
    List<PendingOperation> pending() {
        List<Remainder> all = new ArrayList<>(waiting());
        all.sort(Comparator.comparing(Remainder::since));
        List<PendingOperation> listed = new ArrayList<>();
        for (Remainder each : all.subList(0, Math.min(all.size(), MOST_LISTED))) {
            boolean last = listed.size() == MOST_LISTED - 1 && all.size() > MOST_LISTED;
            String others = last ? " (and " + (all.size() - MOST_LISTED) + " more launches)" : "";
            listed.add(new PendingOperation(
                    each.record().name(),
                    "undoing its failed launch, tried again: " + each.problem().message() + others,
                    each.since()));
        }
        return listed;
    }

    /** Nothing is tried again after this. */
    synchronized void close() {
        closed = true;
    }
}
