package io.paddock.agent.server.containers.engine;

import io.paddock.agent.server.containers.ContainerIds;
import io.paddock.agent.server.containers.ContainerSpec;
import io.paddock.agent.server.containers.Exit;
import io.paddock.agent.server.containers.LaunchFailure;
import io.paddock.agent.server.containers.Launched;
import io.paddock.agent.server.containers.Recovered;
import io.paddock.agent.server.containers.tools.Processes;
import io.paddock.proto.v1.ContainerID;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** How containers come to be known: launched here, or found from an earlier process. */
final class Launching {
    private static final Logger LOG = LoggerFactory.getLogger(Launching.class);
    private static final int MOST_SECONDS_OF_ENDING = 15;

    private final Path containersDirectory;
    private final Path exitsDirectory;
    private final Isolation isolation;
    private final Recipe recipe;
    private final BlockingWork launches;
    private final Known known;
    private final Exits exits;
    private final Remains remains;
    private final Consumer<Held> ended;
    private final String bootId;

    /**
     * @param containersDirectory of records
     * @param exitsDirectory of exit codes
     * @param launches where they are carried out
     * @param ended told of each container that has ended; must not block
     */
    Launching(
            Path containersDirectory,
            Path exitsDirectory,
            Isolation isolation,
            Recipe recipe,
            BlockingWork launches,
            Known known,
            Exits exits,
            Remains remains,
            Consumer<Held> ended)
            throws IOException {
        this.containersDirectory = containersDirectory;
        this.exitsDirectory = exitsDirectory;
        this.isolation = isolation;
        this.recipe = recipe;
        this.launches = launches;
        this.known = known;
        this.exits = exits;
        this.remains = remains;
        this.ended = ended;
        this.bootId = Processes.bootId();
    }

    /** Takes up what an earlier process launched, and cleans up what it did not finish. Blocks. */
    List<Recovered> recover(OutputGuard guard) throws IOException {
        Recovery recovery = Recovery.read(containersDirectory, exitsDirectory, bootId, isolation);
        isolation.open(recovery.halfLaunched());
        guard.start();
        for (ContainerRecord record : recovery.halfLaunched()) {
            LOG.info("{}: its launch was cut short; cleaning up", record);
            remains.undo(record);
        }
        // What is nested in one is found there before any of them is told to end.
        recovery.launched().forEach(known::add);
        for (Held found : recovery.launched()) {
            if (found.record().isFreed()) {
                found.nowFreed();
            } else {
                isolation.resume(found.record(), found.spec());
            }
            exits.ended(found, recovery.isFromEarlierBoot(found));
        }
        for (Held found : recovery.launched()) {
            found.exited().thenAccept(exit -> ended.accept(found));
        }
        return recovery.launched().stream().map(Launching::recovered).toList();
    }

    private static Recovered recovered(Held found) {
        Exit exit = found.exited().getNow(null);
        return new Recovered(found.spec(), found.launched().join(), Optional.ofNullable(exit));
    }

    CompletionStage<Launched> launch(ContainerSpec asked) {
        ContainerSpec spec = asOutermost(asked);
        ContainerRecord record =
                new ContainerRecord(containersDirectory, exitsDirectory, ContainerRecord.nameOf(spec.id()));
        Held mine = new Held(spec, record, isolation.exclusive(spec));
        Held earlier = known.add(mine);
        if (earlier != null) {
            return earlier.launched().copy();
        }
        mine.exited().thenAccept(exit -> ended.accept(mine));
        parentLaunch(spec.id())
                .thenCompose(ignored -> turn(mine))
                .thenCompose(ignored -> launches.submit(() -> {
                    carryOut(mine);
                    return mine;
                }))
                .whenComplete((ignored, failure) -> {
                    if (failure != null) {
                        Throwable cause = failure.getCause() == null ? failure : failure.getCause();
                        failed(mine, new LaunchFailure("launch", Recipe.message(cause)));
                    }
                });
        return mine.launched().copy();
    }

    /** Whom it runs as that names nobody is decided by the outermost container, as is who may nest it. */
    private ContainerSpec asOutermost(ContainerSpec spec) {
        Held outermost = spec.id().hasParent() ? known.find(ContainerIds.root(spec.id())) : null;
        return outermost == null || spec.user().isPresent()
                ? spec
                : spec.withUser(outermost.spec().hostUser());
    }

