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
import io.paddock.common.Signals;
import io.paddock.proto.v1.ContainerID;
import io.paddock.proto.v1.ContainerStatus;
import io.paddock.proto.v1.ResourceStatistics;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Containers with a durable record each, whatever isolates them. */
public final class RecordedContainers implements Containers {
    private static final Logger LOG = LoggerFactory.getLogger(RecordedContainers.class);
    private static final Duration LONGEST_UPKEEP = Duration.ofSeconds(5);
    private static final Duration BEFORE_UNDOING_AGAIN = Duration.ofSeconds(15);
    private static final Duration BETWEEN_LOOKS_AT_THE_DISK = Duration.ofMillis(150);

    private final Isolation isolation;
    private final Recipe recipe;
    private final BlockingWork blocking;
    private final BlockingWork launches;
    private final Known known = new Known();
    private final Exits exits;
    private final Launching launching;
    private final Ending ending;
    private final Remains remains;
    private final ExitWatch watch;
    private final Upkeep upkeep;
    private final ScheduledFuture<?> upkeepTimer;
    private final OutputGuard guard;
    private final ScheduledFuture<?> outputTimer;

    /**
     * @param workDir records go below it
     * @param isolation how containers are kept apart
     * @param blocking runs all else that blocks; bounded
     * @param launches runs launches and pulls, which may wait for an image or a file so long that nobody else should wait for
     *     them; bounded
     * @param timers starts the upkeep; not used for work
     * @param watchInterval how often sandboxes are measured; running containers are looked after at least every 5 s
     * @param enforceDisk whether a container ends when its sandbox outgrows its disk
     */
    public RecordedContainers(
            Path workDir,
            Isolation isolation,
            Executor blocking,
            Executor launches,
            ScheduledExecutorService timers,
            OutputFiles outputs,
            Duration watchInterval,
            boolean enforceDisk)
            throws IOException {
        Path containersDirectory = workDir.resolve("containers");
        Path exitsDirectory = workDir.resolve("exits");
        this.isolation = isolation;
        this.recipe = new Recipe(isolation.recipe());
        this.blocking = new BlockingWork(blocking);
        this.launches = new BlockingWork(launches);
        Durable.createPrivate(containersDirectory);
        createExits(exitsDirectory);
        this.exits = new Exits(isolation, outputs, known);
        this.ending = new Ending(isolation, recipe, this.blocking, known, exits, outputs);
        this.remains = new Remains(isolation, recipe, this.blocking, BEFORE_UNDOING_AGAIN);
        this.launching = new Launching(
                containersDirectory,
                exitsDirectory,
                isolation,
                recipe,
                this.launches,
                known,
                exits,
                remains,
                this::freeNested);
        this.watch = ExitWatch.start(exitsDirectory, this::exitSeen);
        Optional<DiskWatch> disk =
                enforceDisk ? Optional.of(new DiskWatch(watchInterval, isolation)) : Optional.empty();
        this.upkeep = new Upkeep(known.all(), isolation, outputs, disk, blocking, exits::ended);
        long period = Math.min(watchInterval.toMillis(), LONGEST_UPKEEP.toMillis());
        this.guard = new OutputGuard(containersDirectory, exitsDirectory, outputs.bound(), Duration.ofMillis(period));
        OutputWatch outputWatch =
                new OutputWatch(known.all(), outputs, Files.getFileStore(containersDirectory), blocking);
        long pulse = BETWEEN_LOOKS_AT_THE_DISK.toMillis();
        this.outputTimer = timers.scheduleWithFixedDelay(outputWatch, pulse, pulse, TimeUnit.MILLISECONDS);
        this.upkeepTimer = timers.scheduleWithFixedDelay(upkeep, period, period, TimeUnit.MILLISECONDS);
    }

