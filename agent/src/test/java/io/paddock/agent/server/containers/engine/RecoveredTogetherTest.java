package io.paddock.agent.server.containers.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.paddock.agent.server.containers.ContainerIds;
import io.paddock.agent.server.containers.ContainerSpec;
import io.paddock.agent.server.containers.ContainersOptions;
import io.paddock.agent.server.containers.Launched;
import io.paddock.agent.server.containers.Limits;
import io.paddock.agent.server.containers.fetch.Fetcher;
import io.paddock.agent.server.containers.processes.ProcessIsolation;
import io.paddock.agent.server.containers.recipe.Secrets;
import io.paddock.agent.server.containers.tools.Processes.Identity;
import io.paddock.agent.server.containers.tools.Tools;
import io.paddock.proto.v1.CommandInfo;
import io.paddock.proto.v1.ContainerID;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RecoveredTogetherTest {
    @TempDir
    private Path directory;

    /** What is nested in one that has ended is ended with it, and could not be found otherwise. */
    @Test
    void allAreKnownBeforeTheFirstIsToldToHaveEnded() throws Exception {
        Path containers = Files.createDirectory(directory.resolve("containers"));
        Path exits = Files.createDirectory(directory.resolve("exits"));
        ContainerID outer = ContainerIds.of("outer");
        ContainerID nested = ContainerIds.nested(outer, "nested");
        ContainerID inner = ContainerIds.nested(nested, "inner");
        for (ContainerID id : List.of(outer, nested, inner)) {
            launchedBeforeTheMachineWasRestarted(containers, exits, id);
        }
        ScheduledExecutorService timers = Executors.newSingleThreadScheduledExecutor();
        Known known = new Known();
        OutputFiles outputs = new OutputFiles(new OutputBound(1 << 20, 1), Runnable::run);
        Tools tools = new Tools(timers);
        ProcessIsolation isolation = new ProcessIsolation(
                List.of(),
                directory.resolve("sessions"),
                new Fetcher(ContainersOptions.defaults(directory).fetch(), tools),
                new Secrets(Optional.empty()),
                tools);
        List<Integer> knownThen = new ArrayList<>();
        Recipe recipe = new Recipe(isolation.recipe());
        BlockingWork blocking = new BlockingWork(Runnable::run);
        Launching launching = new Launching(
                containers,
                exits,
                isolation,
                recipe,
                blocking,
                known,
                new Exits(isolation, outputs, known),
                new Remains(isolation, recipe, blocking, Duration.ofSeconds(15)),
                ended -> knownThen.add(known.all().size()));
        try (OutputGuard guard =
                new OutputGuard(containers, exits, new OutputBound(1 << 20, 1), Duration.ofSeconds(1))) {
            launching.recover(guard);
        } finally {
            timers.shutdownNow();
        }
        assertThat(knownThen).containsExactly(3, 3, 3);
    }

    private void launchedBeforeTheMachineWasRestarted(Path containers, Path exits, ContainerID id) throws IOException {
        ContainerRecord record = new ContainerRecord(containers, exits, ContainerRecord.nameOf(id));
        Path sandbox = directory.resolve("sandboxes").resolve(record.name());
        Files.createDirectories(sandbox);
        record.create(new ContainerSpec(
                id,
                Optional.of(CommandInfo.newBuilder().setValue("true").build()),
                Optional.empty(),
                Map.of(),
                Optional.empty(),
                sandbox,
                Limits.NONE,
                List.of()));
        record.started(new ContainerRecord.Started(
                "an earlier boot", new Identity(1, 1), new Launched(1, List.of(), Optional.empty())));
    }
}
