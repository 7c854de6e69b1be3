package io.paddock.agent.server.containers;

import static org.assertj.core.api.Assertions.assertThat;

import io.paddock.proto.v1.ContainerInfo;
import io.paddock.proto.v1.TTYInfo;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Output of containers whose agent was killed, a process of its own. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class WithoutAgentTest {
    private static final long OUTPUT_BYTES = 100_000;

    @RegisterExtension
    final RunningContainers running =
            RunningContainers.isolatedForEachTest(options -> options.withDiskBounds(OUTPUT_BYTES, false));

    @BeforeEach
    void open() throws Exception {
        running.containers().close();
    }

    @Test
    void outputIsBoundedByTheGuardUntilTheNextAgent() throws Exception {
        Path victim = Files.write(running.workDir.resolve("victim"), new byte[300_000]);
        ContainerSpec spec = running.shell(
                "ln -sfn " + victim + " stderr;" + " while :; do head -c 50000 /dev/zero; sleep 0.02; done");
        Process agent = WritingProcess.start(spec, running.workDir, OUTPUT_BYTES);
        agent.destroyForcibly().waitFor();
        Path stdout = spec.sandbox().resolve("stdout");
        Awaitility.await().atMost(Duration.ofSeconds(20)).until(() -> Files.size(stdout) > 2 * OUTPUT_BYTES);
        Awaitility.await()
                .pollInterval(Duration.ofMillis(5))
                .atMost(Duration.ofSeconds(20))
                .until(() -> Files.size(stdout) < OUTPUT_BYTES);
        assertThat(running.guards()).isEqualTo(1);
        assertThat(victim)
                .as("a link that the task has put in place of its output")
                .hasSize(300_000);

        assertThat(running.restart()).hasSize(1);
        Awaitility.await().untilAsserted(() -> assertThat(running.guards()).isEqualTo(1));
        running.destroy(spec);
    }

    @Test
    void theGuardEndsWithTheLastContainer() throws Exception {
        ContainerSpec spec = running.shell("sleep 1");
        Process agent = WritingProcess.start(spec, running.workDir, OUTPUT_BYTES);
        assertThat(running.guards()).isEqualTo(1);
        agent.destroyForcibly().waitFor();
        assertThat(running.guards()).isEqualTo(1);
        Awaitility.await().atMost(Duration.ofSeconds(20)).until(() -> running.guards() == 0);
        running.restart();
        running.destroy(spec);
    }

    @Test
    void theGuardEndsWhenContainersAndMonitorsWereKilledTogether() throws Exception {
        ContainerSpec spec = running.shell("echo ready; sleep 1000");
        Process agent = WritingProcess.start(spec, running.workDir, OUTPUT_BYTES);
        RunningContainers.awaitOutput(spec, "ready");
        agent.destroyForcibly().waitFor();
        String record =
                running.workDir.resolve("containers/" + spec.id().getValue()).toString();
        long monitor = ProcessHandle.allProcesses()
                .filter(process -> process.info().commandLine().orElse("").contains(record))
                .findFirst()
                .orElseThrow()
                .pid();
        Awaitility.await("while it runs")
                .during(Duration.ofSeconds(2))
                .atMost(Duration.ofSeconds(20))
                .until(() -> running.guards() == 1);
        List<ProcessHandle> below =
                ProcessHandle.of(monitor).orElseThrow().descendants().toList();
        assertThat(below).isNotEmpty();
        ProcessHandle.of(monitor).orElseThrow().destroyForcibly();
        below.forEach(ProcessHandle::destroyForcibly);
        Awaitility.await().atMost(Duration.ofSeconds(20)).until(() -> running.guards() == 0);
        assertThat(running.restart()).hasSize(1);
        running.destroy(spec);
    }

    @Test
    void nothingThatATerminalShowsIsLost() throws Exception {
        ContainerInfo terminal = ContainerInfo.newBuilder()
                .setType(ContainerInfo.Type.MESOS)
                .setTtyInfo(TTYInfo.getDefaultInstance())
                .build();
        ContainerSpec spec = running.spec(
                Optional.of(RunningContainers.sh("for i in $(seq 1 300); do echo $i; sleep 0.005; done")),
                Optional.of(terminal),
                Limits.NONE);
        Process agent = WritingProcess.start(spec, running.workDir, OUTPUT_BYTES);
        RunningContainers.awaitOutput(spec, "\r\n50\r\n");
        agent.destroyForcibly().waitFor();
        assertThat(running.restart()).hasSize(1);
        assertThat(running.exit(spec).succeeded()).isTrue();
        String[] lines = RunningContainers.stdout(spec).split("\r\n", -1);
        assertThat(lines).as("a piece may be there twice").hasSizeLessThan(310);
        assertThat(Stream.of(lines).limit(lines.length - 1).distinct())
                .containsExactlyElementsOf(IntStream.rangeClosed(1, 300)
                        .mapToObj(Integer::toString)
                        .toList());
    }
}
