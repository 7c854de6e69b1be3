package io.paddock.agent.server.containers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.paddock.agent.server.containers.tools.Processes;
import io.paddock.agent.server.executors.ContainerSite;
import io.paddock.proto.v1.CommandInfo;
import io.paddock.proto.v1.ResourceStatistics;
import io.paddock.proto.v1.TaskStatus;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What must not depend on which OCI runtime is installed. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class RuntimesTest {
    @RegisterExtension
    static final SharedRegistry registry = new SharedRegistry();

    private static ContainerSpec box(RunningContainers running, String script, Limits limits) {
        return running.spec(
                Optional.of(RunningContainers.sh(script)),
                Optional.of(ContainerInfos.mesos(registry.name("box:1")).build()),
                limits);
    }

    @ParameterizedTest
    @ValueSource(strings = {"crun", "runc"})
    void boundsAndReportsAndComesBack(String runtime) throws Exception {
        try (RunningContainers running = RunningContainers.isolated(options -> options.withRuntime(runtime))) {
            assertThat(running.containers().facilities().runtime()).isEqualTo(runtime);
            ContainerSpec greedy =
                    box(running, "head -c 200m /dev/zero | tail -n 1; echo survived", Limits.requested(0.1, 40));
            Exit exit = running.run(greedy);
            assertThat(exit.limitation()).isPresent();
            Exit.Limitation limitation = exit.limitation().get();
            assertThat(limitation.reason()).isEqualTo(TaskStatus.Reason.REASON_CONTAINER_LIMITATION_MEMORY);
            assertThat(limitation.message()).startsWith("Memory limit exceeded: limit 40.0 MB, highest use ");
            assertThat(limitation.resources()).hasSize(1);
            assertThat(limitation.resources().get(0).getScalar().getValue()).isBetween(30.0, 41.0);

            ContainerSpec busy = box(
                    running,
                    "while true; do :; done",
                    Limits.requested(0.1, 64).withCpuLimit(0.02).withPids(20));
            running.launch(busy);
            Awaitility.await()
                    .atMost(Duration.ofSeconds(20))
                    .until(() -> statistics(running, busy).getCpusNrThrottled() > 3);
            List<Recovered> found = running.restart();
            assertThat(found).hasSize(2);
            assertThat(statistics(running, busy).getMemLimitBytes()).isEqualTo(64L << 20);
            running.destroy(busy);
            assertThat(running.traces()).noneMatch(trace -> trace.startsWith("process"));
        }
    }

    /** As checks are run: again and again, for their exit status, and killed with all they started when they take too long. */
    @ParameterizedTest
    @ValueSource(strings = {"crun", "runc"})
    void silentCommandsEndInTime(String runtime) throws Exception {
        try (RunningContainers running = RunningContainers.isolated(options -> options.withRuntime(runtime))) {
            ContainerSpec spec = box(running, "echo up; sleep 1000", Limits.requested(0.1, 64));
            Launched launched = running.launch(spec);
            RunningContainers.awaitOutput(spec, "up");
            ContainerSite site = new ContainerSite(running.containers(), spec.id(), launched.namespace());
            CommandInfo counts = RunningContainers.sh("echo x; echo run >> $MESOS_SANDBOX/runs; exit 3");
            for (int i = 0; i < 2; i++) {
                assertThat(RunningContainers.get(site.run(counts, Duration.ofSeconds(20))))
                        .isEqualTo(3);
            }
            assertThat(spec.sandbox().resolve("runs")).hasContent("run\nrun");

            String seconds = Long.toString(System.nanoTime());
            CommandInfo hangs = RunningContainers.sh("touch $MESOS_SANDBOX/hangs; sleep " + seconds + " & wait");
            assertThatThrownBy(() -> RunningContainers.get(site.run(hangs, Duration.ofSeconds(1))))
                    .hasCauseInstanceOf(TimeoutException.class);
            assertThat(spec.sandbox().resolve("hangs")).exists();
            Awaitility.await()
                    .atMost(Duration.ofSeconds(10))
                    .until(() -> Processes.withArguments(arguments -> arguments.contains(seconds))
                            .isEmpty());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"crun", "runc"})
    void limitsMayBeAboveRequestsOrNone(String runtime) throws Exception {
        try (RunningContainers running = RunningContainers.isolated(options -> options.withRuntime(runtime))) {
            ContainerSpec higher =
                    box(running, "sleep 1000", Limits.requested(0.1, 40).withMemoryLimitBytes(100L << 20));
            running.launch(higher);
            assertThat(statistics(running, higher).getMemLimitBytes()).isEqualTo(100L << 20);
            assertThat(statistics(running, higher).getMemSoftLimitBytes()).isEqualTo(40L << 20);
            ContainerSpec unbounded = box(
                    running,
                    "head -c 120m /dev/zero | tail -n 1 | wc -c; echo survived",
                    Limits.requested(0.1, 40).withMemoryLimitBytes(Limits.UNLIMITED));
            assertThat(running.run(unbounded).succeeded()).isTrue();
            assertThat(RunningContainers.stdout(unbounded)).contains("survived");
        }
    }

    private static ResourceStatistics statistics(RunningContainers running, ContainerSpec spec) throws Exception {
        return RunningContainers.get(running.containers().statistics(spec.id()));
    }
}
