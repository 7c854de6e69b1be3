package io.paddock.agent.server.containers.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.paddock.agent.server.containers.ContainerIds;
import io.paddock.agent.server.containers.Launched;
import io.paddock.agent.server.containers.SignalScope;
import io.paddock.common.Signals;
import io.paddock.proto.v1.ContainerID;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A launch may wait for a large image or file for very long. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class SlowLaunchesTest {
    private static final int THREADS = 2;
    private static final ContainerID RUNNING = ContainerIds.of("running");

    @TempDir
    private Path directory;

    private final ExecutorService blocking = Executors.newFixedThreadPool(THREADS);
    private final ExecutorService launches = Executors.newFixedThreadPool(THREADS);
    private final CountDownLatch begun = new CountDownLatch(THREADS);
    private final CountDownLatch arrived = new CountDownLatch(1);

    private final Hook image = new Hook() {
        @Override
        public String name() {
            return "image";
        }

        @Override
        public void prepare(Launch launch) throws IOException {
            if (launch.spec().id().equals(RUNNING)) {
                return;
            }
            begun.countDown();
            try {
                arrived.await();
            } catch (InterruptedException e) {
                throw new IOException(e);
            }
        }

        @Override
        public void cleanup(ContainerRecord record) {}
    };

    @AfterEach
    void end() {
        blocking.shutdownNow();
        launches.shutdownNow();
    }

    @Test
    void keepNoOtherContainerFromEnding() throws Exception {
        try (ProcessEngine engine = new ProcessEngine(
                directory,
                blocking,
                launches,
                Map.of(
                        "recipe",
                        call -> Stream.concat(Stream.of(image), call.isolation().recipe().stream())
                                .toList()))) {
            launch(engine, RUNNING, "sleep 1000").join();
            List<CompletableFuture<Launched>> slow = new ArrayList<>();
            for (int i = 0; i < 2 * THREADS; i++) {
                slow.add(launch(engine, ContainerIds.of("slow-" + i), "true"));
            }
            begun.await();
            engine.containers().signal(RUNNING, Signals.SIGKILL, SignalScope.TREE);
            assertThat(engine.containers().exited(RUNNING)).succeedsWithin(20, TimeUnit.SECONDS);
            assertThat(engine.containers().destroy(RUNNING)).succeedsWithin(20, TimeUnit.SECONDS);
            arrived.countDown();
            slow.forEach(CompletableFuture::join);
        }
    }

    private static CompletableFuture<Launched> launch(ProcessEngine engine, ContainerID id, String command) {
        return engine.containers().launch(engine.spec(id, Optional.of(command))).toCompletableFuture();
    }
}
