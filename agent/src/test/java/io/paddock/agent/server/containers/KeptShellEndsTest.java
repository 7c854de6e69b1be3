package io.paddock.agent.server.containers;

import static io.paddock.agent.server.containers.ContainersWithChecks.KILLED;
import static io.paddock.agent.server.containers.ContainersWithChecks.UNLIMITED;
import static io.paddock.agent.server.containers.ContainersWithChecks.awaitNone;
import static io.paddock.agent.server.containers.ContainersWithChecks.processes;
import static io.paddock.agent.server.containers.ContainersWithChecks.shells;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.paddock.agent.server.containers.tools.Processes;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** How runs of checks end that take too long, and with them, or without, the shells that run them. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class KeptShellEndsTest {
    @RegisterExtension
    final RunningContainers running = RunningContainers.isolatedForEachTest();

    private final ContainersWithChecks checked = new ContainersWithChecks(running);

    @ParameterizedTest
    @ValueSource(strings = {"/bin/dash", "/bin/bash", "/bin/busybox"})
    void aRunThatTakesTooLongIsKilledWithAllItHasStarted(String shell) throws Exception {
        ContainerSpec container = checked.sleeping(shell);
        String command = "[ -e first ] || { touch first; sleep 7709 & exit 6; }; [ -e third ] && exit 0; touch third;"
                + " sleep 7710 & setsid sleep 7711 & (sleep 7712 &); sh -c 'sleep 7713; true'; true";
        assertThat(checked.check(container, command)).isEqualTo(6);
        Set<Long> before = shells(container, 1);
        checked.timesOut(container, command);
        awaitNone(container, "7710", "7711", "7712", "7713");
        shells(container, 0);
        assertThat(processes(container, "7709"))
                .as("what an earlier run has left on purpose")
                .hasSize(1);
        assertThat(checked.check(container, command)).isZero();
        assertThat(shells(container, 1)).doesNotContainAnyElementsOf(before);
    }

    @Test
    void aShellThatHasEndedIsReplaced() throws Exception {
        ContainerSpec container = checked.withShell();
        Set<Long> first = shells(container, 1);
        first.forEach(pid -> ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly));
        shells(container, 0);
        assertThat(checked.check(container, "true")).isZero();
        assertThat(shells(container, 1)).doesNotContainAnyElementsOf(first);
    }

    @Test
    void aRunWhoseShellIsKilledWasKilled() throws Exception {
        ContainerSpec container = checked.sleeping();
        String command = "[ -e kill ] && { rm kill; kill -9 $PPID; sleep 7720; }; true";
        assertThat(checked.check(container, command)).isZero();
        shells(container, 1);
        Files.createFile(container.sandbox().resolve("kill"));
        assertThat(checked.check(container, command)).isEqualTo(KILLED);
        awaitNone(container, "7720");
        assertThat(checked.check(container, command)).isZero();
        shells(container, 1);
    }

    @Test
    void theEndOfTheContainerEndsRunsAndShells() throws Exception {
        ContainerSpec container = checked.withShell();
        CompletableFuture<Integer> run = checked.start(container, "touch begun; sleep 7750", UNLIMITED);
        Awaitility.await().until(() -> Files.exists(container.sandbox().resolve("begun")));
        RunningContainers.get(
                running.containers().signal(container.id(), io.paddock.common.Signals.SIGKILL, SignalScope.COMMAND));
        assertThat(RunningContainers.get(run)).isEqualTo(KILLED);
        shells(container, 0);
        RunningContainers.get(running.containers().exited(container.id()));
        assertThatThrownBy(() -> checked.check(container, "true")).hasRootCauseInstanceOf(LaunchFailure.class);
    }

    @Test
    void aFrozenContainerDoesNotAnswerUntilItIsThawed() throws Exception {
        ContainerSpec container = checked.withShell();
        freeze(container, "FROZEN");
        try {
            checked.timesOut(container, "true");
            assertThat(checked.check(container, "true")).isNotZero().isEqualTo(checked.byRuntime(container, "true"));
        } finally {
            freeze(container, "THAWED");
        }
        assertThat(checked.check(container, "true")).isZero();
        shells(container, 1);
    }

    private void freeze(ContainerSpec container, String state) throws IOException {
        long pid =
                Processes.withArguments(arguments -> arguments.contains("1000") && arguments.contains("sleep")).stream()
                        .map(ProcessHandle::pid)
                        .filter(each -> cgroup(each)
                                .contains("/" + running.tag() + "/"
                                        + container.id().getValue()))
                        .findFirst()
                        .orElseThrow();
        String group = cgroup(pid)
                .lines()
                .filter(line -> line.contains(":freezer:"))
                .map(line -> line.substring(line.lastIndexOf(':') + 1))
                .findFirst()
                .orElse("");
        Path file = Path.of("/sys/fs/cgroup/freezer" + group, "freezer.state");
        org.junit.jupiter.api.Assumptions.assumeTrue(Files.exists(file), "there is no freezer of cgroups v1");
        Files.writeString(file, state);
        Awaitility.await().until(() -> Files.readString(file).strip().equals(state));
    }

    private static String cgroup(long pid) {
        try {
            return Files.readString(Path.of("/proc", Long.toString(pid), "cgroup"), StandardCharsets.UTF_8);
        } catch (IOException e) {
            return "";
        }
    }

    @Test
    void descriptorsAreGivenBack() throws Exception {
        ContainerSpec container = checked.sleeping();
        for (int i = 0; i < 3; i++) {
            assertThat(checked.check(container, "exit " + i)).isEqualTo(i);
        }
        long before = descriptors();
        long threads = threads();
        for (int i = 0; i < 10; i++) {
            assertThat(checked.check(container, "true # " + i % 5)).isZero();
            assertThat(checked.check(container, "kill -9 $PPID # " + i % 5)).isEqualTo(KILLED);
        }
        processes(container, "paddock-check")
                .forEach(pid -> ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly));
        shells(container, 0);
        Awaitility.await().untilAsserted(() -> assertThat(descriptors()).isLessThanOrEqualTo(before + 5));
        assertThat(threads()).isEqualTo(threads);
    }

    private static long threads() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().equals("container-checks"))
                .count();
    }

    private static long descriptors() throws IOException {
        try (Stream<Path> open = Files.list(Path.of("/proc/self/fd"))) {
            return open.count();
        }
    }
}
