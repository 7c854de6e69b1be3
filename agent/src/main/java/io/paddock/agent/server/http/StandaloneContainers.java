package io.paddock.agent.server.http;

import io.paddock.agent.server.containers.ContainerIds;
import io.paddock.agent.server.containers.ContainerSpec;
import io.paddock.agent.server.containers.Containers;
import io.paddock.agent.server.containers.Launched;
import io.paddock.agent.server.containers.Limits;
import io.paddock.agent.server.containers.NotAsItIs;
import io.paddock.agent.server.containers.Recovered;
import io.paddock.platform.linux.Trees;
import io.paddock.proto.v1.CommandInfo;
import io.paddock.proto.v1.ContainerID;
import io.paddock.proto.v1.ContainerInfo;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.Executor;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Containers of no executor, which an operator starts. They outlive the agent's restart, are not counted against the resources
 * that the agent offers. At its end one gives back all it held; its sandbox, and how it ended, stay until the operator removes
 * it; of one whose launch failed nothing stays, and what one leaves that was cut off by the agent's end is collected. Their
 * sandboxes are in {@code standalone/} of the work directory, which is also how they are told from others after a restart. Any
 * thread.
 */
public final class StandaloneContainers {
    private static final Logger LOG = LoggerFactory.getLogger(StandaloneContainers.class);

    static final String DIRECTORY = "standalone";

    /** Who a command runs as that names nobody. */
    static final String AGENT_USER = System.getProperty("user.name");

    private final Path directory;
    private final Containers containers;
    private final Executor blocking;
    /** With the user that each runs as. */
    private final ConcurrentMap<ContainerID, String> known = new ConcurrentHashMap<>();
    /** Launches under way: who asks for one again gets what becomes of it, even if it was to be another container. */
    private final ConcurrentMap<ContainerID, CompletableFuture<Launched>> launches = new ConcurrentHashMap<>();
    /** Removals under way: a new container of that id waits, so that its sandbox and it are not taken for the old one. */
    private final ConcurrentMap<ContainerID, CompletableFuture<Void>> removals = new ConcurrentHashMap<>();

    /**
     * @param recovered all containers that an earlier process had launched
     * @param blocking where sandboxes are made and deleted
     */
    public StandaloneContainers(Path workDir, Containers containers, List<Recovered> recovered, Executor blocking) {
        this.directory = workDir.resolve(DIRECTORY);
        this.containers = containers;
        this.blocking = blocking;
        for (Recovered found : recovered) {
            if (directory.equals(found.spec().sandbox().getParent())) {
                known.put(found.spec().id(), user(found.spec()));
                freeAtItsEnd(found.spec().id());
            }
        }
    }

    /** Sandboxes of containers that are not known: the agent was killed while it launched or removed them. Before any launch. */
    public List<Path> left() throws IOException {
        if (!Files.isDirectory(directory)) {
            return List.of();
        }
        try (Stream<Path> sandboxes = Files.list(directory)) {
            return sandboxes
                    .filter(each -> !known.containsKey(
                            ContainerIds.of(each.getFileName().toString())))
                    .toList();
        }
    }

    /** Whether a container, or the one it is nested in, is one of these. */
    public boolean has(ContainerID id) {
        return known.containsKey(ContainerIds.root(id));
    }

    /** The user that one of these, or the one it is nested in, runs as. */
    public Optional<String> user(ContainerID id) {
        return Optional.ofNullable(known.get(ContainerIds.root(id)));
    }

    private static String user(ContainerSpec spec) {
        return spec.command()
                .filter(CommandInfo::hasUser)
                .map(CommandInfo::getUser)
                .orElse(AGENT_USER);
    }

    Path sandbox(ContainerID id) {
        return directory.resolve(id.getValue());
    }