    /** An isolation may have put a link in its place, to a directory that ends with the machine. */
    private static void createExits(Path directory) throws IOException {
        if (Files.isSymbolicLink(directory) && !Files.exists(directory)) {
            Files.delete(directory);
        }
        if (!Files.isDirectory(directory)) {
            Durable.createPrivate(directory);
        }
    }

    @Override
    public Facilities facilities() {
        return isolation.facilities();
    }

    @Override
    public CompletionStage<List<Recovered>> recover() {
        return blocking.submit(() -> launching.recover(guard));
    }

    @Override
    public CompletionStage<Launched> launch(ContainerSpec spec) {
        return launching.launch(spec);
    }

    @Override
    public CompletionStage<Void> persist(ContainerID id) {
        return withStarted(id, (found, started) -> {
            found.record().force();
            return null;
        });
    }

    /** A task of a group or a helper of an executor is long over before what it is nested in. */
    private void freeNested(Held ended) {
        if (ended.spec().id().hasParent()) {
            var unused = ending.free(ended.spec().id());
        }
    }

    private void exitSeen(String name) {
        Held found = known.named(name);
        if (found != null && found.started() != null) {
            blocking.submit(() -> {
                exits.ended(found, false);
                return found;
            });
        }
    }

    @Override
    public CompletionStage<Exit> exited(ContainerID id) {
        Held found = known.find(id);
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
        return ending.destroy(id);
    }

    @Override
    public CompletionStage<Void> free(ContainerID id) {
        return ending.free(id);
    }

    @Override
    public CompletionStage<ExecSession> exec(ContainerID id, ExecSpec spec) {
        return withStarted(id, (found, started) -> {
            if (!found.running() || started.process().pid() == 0) {
                throw new LaunchFailure("session", "container " + ContainerIds.text(id) + " has no running process");
            }
            try {
                return isolation.exec(found.record(), found.spec(), started, spec);
            } catch (IOException e) {
                throw new LaunchFailure("session", String.valueOf(e.getMessage()));
            }
        });
    }

    @Override
    public boolean hasTerminal(ContainerID id) {
        Held found = known.find(id);
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
        Held held = known.find(id);
        if (held != null) {
            held.limits().ask(limits);
        }
        return withStarted(id, (found, started) -> {
            found.limits().make(newest -> isolation.update(found.record(), found.spec(), newest));
            return null;
        });
    }

    @Override
    public CompletionStage<ContainerStatus> status(ContainerID id) {
        Held found = known.find(id);
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
        Held found = known.find(id);
        if (found == null || found.started() == null || found.freed()) {
            return CompletableFuture.failedFuture(new NoSuchContainer(id));
        }
        return withStarted(id, (running, started) -> {
            ResourceStatistics.Builder statistics =
                    isolation.statistics(running.record(), running.spec(), started).toBuilder();
            running.disk().statistics(statistics);
            return statistics.build();
        });
    }

    @Override
    public Set<ContainerID> list() {
        return known.ids();
    }

    @Override
    public List<PendingOperation> pending() {
        return Stream.concat(remains.pending().stream(), recipe.pending().stream())
                .toList();
    }

    @Override
    public Map<String, Number> metrics() {
        Map<String, Number> metrics = new TreeMap<>(isolation.metrics());
        metrics.putAll(recipe.metrics());
        metrics.put(
                "containerizer/mesos/filesystem/containers_new_rootfs",
                known.all().stream()
                        .filter(each -> each.spec().hasImage() && !each.freed())
                        .count());
        return metrics;
    }

    @Override
    public CompletionStage<List<LocalImage>> images() {
        return blocking.submit(isolation::images);
    }

    @Override
    public CompletionStage<LocalImage> pull(String image) {
        return launches.submit(() -> isolation.pull(image));
    }

    @Override
    public CompletionStage<Long> pruneImages(List<String> excludedImages) {
        return blocking.submit(() -> isolation.pruneImages(excludedImages));
    }

    @Override
    public void close() {
        upkeep.stop();
        ending.close();
        remains.close();
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
        Held found = known.find(id);
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
