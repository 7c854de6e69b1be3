package io.paddock.agent.server.containers;

import static org.assertj.core.api.Assertions.assertThat;

import io.paddock.proto.v1.TaskStatus;
import java.nio.file.Files;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** No container fills the disk by its output or its sandbox. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class DiskBoundsTest {
    private static final long OUTPUT_BYTES = 100_000;

    private RunningContainers running;

    @BeforeEach
    void open() throws Exception {
        running = RunningContainers.isolated(
                options -> options.withWatchInterval(Duration.ofMillis(50)).withDiskBounds(OUTPUT_BYTES, true));
    }

    @AfterEach
    void close() throws Exception {
        if (running != null) {
            running.close();
        }
    }

    @Test
    void outputIsRotated() throws Exception {
        ContainerSpec spec =
                running.shell("i=0; while [ $i -lt 30000 ]; do echo line $i; i=$((i+1)); done; sleep 1000");
        running.launch(spec);
        Awaitility.await()
                .atMost(Duration.ofSeconds(30))
                .until(() -> Files.exists(spec.sandbox().resolve("stdout.1"))
                        && (RunningContainers.stdout(spec).contains("line 29999")
                                || Files.readString(spec.sandbox().resolve("stdout.1"))
                                        .contains("line 29999")));
        Awaitility.await()
                .untilAsserted(() ->
                        assertThat(Files.size(spec.sandbox().resolve("stdout"))).isLessThanOrEqualTo(OUTPUT_BYTES));
        assertThat(Files.size(spec.sandbox().resolve("stdout.1"))).isLessThanOrEqualTo(OUTPUT_BYTES);
    }

    @Test
    void aSandboxTooLargeEndsItsContainer() throws Exception {
        Limits limits = Limits.requested(0.1, 64).withDiskBytes(1 << 20);
        ContainerSpec spec = running.spec(
                Optional.of(RunningContainers.sh("head -c 3000000 /dev/zero > big; sleep 1000")),
                Optional.empty(),
                limits);
        Exit exit = running.run(spec);
        assertThat(exit.limitation()).isPresent();
        assertThat(exit.limitation().get().reason()).isEqualTo(TaskStatus.Reason.REASON_CONTAINER_LIMITATION_DISK);
        assertThat(exit.message()).isEqualTo("Disk usage (2.9 MB) exceeds quota (1.0 MB)");
        assertThat(exit.signal()).isEqualTo(Signals.SIGKILL);
    }
}