    CompletionStage<Launched> launch(
            ContainerID id,
            Optional<CommandInfo> command,
            Optional<ContainerInfo> container,
            Limits limits,
            List<ContainerSpec.Mount> volumes) {
        Path sandbox = sandbox(id);
        ContainerSpec spec = new ContainerSpec(
                id,
                command,
                container,
                Map.of("MESOS_SANDBOX", sandbox.toString()),
                Optional.empty(),
                sandbox,
                limits,
                volumes);
        CompletableFuture<Launched> mine = new CompletableFuture<>();
        CompletableFuture<Launched> earlier = launches.putIfAbsent(id, mine);
        if (earlier != null) {
            return earlier.copy();
        }
        removals.getOrDefault(id, CompletableFuture.completedFuture(null))
                .handle((removed, failure) -> noteIfNew(spec))
                .thenCompose(isNew -> CompletableFuture.runAsync(() -> makeDirectories(volumes), blocking)
                        .thenCompose(done -> containers.launch(spec))
                        .thenCompose(launched ->
                                isNew ? persisted(id, launched) : CompletableFuture.completedFuture(launched)))
                .whenComplete((launched, failure) -> {
                    if (failure == null) {
                        freeAtItsEnd(id);
                        launches.remove(id, mine);
                        mine.complete(launched);
                    } else {
                        removeFailed(id).whenComplete((removed, problem) -> {
                            launches.remove(id, mine);
                            mine.completeExceptionally(failure);
                        });
                    }
                });
        return mine.copy();
    }

    /** Of one that is there already nothing is changed. */
    private boolean noteIfNew(ContainerSpec spec) {
        boolean isNew = !containers.list().contains(spec.id());
        if (isNew) {
            known.put(spec.id(), user(spec));
        }
        return isNew;
    }

    /** What failed leaves nothing: nobody knows of it. Unless it is there. */
    private CompletionStage<Void> removeFailed(ContainerID id) {
        if (containers.list().contains(id)) {
            return CompletableFuture.completedFuture(null);
        }
        return remove(id, true).whenComplete((removed, problem) -> {
            if (problem != null) {
                LOG.warn("Container {}, whose launch failed, is not removed: {}", id.getValue(), problem.toString());
            }
        });
    }

    /** Nothing else tells of it after a crash of the machine: of the containers of tasks the agent's log does. */
    private CompletionStage<Launched> persisted(ContainerID id, Launched launched) {
        return containers
                .persist(id)
                .thenApply(done -> launched)
                .exceptionallyCompose(failure ->
                        containers.destroy(id).thenCompose(destroyed -> CompletableFuture.failedFuture(failure)));
    }

    private void freeAtItsEnd(ContainerID id) {
        containers.exited(id).thenCompose(exit -> containers.free(id)).exceptionally(failure -> {
            LOG.warn("Container {} keeps what it held until it is removed: {}", id.getValue(), failure.getMessage());
            return null;
        });
    }

    private void makeDirectories(List<ContainerSpec.Mount> volumes) {
        try {
            Files.createDirectories(directory);
            for (ContainerSpec.Mount volume : volumes) {
                Files.createDirectories(volume.hostPath());
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Frees what an ended container held and deletes its sandbox; not while one of that id is being launched. */
    CompletionStage<Void> remove(ContainerID id) {
        return remove(id, false);
    }

    private CompletionStage<Void> remove(ContainerID id, boolean byItsLaunch) {
        CompletableFuture<Void> mine = new CompletableFuture<>();
        CompletableFuture<Void> earlier = removals.putIfAbsent(id, mine);
        if (earlier != null) {
            return earlier.copy();
        }
        // After that is known which a launch waits for: one of the two sees the other.
        if (!byItsLaunch && launches.containsKey(id)) {
            removals.remove(id, mine);
            mine.completeExceptionally(new NotAsItIs(id, "is being launched"));
            return mine.copy();
        }
        containers
                .destroy(id)
                .thenRunAsync(
                        () -> {
                            delete(id, sandbox(id));
                            known.remove(id);
                        },
                        blocking)
                .whenComplete((done, failure) -> {
                    removals.remove(id, mine);
                    if (failure == null) {
                        mine.complete(null);
                    } else {
                        mine.completeExceptionally(failure);
                    }
                });
        return mine.copy();
    }

    /** Ends all of them, as when the agent leaves no trace; their sandboxes stay. */
    public CompletableFuture<Void> destroyAll() {
        return CompletableFuture.allOf(known.keySet().stream()
                .map(id -> containers.destroy(id).toCompletableFuture())
                .toArray(CompletableFuture[]::new));
    }

    /** Deletes a sandbox, following no links: what is around a nested one may still run. */
    static void delete(ContainerID id, Path sandbox) {
        Path outermost = ContainerSpec.outermost(id, sandbox);
        Path root = id.hasParent() ? outermost : outermost.getParent();
        try {
            Trees.delete(root, root.relativize(sandbox));
        } catch (IOException e) {
            throw new UncheckedIOException("The sandbox " + sandbox + " cannot be deleted: " + e.getMessage(), e);
        }
    }
}
