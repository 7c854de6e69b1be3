package io.paddock.agent.server.containers.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.paddock.agent.server.containers.ContainerIds;
import io.paddock.agent.server.containers.Limits;
import io.paddock.proto.v1.ContainerID;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NewestLimitsTest {
    private static final ContainerID ID = ContainerIds.of("c");

    @TempDir
    private Path directory;

    private final ExecutorService threads = Executors.newFixedThreadPool(2);
    private final List<Limits> changes = new ArrayList<>();
    private final Deque<Runnable> waiting = new ArrayDeque<>();
    private volatile boolean busy;

    @AfterEach
    void end() {
        threads.shutdownNow();
    }

    @Test
    void holdWhicheverChangeComesLast() throws Exception {
        try (ProcessEngine engine = new ProcessEngine(directory, this::execute, Map.of("update", call -> {
            changes.add((Limits) call.arguments()[2]);
            return null;
        }))) {
            RecordedContainers containers = engine.containers();
            containers
                    .launch(engine.spec(ID, Optional.of("sleep 1000")))
                    .toCompletableFuture()
                    .join();
            busy = true;
            containers.update(ID, Limits.requested(1, 64));
            containers.update(ID, Limits.requested(2, 128));
            while (!waiting.isEmpty()) {
                waiting.removeLast().run();
            }
            assertThat(changes).hasSize(2).last().isEqualTo(Limits.requested(2, 128));
            busy = false;
            containers.destroy(ID).toCompletableFuture().join();
        }
    }

    private void execute(Runnable work) {
        if (busy) {
            waiting.add(work);
        } else {
            threads.execute(work);
        }
    }
}
