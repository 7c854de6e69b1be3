package io.paddock.agent.server.containers.engine;

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
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.Function;

/** Containers that are plain processes, of an isolation that can be told to do some things otherwise. */
final class ProcessEngine implements AutoCloseable {
    private final Path directory;
    private final ScheduledExecutorService timers = Executors.newSingleThreadScheduledExecutor();
    private final ExecutorService outputs = Executors.newSingleThreadExecutor();
    private final RecordedContainers containers;

    /** One where launches have no threads of their own. */
    ProcessEngine(Path directory, Executor blocking, Map<String, Function<Call, Object>> otherwise) throws IOException {
        this(directory, blocking, blocking, otherwise);
    }

    /** @param otherwise by the name of a method of {@link Isolation}, from what it would be without that and the arguments */
    ProcessEngine(Path directory, Executor blocking, Executor launches, Map<String, Function<Call, Object>> otherwise)
            throws IOException {
        this.directory = directory;
        Tools tools = new Tools(timers);
        ProcessIsolation processes = new ProcessIsolation(
                List.of(),
                directory.resolve("sessions"),
                new Fetcher(ContainersOptions.defaults(directory).fetch(), tools),
                new Secrets(Optional.empty()),
                tools);
        Isolation isolation = (Isolation) Proxy.newProxyInstance(
                getClass().getClassLoader(), new Class<?>[] {Isolation.class}, (proxy, method, arguments) -> {
                    Function<Call, Object> other = otherwise.get(method.getName());
                    if (other != null) {
                        return other.apply(new Call(processes, arguments));
                    }
                    try {
                        return method.invoke(processes, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
        containers = new RecordedContainers(
                directory,
                isolation,
                blocking,
                launches,
                timers,
                new OutputFiles(new OutputBound(1 << 20, 1), outputs),
                Duration.ofSeconds(5),
                false);
        containers.recover().toCompletableFuture().join();
    }

    /** One of a method of the isolation. */
    record Call(Isolation isolation, Object[] arguments) {}

    RecordedContainers containers() {
        return containers;
    }

    /** @param command a shell's; empty: without a process */
    ContainerSpec spec(ContainerID id, Optional<String> command) {
        return new ContainerSpec(
                id,
                command.map(value -> CommandInfo.newBuilder().setValue(value).build()),
                Optional.empty(),
                Map.of(),
                Optional.empty(),
                directory.resolve("sandboxes").resolve(ContainerIds.text(id)),
                Limits.NONE,
                List.of());
    }

    @Override
    public void close() {
        containers.close();
        timers.shutdownNow();
        outputs.shutdownNow();
    }
}
