package io.paddock.agent.server.containers.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.paddock.agent.server.containers.ContainerIds;
import io.paddock.agent.server.containers.ContainerSpec;
import io.paddock.agent.server.containers.ContainersOptions;
import io.paddock.agent.server.containers.Limits;
import io.paddock.agent.server.containers.fetch.Fetcher;
import io.paddock.agent.server.containers.processes.ProcessIsolation;
import io.paddock.agent.server.containers.recipe.Secrets;
import io.paddock.agent.server.containers.tools.Tools;
import io.paddock.proto.v1.CommandInfo;
import io.paddock.proto.v1.ContainerID;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NewestLimitsTest {
    private static final ContainerID ID = ContainerIds.of("c");

    @TempDir
    private Path directory;

    private final ExecutorService threads = Executors.newFixedThreadPool(2);
    private final ScheduledExecutorService timers = Executors.newSingleThreadScheduledExecutor();
    private final List<Limits> changes = new ArrayList<>();
    private final Deque<Runnable> waiting = new ArrayDeque<>();
    private volatile boolean busy;

    @AfterEach
    void end() {
        threads.shutdownNow();
        timers.shutdownNow();
    }

    @Test
    void holdWhicheverChangeComesLast() throws Exception {
        try (RecordedContainers containers = new RecordedContainers(
                directory,
                recordingChanges(processes()),
                this::execute,
                timers,
                new OutputFiles(new OutputBound(1 << 20, 1), threads),
                Duration.ofSeconds(5),
                false)) {
            containers.recover().toCompletableFuture().join();
            containers.launch(sleeping()).toCompletableFuture().join();
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

    private ProcessIsolation processes() {
        Tools tools = new Tools(timers);
        return new ProcessIsolation(
                List.of(),
                directory.resolve("sessions"),
                new Fetcher(ContainersOptions.defaults(directory).fetch(), tools),
                new Secrets(Optional.empty()),
                tools);
    }

    private Isolation recordingChanges(Isolation isolation) {
        return (Isolation) Proxy.newProxyInstance(
                getClass().getClassLoader(), new Class<?>[] {Isolation.class}, (proxy, method, arguments) -> {
                    if (method.getName().equals("update")) {
                        changes.add((Limits) arguments[2]);
                        return null;
                    }
                    try {
                        return method.invoke(isolation, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }

    private ContainerSpec sleeping() {
        return new ContainerSpec(
                ID,
                Optional.of(CommandInfo.newBuilder().setValue("sleep 1000").build()),
                Optional.empty(),
                Map.of(),
                Optional.empty(),
                directory.resolve("sandbox"),
                Limits.NONE,
                List.of());
    }
}
