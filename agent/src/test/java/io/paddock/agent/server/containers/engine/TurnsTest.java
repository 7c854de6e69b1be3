package io.paddock.agent.server.containers.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.paddock.agent.server.containers.ContainerIds;
import io.paddock.agent.server.containers.ContainerSpec;
import io.paddock.agent.server.containers.Launched;
import io.paddock.proto.v1.ContainerID;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Of what only one container at a time can have. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class TurnsTest {
    private static final ContainerID FIRST = ContainerIds.of("first");
    private static final ContainerID SECOND = ContainerIds.of("second");
    /** Of a nested container that does not ask for it. */
    private static final String TASK = "task";

    @TempDir
    private Path directory;

    private final ExecutorService threads = Executors.newFixedThreadPool(4);
    private final CountDownLatch slow = new CountDownLatch(1);
    private final CountDownLatch lettingGo = new CountDownLatch(1);
    private volatile String holder = "";

    private final Hook port = new Hook() {
        @Override
        public String name() {
            return "port";
        }

        @Override
        public void prepare(Launch launch) throws IOException {
            if (!asks(launch.spec())) {
                return;
            }
            if (!holder.isEmpty()) {
                throw new IOException("it is held by " + holder);
            }
            holder = launch.record().name();
        }

        @Override
        public void cleanup(ContainerRecord record) throws IOException {
            if (!holder.equals(record.name())) {
                return;
            }
            lettingGo.countDown();
            try {
                slow.await();
            } catch (InterruptedException e) {
                throw new IOException(e);
            }
            holder = "";
        }
    };

    @AfterEach
    void end() {
        threads.shutdownNow();
    }

    @Test
    void comeWhenTheOneBeforeHasLetGo() throws Exception {
        try (ProcessEngine engine = engine()) {
            launch(engine, FIRST, Optional.of("true")).join();
            engine.containers().exited(FIRST).toCompletableFuture().join();
            comesAfterTheFirst(engine);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void comeWhenTheGroupBeforeHasLetGo(boolean hadTasks) throws Exception {
        try (ProcessEngine engine = engine()) {
            launch(engine, FIRST, Optional.empty()).join();
            if (hadTasks) {
                ContainerID task = ContainerIds.nested(FIRST, TASK);
                launch(engine, task, Optional.of("true")).join();
                engine.containers().exited(task).toCompletableFuture().join();
            }
            comesAfterTheFirst(engine);
        }
    }

    private void comesAfterTheFirst(ProcessEngine engine) throws Exception {
        CompletableFuture<Launched> second = launch(engine, SECOND, Optional.of("true"));
        CompletableFuture<Void> destroyed = engine.containers().destroy(FIRST).toCompletableFuture();
        lettingGo.await();
        assertThat(second).isNotDone();
        slow.countDown();
        destroyed.join();
        assertThat(second.join().pid()).isPositive();
        assertThat(holder).isEqualTo("second");
        engine.containers().destroy(SECOND).toCompletableFuture().join();
    }

    @Test
    void areNotWaitedForByWhatIsDestroyed() throws Exception {
        try (ProcessEngine engine = engine()) {
            launch(engine, FIRST, Optional.of("true")).join();
            engine.containers().exited(FIRST).toCompletableFuture().join();
            CompletableFuture<Launched> second = launch(engine, SECOND, Optional.of("true"));
            CompletableFuture<Void> first = engine.containers().destroy(FIRST).toCompletableFuture();
            lettingGo.await();
            assertThat(engine.containers().destroy(SECOND)).succeedsWithin(Duration.ofSeconds(10));
            assertThat(second)
                    .failsWithin(Duration.ofSeconds(10))
                    .withThrowableOfType(ExecutionException.class)
                    .withMessageContaining("destroyed while it was launched");
            slow.countDown();
            first.join();
        }
    }

    @Test
    void areRefusedWhileTheOneBeforeRuns() throws Exception {
        try (ProcessEngine engine = engine()) {
            launch(engine, FIRST, Optional.of("sleep 1000")).join();
            assertThat(launch(engine, SECOND, Optional.of("true")))
                    .failsWithin(Duration.ofSeconds(10))
                    .withThrowableOfType(ExecutionException.class)
                    .withMessageContaining("it is held by first");
            slow.countDown();
            engine.containers().destroy(FIRST).toCompletableFuture().join();
        }
    }

    /** What is around a container lets go after it. */
    @Test
    void areNotGivenByWhatIsAround() throws Exception {
        try (ProcessEngine engine = engine()) {
            launch(engine, FIRST, Optional.empty()).join();
            assertThat(launch(engine, ContainerIds.nested(FIRST, "greedy"), Optional.of("true")))
                    .failsWithin(Duration.ofSeconds(10))
                    .withThrowableOfType(ExecutionException.class)
                    .withMessageContaining("it is held by first");
            slow.countDown();
            engine.containers().destroy(FIRST).toCompletableFuture().join();
        }
    }

    private ProcessEngine engine() throws IOException {
        return new ProcessEngine(
                directory,
                threads,
                Map.of(
                        "recipe",
                        call -> Stream.concat(Stream.of(port), call.isolation().recipe().stream())
                                .toList(),
                        "exclusive",
                        call -> asks((ContainerSpec) call.arguments()[0]) ? Set.of("port") : Set.of()));
    }

    private static boolean asks(ContainerSpec spec) {
        return !spec.id().getValue().equals(TASK);
    }

    private static CompletableFuture<Launched> launch(ProcessEngine engine, ContainerID id, Optional<String> command) {
        return engine.containers().launch(engine.spec(id, command)).toCompletableFuture();
    }
}
