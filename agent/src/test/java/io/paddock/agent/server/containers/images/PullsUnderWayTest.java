package io.paddock.agent.server.containers.images;

import static org.assertj.core.api.Assertions.assertThat;

import io.paddock.agent.server.containers.ContainersOptions;
import io.paddock.agent.server.containers.tools.Cancellation;
import io.paddock.agent.server.containers.tools.Processes;
import io.paddock.agent.server.containers.tools.Tools;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Of a registry that takes connections and never answers. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class PullsUnderWayTest {
    private static final int PARALLEL = 4;

    @TempDir
    private Path directory;

    private final ScheduledExecutorService timers = Executors.newSingleThreadScheduledExecutor();
    private final ExecutorService waiters = Executors.newCachedThreadPool();
    private final Cancellation cancellation = new Cancellation();
    private final List<Socket> connections = new ArrayList<>();
    private ServerSocket registry;
    private ImageStore store;

    @BeforeEach
    void start() throws IOException {
        Assumptions.assumeTrue(Tools.find("skopeo").isPresent(), "skopeo is not installed");
        registry = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        registry.setSoTimeout(20_000);
        store = new ImageStore(
                Files.createDirectory(directory.resolve("containers")),
                new ImageStore.Settings(ContainersOptions.defaults(directory).images(), Optional.empty(), 0),
                new Tools(timers));
    }

    @AfterEach
    void end() throws IOException {
        cancellation.cancel();
        if (store != null) {
            store.close();
            registry.close();
        }
        for (Socket each : connections) {
            each.close();
        }
        waiters.shutdown();
        timers.shutdownNow();
    }

    private CompletableFuture<StoredImage> use(String name, String credentials) {
        return use(name, credentials, waiters);
    }

    private CompletableFuture<StoredImage> use(String name, String credentials, Executor executor) {
        return use(registry, name, credentials, executor, cancellation);
    }

    private CompletableFuture<StoredImage> use(
            ServerSocket from, String name, String credentials, Executor executor, Cancellation until) {
        return CompletableFuture.supplyAsync(
                () -> {
                    try {
                        return store.use(
                                "127.0.0.1:" + from.getLocalPort() + "/" + name,
                                false,
                                Optional.of(credentials.getBytes(StandardCharsets.UTF_8)),
                                directory,
                                "",
                                0,
                                until);
                    } catch (IOException e) {
                        throw new UncheckedIOException(e);
                    }
                },
                executor);
    }

    /** Theirs may be refused, or show what is not for others. */
    @Test
    void areNotSharedByThoseWithOtherCredentials() throws Exception {
        use("box", "{\"auths\":{}}");
        connections.add(registry.accept());
        use("box", "{}");
        Awaitility.await().untilAsserted(() -> assertThat(pulls()).hasSize(2));
    }

    private List<Path> pulls() throws IOException {
        try (Stream<Path> files = Files.list(directory.resolve("images"))) {
            return files.filter(file -> file.getFileName().toString().startsWith("pulling-"))
                    .toList();
        }
    }

    @Test
    void failWhenTheStoreIsClosedAsThoseDoThatWaitForTheirTurn() throws Exception {
        List<CompletableFuture<StoredImage>> used = new ArrayList<>();
        for (int i = 0; i < PARALLEL; i++) {
            used.add(use("box" + i, "{}"));
            connections.add(registry.accept());
        }
        CompletableFuture<StoredImage> queued = new CompletableFuture<>();
        Thread waiter = new Thread(() -> use("one-more", "{}", Runnable::run)
                .whenComplete((image, failure) -> queued.completeExceptionally(failure)));
        used.add(queued);
        waiter.start();
        Awaitility.await().until(() -> waiter.getState() == Thread.State.TIMED_WAITING);
        store.close();
        for (CompletableFuture<StoredImage> each : used) {
            assertThat(each).failsWithin(20, TimeUnit.SECONDS).withThrowableOfType(ExecutionException.class);
        }
    }

    private void beginAsManyAsThereAreTurns(Cancellation until) {
        for (int i = 0; i < PARALLEL; i++) {
            use(registry, "box" + i, "{}", waiters, until);
        }
        Awaitility.await().until(() -> pulling("box").size() == PARALLEL);
    }

    private List<ProcessHandle> pulling(String prefix) throws IOException {
        String image = "docker://127.0.0.1:" + registry.getLocalPort() + "/" + prefix;
        return Processes.withArguments(
                arguments -> arguments.stream().anyMatch(argument -> argument.startsWith(image)));
    }

    @Test
    void doNotHoldUpThoseOfAnotherRegistry() throws Exception {
        beginAsManyAsThereAreTurns(cancellation);
        try (ServerSocket other = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            other.setSoTimeout(20_000);
            use(other, "box", "{}", waiters, cancellation);
            connections.add(other.accept());
        }
    }

    @Test
    void thatNobodyWaitsForAnyMoreGiveWayToOthers() throws Exception {
        Cancellation given = new Cancellation();
        beginAsManyAsThereAreTurns(given);
        use("other", "{}");
        given.cancel();
        Awaitility.await().untilAsserted(() -> assertThat(pulling("other")).hasSize(1));
        // Those that were given up after it began may go on.
        assertThat(pulling("box")).hasSizeLessThan(PARALLEL);
    }

    @Test
    void thatNobodyWaitsForAnyMoreGoOnUntilOthersWaitForTheirTurn() throws Exception {
        Cancellation given = new Cancellation();
        CompletableFuture<StoredImage> first = use(registry, "box", "{}", waiters, given);
        Awaitility.await().until(() -> !pulling("box").isEmpty());
        List<ProcessHandle> begun = pulling("box");
        given.cancel();
        assertThat(first).failsWithin(20, TimeUnit.SECONDS);
        use("other", "{}");
        Awaitility.await().until(() -> !pulling("other").isEmpty());
        assertThat(pulling("box")).isEqualTo(begun);
    }
}