    /** Completes when it is known what became of the parent's launch. */
    private CompletionStage<?> parentLaunch(ContainerID id) {
        Held parent = id.hasParent() ? known.find(id.getParent()) : null;
        return parent == null
                ? CompletableFuture.completedFuture(null)
                : parent.launched().handle((launched, failure) -> null);
    }

    /**
     * Completes when those that are ending have let go of what only one at a time can have: it is offered again as soon as
     * it is known that they have ended. Or when this one is destroyed before. What it is nested in lets go after it, and is not
     * waited for.
     */
    private CompletionStage<?> turn(Held mine) {
        if (mine.exclusive().isEmpty()) {
            return CompletableFuture.completedFuture(null);
        }
        List<Held> before = known.all().stream()
                .filter(other -> other != mine
                        && !Collections.disjoint(mine.exclusive(), other.exclusive())
                        && !ContainerIds.isIn(mine.spec().id(), other.spec().id())
                        && isEnding(other))
                .toList();
        if (!before.isEmpty()) {
            LOG.info("{}: waits until {} have let go of {}", mine.record(), before, mine.exclusive());
        }
        CompletableFuture<Void> allGone = CompletableFuture.allOf(before.stream()
                .map(other -> other.gone().copy().completeOnTimeout(null, MOST_SECONDS_OF_ENDING, TimeUnit.SECONDS))
                .toArray(CompletableFuture[]::new));
        return CompletableFuture.anyOf(allGone, mine.cancelled());
    }

    /** Also what has no process and nothing running in it: its executor will end it soon. */
    private boolean isEnding(Held other) {
        ContainerRecord.Started started = other.started();
        return other.cancellation().cancelled()
                || other.exited().isDone()
                || started != null
                        && started.process().pid() == 0
                        && known.nestedIn(other).stream().noneMatch(Held::running);
    }

    private void carryOut(Held mine) {
        Optional<String> remainder = remains.problem(mine.record().name());
        if (remainder.isPresent()) {
            failed(mine, new LaunchFailure("record", "an earlier launch of this id is not undone: " + remainder.get()));
            return;
        }
        Launch launch = isolation.launch(mine.spec(), mine.record(), mine.cancellation());
        try {
            if (mine.spec().id().hasParent()) {
                launch.inherit(parentOf(mine).launched().networks());
            }
            mine.record().create(mine.spec());
            recipe.prepare(launch);
            mine.cancellation().check();
            Launched launched = launch.launched();
            ContainerRecord.Started facts =
                    new ContainerRecord.Started(bootId, Processes.identity(launched.pid()), launched);
            mine.record().started(facts);
            mine.started(facts);
            exits.ended(mine, false);
        } catch (LaunchFailure failure) {
            undo(mine, cause(mine, failure));
        } catch (CancellationException e) {
            undo(mine, new LaunchFailure("record", "destroyed while it was launched"));
        } catch (IOException | RuntimeException | Error e) { // a library that is missing is an error
            LOG.debug("{}: its record failed", mine.record(), e);
            undo(mine, new LaunchFailure("record", Recipe.message(e)));
        }
    }

    /** What a step missed when the parent ended meanwhile says nothing to those who asked for the launch. */
    private LaunchFailure cause(Held mine, LaunchFailure failure) {
        if (mine.spec().id().hasParent()) {
            try {
                parentOf(mine);
            } catch (LaunchFailure parent) {
                return parent;
            }
        }
        return failure;
    }

    /** One that is being destroyed takes nothing in: it has told those in it to end already. */
    private ContainerRecord.Started parentOf(Held nested) throws LaunchFailure {
        Held parent = known.find(nested.spec().id().getParent());
        ContainerRecord.Started started = parent == null ? null : parent.started();
        if (parent == null || started == null || parent.cancellation().cancelled()) {
            throw new LaunchFailure(
                    "parent",
                    "container " + ContainerIds.text(nested.spec().id().getParent())
                            + (started == null ? " is not there" : " is being destroyed"));
        }
        Processes.Identity process = started.process();
        if (!parent.running() || process.pid() > 0 && !process.runs()) {
            throw new LaunchFailure(
                    "parent",
                    "container " + ContainerIds.text(nested.spec().id().getParent()) + " has ended");
        }
        return started;
    }

    private void undo(Held mine, LaunchFailure failure) {
        LOG.info("{}: step {} failed: {}", mine.record(), failure.step(), failure.getMessage());
        remains.undo(mine.record());
        failed(mine, failure);
    }

    private void failed(Held mine, LaunchFailure failure) {
        known.forget(mine);
        mine.launched().completeExceptionally(failure);
        mine.exited().completeExceptionally(failure);
    }
}
