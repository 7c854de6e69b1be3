package io.paddock.agent.server.containers.engine;

import io.paddock.agent.server.containers.ContainerIds;
import io.paddock.agent.server.containers.ContainerInput;
import io.paddock.agent.server.containers.ContainerSpec;
import io.paddock.agent.server.containers.Containers;
import io.paddock.agent.server.containers.ExecSession;
import io.paddock.agent.server.containers.ExecSpec;
import io.paddock.agent.server.containers.Exit;
import io.paddock.agent.server.containers.Facilities;
import io.paddock.agent.server.containers.LaunchFailure;
import io.paddock.agent.server.containers.Launched;
import io.paddock.agent.server.containers.Limits;
import io.paddock.agent.server.containers.LocalImage;
import io.paddock.agent.server.containers.NoSuchContainer;
import io.paddock.agent.server.containers.NotAsItIs;
import io.paddock.agent.server.containers.PendingOperation;
import io.paddock.agent.server.containers.Recovered;
import io.paddock.agent.server.containers.SignalScope;
import io.paddock.agent.server.containers.tools.Durable;
import io.paddock.agent.server.containers.tools.Processes;
import io.paddock.common.Signals;
import io.paddock.proto.v1.ContainerID;
import io.paddock.proto.v1.ContainerStatus;
import io.paddock.proto.v1.ResourceStatistics;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Containers with a durable record each, whatever isolates them. */
public final class RecordedContainers implements Containers {
    private static final Logger LOG = LoggerFactory.getLogger(RecordedContainers.class);
    private static final Duration LONGEST_UPKEEP = Duration.ofSeconds(5);
    private static final Duration BETWEEN_LOOKS_AT_THE_DISK = Duration.ofMillis(150);
    private static final Duration BETWEEN_MEASURES = Duration.ofSeconds(15);
    private static final Duration KILL_PATIENCE = Duration.ofSeconds(10);

    private final Path containersDirectory;
    private final Path exitsDirectory;
    private final Isolation isolation;
    private final Recipe recipe;
    private final BlockingWork blocking;
    private final String bootId;
    private final ConcurrentMap<ContainerID, Held> held = new ConcurrentHashMap<>();
    private final ConcurrentMap<String, ContainerID> ids = new ConcurrentHashMap<>();
    private final Exits exits;
    private final ExitWatch watch;
    private final Upkeep upkeep;
    private final ScheduledFuture<?> upkeepTimer;
    private final OutputFiles outputs;
    private final OutputGuard guard;
    private final ScheduledFuture<?> outputTimer;

    /**
     * @param workDir records go below it
     * @param isolation how containers are kept apart
     * @param blocking runs all that blocks; bounded
     * @param timers starts the upkeep; not used for work
     * @param watchInterval how often sandboxes are measured; running containers are looked after at least every 5 s
     * @param enforceDisk whether a container ends when its sandbox outgrows its disk
     */
    public RecordedContainers(
            Path workDir,
            Isolation isolation,
            Executor blocking,
            ScheduledExecutorService timers,
            OutputFiles outputs,
            Duration watchInterval,
            boolean enforceDisk)
            throws IOException {
        this.containersDirectory = workDir.resolve("containers");
        this.exitsDirectory = workDir.resolve("exits");
        this.isolation = isolation;
        this.recipe = new Recipe(isolation.recipe());
        this.blocking = new BlockingWork(blocking);
        this.bootId = Processes.bootId();
        Durable.createPrivate(containersDirectory);
        Durable.createPrivate(exitsDirectory);
        this.exits = new Exits(isolation, outputs, held.values());
        this.watch = ExitWatch.start(exitsDirectory, this::exitSeen);
        Optional<DiskWatch> disk =
                enforceDisk ? Optional.of(new DiskWatch(watchInterval, isolation)) : Optional.empty();
        this.upkeep = new Upkeep(held.values(), isolation, outputs, disk, blocking, exits::ended);
        long period = Math.min(watchInterval.toMillis(), LONGEST_UPKEEP.toMillis());
        this.outputs = outputs;
        this.guard = new OutputGuard(containersDirectory, exitsDirectory, outputs.bound(), Duration.ofMillis(period));
        OutputWatch outputWatch =
                new OutputWatch(held.values(), outputs, Files.getFileStore(containersDirectory), blocking);
        long pulse = BETWEEN_LOOKS_AT_THE_DISK.toMillis();
        this.outputTimer = timers.scheduleWithFixedDelay(outputWatch, pulse, pulse, TimeUnit.MILLISECONDS);
        this.upkeepTimer = timers.scheduleWithFixedDelay(upkeep, period, period, TimeUnit.MILLISECONDS);
    }

