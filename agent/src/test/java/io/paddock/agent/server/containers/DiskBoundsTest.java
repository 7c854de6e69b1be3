package io.paddock.agent.server.containers;

import static org.assertj.core.api.Assertions.assertThat;

import io.paddock.common.Signals;
import io.paddock.proto.v1.CommandInfo;
import io.paddock.proto.v1.Environment;
import io.paddock.proto.v1.TaskStatus;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** No container fills the disk by its output or its sandbox. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class DiskBoundsTest {
    private static final long OUTPUT_BYTES = 100_000;

    @RegisterExtension
    static final SharedRegistry registry = new SharedRegistry();

    @RegisterExtension
    final RunningContainers running = RunningContainers.isolatedForEachTest(
            options -> options.withWatchInterval(Duration.ofMillis(50)).withDiskBounds(OUTPUT_BYTES, true));

    @Test
    void outputIsRotatedAndCompressed() throws Exception {
        ContainerSpec spec = running.shell(
                "i=0; while [ $i -lt 15000 ]; do echo line $i; i=$((i+1)); done; touch $MESOS_SANDBOX/done; sleep 1000");
        running.launch(spec);
        Path older = spec.sandbox().resolve("stdout.1.gz");
        Path whole = spec.sandbox().resolve("stdout.1"); // until it is compressed
        Awaitility.await()
                .atMost(Duration.ofSeconds(60))
                .until(() -> Files.exists(spec.sandbox().resolve("done"))
                        && Files.size(spec.sandbox().resolve("stdout")) <= OUTPUT_BYTES
                        && Files.exists(older)
                        && Files.notExists(whole));
        try (GZIPInputStream content = new GZIPInputStream(Files.newInputStream(older))) {
            assertThat(new String(content.readAllBytes(), StandardCharsets.UTF_8))
                    .contains("line ");
        }
        assertThat(Files.size(older)).isLessThan(OUTPUT_BYTES / 2);
    }

    /** The disk's room is looked at every 150 ms: a task that writes as fast as it can gets no further than that. */
    @Test
    void aTaskThatWritesAtFullSpeedCannotFillTheDisk() throws Exception {
        ContainerSpec spec = running.shell("exec cat /dev/zero");
        running.launch(spec);
        long deadline = System.nanoTime() + Duration.ofSeconds(5).toNanos();
        long most = 0;
        while (System.nanoTime() < deadline) {
            most = Math.max(most, size(spec.sandbox()));
            Awaitility.await().pollDelay(Duration.ofMillis(20)).until(() -> true);
        }
        running.destroy(spec);
        assertThat(most).isGreaterThan(OUTPUT_BYTES);
        assertThat(most).as("a second's worth of writing").isLessThan(2L << 30);
        assertThat(size(spec.sandbox())).as("when it is over").isLessThan(10 * OUTPUT_BYTES);
    }

    @Test
    void aTaskMayAskForLessAsWithMesosRotatingLogger() throws Exception {
        CommandInfo command = RunningContainers.sh("head -c 30000 /dev/zero; sleep 1000").toBuilder()
                .setEnvironment(Environment.newBuilder()
                        .addVariables(Environment.Variable.newBuilder()
                                .setName("CONTAINER_LOGGER_MAX_STDOUT_SIZE")
                                .setValue("10KB"))
                        .addVariables(Environment.Variable.newBuilder()
                                .setName("CONTAINER_LOGGER_LOGROTATE_STDOUT_OPTIONS")
                                .setValue("rotate 0")))
                .build();
        ContainerSpec spec = running.spec(Optional.of(command), Optional.empty(), Limits.NONE);
        running.launch(spec);
        Awaitility.await()
                .atMost(Duration.ofSeconds(30))
                .until(() -> Files.size(spec.sandbox().resolve("stdout")) == 0);
        assertThat(spec.sandbox().resolve("stdout.1.gz")).doesNotExist();
    }

    private static long size(Path directory) throws IOException {
        long sum = 0;
        try (Stream<Path> files = Files.list(directory)) {
            for (Path file : files.toList()) {
                sum += Files.exists(file) ? Files.size(file) : 0;
            }
        } catch (java.nio.file.NoSuchFileException e) {
            return 0; // moved while it was looked at
        }
        return sum;
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
        // It may be measured while it grows.
        assertThat(exit.message()).matches("Disk usage \\([12]\\.[0-9] MB\\) exceeds quota \\(1\\.0 MB\\)");
        assertThat(exit.signal()).isEqualTo(Signals.SIGKILL);
    }

    @Test
    void whatIsWrittenOnTopOfAnImageCounts() throws Exception {
        ContainerSpec spec = running.spec(
                Optional.of(RunningContainers.sh("head -c 3000000 /dev/zero > /big; sleep 1000")),
                Optional.of(ContainerInfos.mesos(registry.name("box:1")).build()),
                Limits.requested(0.1, 64).withDiskBytes(1 << 20));
        Exit exit = running.run(spec);
        assertThat(exit.limitation()).isPresent();
        assertThat(exit.limitation().get().reason()).isEqualTo(TaskStatus.Reason.REASON_CONTAINER_LIMITATION_DISK);
    }

    /** What its parent's tasks make of the names above it changes nothing. */
    @Test
    void aNestedContainerIsMeasuredWhereItsSandboxIs() throws Exception {
        ContainerSpec parent = running.shell("sleep 1000");
        running.launch(parent);
        Path containers = parent.sandbox().resolve("containers");
        Path gate = parent.sandbox().resolve("gate");
        ContainerSpec nested = RunningContainers.nested(
                parent,
                "inner",
                RunningContainers.sh(
                        "until [ -e " + gate + " ]; do sleep 0.05; done; head -c 3000000 /dev/zero > x; sleep 1000"),
                Optional.empty(),
                Limits.NONE.withDiskBytes(1 << 20));
        running.launch(nested);
        Files.move(containers, parent.sandbox().resolve("moved"));
        Files.createDirectories(nested.sandbox());
        Files.writeString(gate, "");
        assertThat(running.exit(nested).limitation().orElseThrow().message()).startsWith("Disk usage (");
    }
}
