package io.paddock.agent.server.containers.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.paddock.agent.server.containers.ContainerIds;
import io.paddock.agent.server.containers.ContainerSpec;
import io.paddock.agent.server.containers.ContainersOptions;
import io.paddock.agent.server.containers.Exit;
import io.paddock.agent.server.containers.Limits;
import io.paddock.agent.server.containers.fetch.Fetcher;
import io.paddock.agent.server.containers.processes.ProcessIsolation;
import io.paddock.agent.server.containers.recipe.Secrets;
import io.paddock.agent.server.containers.tools.Tools;
import io.paddock.common.Signals;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ExitReadingTest {
    @TempDir
    Path directory;

    private final ScheduledExecutorService timers = Executors.newSingleThreadScheduledExecutor();
    private ContainerRecord record;
    private ContainerSpec spec;
    private Isolation isolation;

    @BeforeEach
    void launch() throws IOException {
        Tools tools = new Tools(timers);
        isolation = new ProcessIsolation(
                List.of(),
                directory.resolve("sessions"),
                new Fetcher(ContainersOptions.defaults(directory).fetch(), tools),
                new Secrets(Optional.empty()),
                tools);
        spec = new ContainerSpec(
                ContainerIds.of("c"),
                Optional.empty(),
                Optional.empty(),
                Map.of(),
                Optional.empty(),
                directory.resolve("sandbox"),
                Limits.NONE,
                List.of());
        Path exits = Files.createDirectories(directory.resolve("exits"));
        record = new ContainerRecord(Files.createDirectories(directory.resolve("containers")), exits, "c");
        record.create(spec);
    }

    @AfterEach
    void stop() {
        timers.shutdownNow();
    }

    private Exit read(boolean lost) throws IOException {
        return ExitReading.of(record, spec, isolation, lost);
    }

    @Test
    void withoutCodeThereIsNoExitUnlessItIsLost() throws IOException {
        assertThat(read(false)).isNull();
        assertThat(read(true).status()).isEqualTo(Signals.SIGKILL);
    }

    @Test
    void aCodeThatIsNoNumberIsAFaultUntilNobodyCanCorrectItAnyMore() throws IOException {
        Files.writeString(record.exitCodeFile(), "x");
        assertThatThrownBy(() -> read(false)).hasMessageContaining("exit code expected");
        assertThat(read(true).status()).isEqualTo(Signals.SIGKILL);
    }

    @Test
    void theCodeOfAnEarlierContainerOfTheNameDoesNotCount() throws IOException {
        Files.writeString(record.exitCodeFile(), "3");
        record.create(spec);
        assertThat(read(false)).isNull();
    }
}