    @Override
    public Facilities facilities() {
        return isolation.facilities();
    }

    @Override
    public CompletionStage<List<Recovered>> recover() {
        return blocking.submit(() -> {
            Recovery recovery = Recovery.read(containersDirectory, exitsDirectory, bootId);
            isolation.open(recovery.halfLaunched());
            guard.start();
            for (ContainerRecord record : recovery.halfLaunched()) {
                LOG.info("{}: its launch was cut short; cleaning up", record);
                recipe.cleanup(record);
            }
            for (Held found : recovery.launched()) {
                held.put(found.spec().id(), found);
                ids.put(found.record().name(), found.spec().id());
                isolation.resume(found.record(), found.spec());
                exits.ended(found, recovery.isFromEarlierBoot(found));
            }
            return recovery.launched().stream()
                    .map(RecordedContainers::recovered)
                    .toList();
        });
    }

    private static Recovered recovered(Held found) {
        Exit exit = found.exited().getNow(null);
        return new Recovered(found.spec(), found.launched().join(), Optional.ofNullable(exit));
    }

    @Override
    public CompletionStage<Launched> launch(ContainerSpec spec) {
        ContainerRecord record =
                new ContainerRecord(containersDirectory, exitsDirectory, ContainerRecord.nameOf(spec.id()));
        Held mine = new Held(spec, record);
        Held earlier = held.putIfAbsent(spec.id(), mine);
        if (earlier != null) {
            return earlier.launched().copy();
        }
        ids.put(record.name(), spec.id());
        parentLaunch(spec.id())
                .thenCompose(ignored -> blocking.submit(() -> {
                    carryOut(mine);
                    return mine;
                }))
                .whenComplete((ignored, failure) -> {
                    if (failure != null) {
                        failed(mine, new LaunchFailure("launch", failure.getMessage()));
                    }
                });
        return mine.launched().copy();
    }

    /** Completes when it is known what became of the parent's launch. */
    private CompletionStage<?> parentLaunch(ContainerID id) {
        Held parent = id.hasParent() ? held.get(id.getParent()) : null;
        return parent == null
                ? CompletableFuture.completedFuture(null)
                : parent.launched().handle((launched, failure) -> null);
    }

