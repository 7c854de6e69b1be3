package io.paddock.agent.server.containers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.paddock.proto.v1.ContainerInfo;
import io.paddock.proto.v1.TTYInfo;
import io.paddock.proto.v1.TaskStatus;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Containers whose process has a terminal, by every means of running them. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class TerminalContainersTest {
    private static RunningContainers open(String runtime) throws Exception {
        if (runtime.equals("processes")) {
            return RunningContainers.processes();
        }
        Assumptions.assumeTrue(
                io.paddock.agent.server.containers.tools.Tools.find(runtime).isPresent(),
                runtime + " is not installed");
        return RunningContainers.isolated(options -> options.withRuntime(runtime));
    }

    private static ContainerSpec terminal(RunningContainers running, String script) {
        ContainerInfo info = ContainerInfo.newBuilder()
                .setType(ContainerInfo.Type.MESOS)
                .setTtyInfo(TTYInfo.newBuilder()
                        .setWindowSize(
                                TTYInfo.WindowSize.newBuilder().setRows(33).setColumns(111)))
                .build();
        return running.spec(Optional.of(RunningContainers.sh(script)), Optional.of(info), Limits.NONE);
    }

    private static void type(RunningContainers running, ContainerSpec spec, String text) throws Exception {
        try (var stdin =
                RunningContainers.get(running.containers().input(spec.id())).stdin()) {
            stdin.write(text.getBytes(StandardCharsets.UTF_8));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"crun", "runc", "processes"})
    void isTypedIntoAlsoAfterTheAgentsRestart(String runtime) throws Exception {
        try (RunningContainers running = open(runtime)) {
            ContainerSpec spec = terminal(
                    running,
                    "tty >/dev/null && echo terminal $(stty size); read a; echo got $a;"
                            + " read b; echo then $b $(stty size); read c; exit 5");
            running.launch(spec);
            RunningContainers.awaitOutput(spec, "terminal 33 111\r\n");
            assertThat(running.containers().hasTerminal(spec.id())).isTrue();
            type(running, spec, "one\n");
            RunningContainers.awaitOutput(spec, "got one\r\n");

            List<Recovered> found = running.restart();
            assertThat(found).hasSize(1);
            assertThat(found.get(0).exit()).isEmpty();
            RunningContainers.get(running.containers().input(spec.id())).resize(44, 99);
            Awaitility.await().until(() -> sizeAfterRestart(running, spec).contains("44 99"));
            type(running, spec, "two\n");
            RunningContainers.awaitOutput(spec, "then two 44 99\r\n");
            type(running, spec, "\n");
            assertThat(running.exit(spec).exitCode()).isEqualTo(5);
            assertThatThrownBy(() -> type(running, spec, "late")).hasMessageContaining("has ended");
        }
    }

    private static String sizeAfterRestart(RunningContainers running, ContainerSpec spec) throws Exception {
        // the terminal of the first process, seen from another one
        String script = "for p in $(ls /proc | grep '^[0-9]'); do"
                + " if grep -q 'read c' /proc/$p/cmdline; then stty -F /proc/$p/fd/0 size && break; fi; done 2>/dev/null";
        ExecSession session =
                RunningContainers.get(running.containers().exec(spec.id(), ExecSpec.of(RunningContainers.sh(script))));
        return new String(session.stdout().readAllBytes(), StandardCharsets.UTF_8);
    }

    @ParameterizedTest
    @ValueSource(strings = {"crun", "runc", "processes"})
    void interruptsAndEndsLikeAnyOther(String runtime) throws Exception {
        try (RunningContainers running = open(runtime)) {
            ContainerSpec interrupted =
                    terminal(running, "trap 'echo interrupted; exit 9' INT; echo ready; while :; do sleep 0.05; done");
            running.launch(interrupted);
            RunningContainers.awaitOutput(interrupted, "ready");
            type(running, interrupted, "\u0003");
            assertThat(running.exit(interrupted).exitCode()).isEqualTo(9);
            assertThat(RunningContainers.stdout(interrupted)).contains("interrupted");

            ContainerSpec killed = terminal(running, "echo ready; sleep 1000");
            running.launch(killed);
            RunningContainers.awaitOutput(killed, "ready");
            running.destroy(killed);

            ContainerSpec without = running.shell("sleep 1000");
            running.launch(without);
            assertThat(running.containers().hasTerminal(without.id())).isFalse();
            assertThatThrownBy(() -> type(running, without, "x"))
                    .hasCauseInstanceOf(IOException.class)
                    .hasMessageContaining("has no terminal (container.tty_info)");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"crun", "runc"})
    void needsOneProcessAndShowsAll(String runtime) throws Exception {
        try (RunningContainers running = open(runtime)) {
            ContainerSpec spec = terminal(running, "printf 'name? '; read name; seq 1 20000; printf end");
            running.launch(spec);
            RunningContainers.awaitOutput(spec, "name? ");
            assertThat(running.traces())
                    .filteredOn(trace -> trace.startsWith("process"))
                    .hasSize(1);
            type(running, spec, "x\n");
            assertThat(running.exit(spec).succeeded()).isTrue();
            String numbers =
                    IntStream.rangeClosed(1, 20000).mapToObj(n -> n + "\r\n").collect(Collectors.joining());
            assertThat(RunningContainers.stdout(spec)).isEqualTo("name? x\r\n" + numbers + "end");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"crun", "runc"})
    void lackOfMemoryIsReportedAsSuch(String runtime) throws Exception {
        try (RunningContainers running = open(runtime)) {
            ContainerSpec spec = terminal(running, "head -c 200m /dev/zero | tail -n 1");
            Exit exit = running.run(running.spec(spec.command(), spec.container(), Limits.requested(0.1, 40)));
            assertThat(exit.limitation().orElseThrow().reason())
                    .isEqualTo(TaskStatus.Reason.REASON_CONTAINER_LIMITATION_MEMORY);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"crun", "runc"})
    void explainsWhyALaunchFails(String runtime) throws Exception {
        try (RunningContainers running = open(runtime)) {
            ContainerSpec spec = terminal(running, "true");
            ContainerInfo.Builder info = spec.container().orElseThrow().toBuilder();
            info.getRlimitInfoBuilder()
                    .addRlimitsBuilder()
                    .setType(io.paddock.proto.v1.RLimitInfo.RLimit.Type.RLMT_NOFILE)
                    .setSoft(1L << 40)
                    .setHard(1L << 40);
            LaunchFailure failure =
                    running.refused(running.spec(spec.command(), Optional.of(info.build()), Limits.NONE));
            assertThat(failure.step()).isEqualTo("runtime");
            assertThat(failure.getMessage()).containsIgnoringCase("operation not permitted");
        }
    }
}