    private void carryOut(Held mine) {
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
            undo(mine, failure);
        } catch (CancellationException e) {
            undo(mine, new LaunchFailure("record", "destroyed while it was launched"));
        } catch (IOException | RuntimeException e) {
            LOG.debug("{}: its record failed", mine.record(), e);
            undo(mine, new LaunchFailure("record", Recipe.message(e)));
        }
    }

    /** One that is being destroyed takes nothing in: it has told those in it to end already. */
    private ContainerRecord.Started parentOf(Held nested) throws LaunchFailure {
        Held parent = held.get(nested.spec().id().getParent());
        ContainerRecord.Started started = parent == null ? null : parent.started();
        if (parent == null || started == null || parent.cancellation().cancelled()) {
            throw new LaunchFailure(
                    "parent",
                    "container " + ContainerIds.text(nested.spec().id().getParent())
                            + (started == null ? " is not there" : " is being destroyed"));
        }
        return started;
    }

    private void undo(Held mine, LaunchFailure failure) {
        LOG.info("{}: step {} failed: {}", mine.record(), failure.step(), failure.getMessage());
        try {
            isolation.kill(mine.record());
            recipe.cleanup(mine.record());
        } catch (IOException e) {
            LOG.error("{}: cleaning up after a failed launch: {}", mine.record(), e.toString());
        }
        failed(mine, failure);
    }

    private void failed(Held mine, LaunchFailure failure) {
        ids.remove(mine.record().name());
        held.remove(mine.spec().id(), mine);
        mine.launched().completeExceptionally(failure);
        mine.exited().completeExceptionally(failure);
    }

    private void exitSeen(String name) {
        ContainerID id = ids.get(name);
        Held found = id == null ? null : held.get(id);
        if (found != null && found.started() != null) {
            blocking.submit(() -> {
                exits.ended(found, false);
                return found;
            });
        }
    }

    @Override
    public CompletionStage<Exit> exited(ContainerID id) {
        Held found = held.get(id);
        return found == null
                ? CompletableFuture.failedFuture(new NoSuchContainer(id))
                : found.exited().copy();
    }

    @Override
    public CompletionStage<Void> signal(ContainerID id, int signal, SignalScope scope) {
        return withStarted(id, (found, started) -> {
            if (found.running() && started.process().pid() > 0) {
                isolation.signal(found.record(), started, signal, scope);
            } else if (found.running() && Signals.end(signal)) {
                exits.endWithoutProcess(found, signal, scope);
            }
            return null;
        });
    }

    @Override
    public CompletionStage<Void> destroy(ContainerID id) {
        Held found = held.get(id);
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
        CompletableFuture<?>[] nested = exits.nestedIn(found).stream()
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
                    ids.remove(found.record().name());
                    held.remove(found.spec().id(), found);
                    // Nobody will be able to tell how it ended when that could not be read or recorded.
                    found.exited().complete(Exit.signal(Signals.SIGKILL, Instant.now()));
                    return null;
                }));
    }

    @Override
    public CompletionStage<ExecSession> exec(ContainerID id, ExecSpec spec) {
        return withStarted(id, (found, started) -> {
            if (!found.running() || started.process().pid() == 0) {
                throw new LaunchFailure("session", "container " + ContainerIds.text(id) + " has no running process");
            }
            return isolation.exec(found.record(), found.spec(), started, spec);
        });
    }

    @Override
    public boolean hasTerminal(ContainerID id) {
        Held found = held.get(id);
        return found != null && found.spec().hasTerminal();
    }

    @Override
    public CompletionStage<ContainerInput> input(ContainerID id) {
        return withStarted(id, (found, started) -> {
            if (!hasTerminal(id) || !found.running()) {
                throw new NotAsItIs(
                        id,
                        found.running()
                                ? "has no terminal (container.tty_info) and takes no input"
                                : "has ended and takes no input");
            }
            return isolation.input(found.record());
        });
    }

    @Override
    public CompletionStage<Void> update(ContainerID id, Limits limits) {
        return withStarted(id, (found, started) -> {
            isolation.update(found.record(), found.spec(), limits);
            return null;
        });
    }

    @Override
    public CompletionStage<ContainerStatus> status(ContainerID id) {
        Held found = held.get(id);
        if (found == null) {
            return CompletableFuture.failedFuture(new NoSuchContainer(id));
        }
        ContainerStatus.Builder status = ContainerStatus.newBuilder().setContainerId(id);
        ContainerRecord.Started started = found.started();
        if (started != null) {
            status.addAllNetworkInfos(started.launched().networks());
            if (started.process().pid() > 0) {
                status.setExecutorPid((int) started.process().pid());
            }
        }
        return CompletableFuture.completedFuture(status.build());
    }

    @Override
    public CompletionStage<ResourceStatistics> statistics(ContainerID id) {
        Held found = held.get(id);
        if (found == null || found.started() == null) {
            return CompletableFuture.failedFuture(new NoSuchContainer(id));
        }
        return withStarted(
                id,
                (running, started) -> isolation.statistics(running.record(), running.spec(), started).toBuilder()
                        .setDiskUsedBytes(running.sandboxBytes(BETWEEN_MEASURES))
                        .build());
    }

    @Override
    public Set<ContainerID> list() {
        Set<ContainerID> all = new TreeSet<>(Comparator.comparing(ContainerIds::text));
        all.addAll(held.keySet());
        return all;
    }

    @Override
    public List<PendingOperation> pending() {
        return recipe.pending();
    }

    @Override
    public Map<String, Number> metrics() {
        Map<String, Number> metrics = new TreeMap<>(isolation.metrics());
        metrics.putAll(recipe.metrics());
        metrics.put(
                "containerizer/mesos/filesystem/containers_new_rootfs",
                held.values().stream().filter(each -> each.spec().hasImage()).count());
        return metrics;
    }

    @Override
    public CompletionStage<List<LocalImage>> images() {
        return blocking.submit(isolation::images);
    }

    @Override
    public CompletionStage<LocalImage> pull(String image) {
        return blocking.submit(() -> isolation.pull(image));
    }

    @Override
    public CompletionStage<Long> pruneImages(List<String> excludedImages) {
        return blocking.submit(() -> isolation.pruneImages(excludedImages));
    }

    @Override
    public void close() {
        upkeep.stop();
        upkeepTimer.cancel(false);
        outputTimer.cancel(false);
        try {
            watch.close();
        } catch (IOException e) {
            LOG.warn("closing the watch of exits: {}", e.toString());
        }
        guard.close();
        isolation.close();
    }

    private interface Step<T> {
        @Nullable
        T on(Held found, ContainerRecord.Started started) throws IOException, LaunchFailure;
    }

    /** Waits for the end of a launch. */
    private <T> CompletionStage<T> withStarted(ContainerID id, Step<T> step) {
        Held found = held.get(id);
        if (found == null) {
            return CompletableFuture.failedFuture(new NoSuchContainer(id));
        }
        return found.launched()
                .handle((launched, failure) -> found.started())
                .thenCompose(started -> started == null
                        ? CompletableFuture.failedFuture(new NoSuchContainer(id))
                        : blocking.submit(() -> step.on(found, started)));
    }
}
