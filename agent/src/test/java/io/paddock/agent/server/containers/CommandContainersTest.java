package io.paddock.agent.server.containers;

import static org.assertj.core.api.Assertions.assertThat;

import io.paddock.common.Signals;
import io.paddock.proto.v1.CommandInfo;
import io.paddock.proto.v1.ContainerInfo;
import io.paddock.proto.v1.ResourceStatistics;
import io.paddock.proto.v1.TaskStatus;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Commands on the host's files, in real namespaces and control groups. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class CommandContainersTest {
    @RegisterExtension
    final RunningContainers running = RunningContainers.isolatedForEachTest();

    @Test
    void keepsOutputAndExitCode() throws Exception {
        ContainerSpec spec = running.shell("echo out $GREETING; echo err >&2; pwd; echo $MESOS_SANDBOX; exit 7");
        Exit exit = running.run(spec);
        assertThat(exit.exitCode()).isEqualTo(7);
        assertThat(exit.status()).isEqualTo(7 << 8);
        assertThat(exit.message()).isEqualTo("Command exited with status 7");
        String sandbox = spec.sandbox().toString();
        assertThat(RunningContainers.stdout(spec)).isEqualTo("out hello\n" + sandbox + "\n" + sandbox + "\n");
        assertThat(RunningContainers.stderr(spec)).isEqualTo("err\n");
    }

    @Test
    void runsAnArgumentVectorWithoutAShell() throws Exception {
        CommandInfo command = CommandInfo.newBuilder()
                .setShell(false)
                .setValue("/bin/echo")
                .addArguments("echo")
                .addArguments("a  b")
                .addArguments("$HOME")
                .build();
        ContainerSpec spec = running.spec(Optional.of(command), Optional.empty(), Limits.NONE);
        assertThat(running.run(spec).succeeded()).isTrue();
        assertThat(RunningContainers.stdout(spec)).isEqualTo("a  b $HOME\n");
    }

    @Test
    void isAloneInItsNamespaces() throws Exception {
        ContainerSpec spec = running.shell("echo $$; ls -d /proc/[0-9]* | wc -l; readlink /proc/self/ns/net");
        running.run(spec);
        List<String> lines = RunningContainers.stdout(spec).lines().toList();
        assertThat(Integer.parseInt(lines.get(0))).isLessThan(10);
        assertThat(Integer.parseInt(lines.get(1))).isLessThan(10);
        assertThat(lines.get(2))
                .isEqualTo(java.nio.file.Files.readSymbolicLink(java.nio.file.Path.of("/proc/self/ns/net"))
                        .toString());
    }

    @Test
    void tellsTheSignalThatEndedIt() throws Exception {
        ContainerSpec spec = running.shell("echo ready; sleep 100");
        running.launch(spec);
        RunningContainers.awaitOutput(spec, "ready");
        RunningContainers.get(running.containers().signal(spec.id(), Signals.SIGTERM, SignalScope.TREE));
        Exit exit = running.exit(spec);
        assertThat(exit.signal()).isEqualTo(Signals.SIGTERM);
        assertThat(exit.message()).isEqualTo("Command terminated with signal Terminated");
    }

    /** Nothing of a container runs yet but its init, which may not even listen to signals. */
    @ParameterizedTest
    @EnumSource(SignalScope.class)
    void tellsTheSignalThatCameRightAfterItsStart(SignalScope scope) throws Exception {
        List<ContainerSpec> specs = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            specs.add(running.shell("exec sleep 1000"));
        }
        Containers containers = running.containers();
        specs.stream()
                .map(spec -> containers
                        .launch(spec)
                        .thenCompose(launched -> containers.signal(spec.id(), Signals.SIGTERM, scope))
                        .toCompletableFuture())
                .toList()
                .forEach(CompletableFuture::join);
        for (ContainerSpec spec : specs) {
            assertThat(containers.exited(spec.id()))
                    .succeedsWithin(Duration.ofSeconds(20))
                    .extracting(Exit::signal)
                    .isEqualTo(Signals.SIGTERM);
        }
    }

    @Test
    void letsACommandEndInOrder() throws Exception {
        ContainerSpec spec = running.shell("trap 'echo bye; exit 3' TERM; echo ready; while true; do sleep 0.05; done");
        running.launch(spec);
        RunningContainers.awaitOutput(spec, "ready");
        RunningContainers.get(running.containers().signal(spec.id(), Signals.SIGTERM, SignalScope.COMMAND));
        assertThat(running.exit(spec).exitCode()).isEqualTo(3);
        assertThat(RunningContainers.stdout(spec)).endsWith("bye\n");
    }

    @Test
    void sendsAnySignal() throws Exception {
        ContainerSpec spec = running.shell("trap 'echo got; exit 0' USR1; echo ready; while true; do sleep 0.05; done");
        running.launch(spec);
        RunningContainers.awaitOutput(spec, "ready");
        RunningContainers.get(running.containers().signal(spec.id(), 10, SignalScope.COMMAND));
        assertThat(running.exit(spec).succeeded()).isTrue();
        assertThat(RunningContainers.stdout(spec)).endsWith("got\n");
    }

    @Test
    void destroyKillsWhatIgnoresSignals() throws Exception {
        ContainerSpec spec = running.shell("trap '' TERM; setsid sleep 1000 & echo ready; sleep 1000");
        running.launch(spec);
        RunningContainers.awaitOutput(spec, "ready");
        running.destroy(spec);
        running.destroy(spec);
        assertThat(running.containers().list()).isEmpty();
        assertThat(running.traces()).noneMatch(trace -> trace.startsWith("process") || trace.startsWith("record"));
    }

    @Test
    void reportsLackOfMemory() throws Exception {
        ContainerSpec spec =
                running.shell("head -c 200m /dev/zero | tail -n 1; echo survived", Limits.requested(0.1, 32));
        Exit exit = running.run(spec);
        assertThat(exit.limitation()).isPresent();
        assertThat(exit.limitation().get().reason()).isEqualTo(TaskStatus.Reason.REASON_CONTAINER_LIMITATION_MEMORY);
        assertThat(exit.message()).startsWith("Memory limit exceeded: limit 32.0 MB");
    }

    @Test
    void boundsCpu() throws Exception {
        Limits limits = Limits.requested(0.1, 64).withCpuLimit(0.02);
        ContainerSpec spec = running.shell("while true; do :; done", limits);
        running.launch(spec);
        Awaitility.await()
                .atMost(Duration.ofSeconds(20))
                .until(() -> statistics(spec).getCpusNrThrottled() > 5);
        ResourceStatistics before = statistics(spec);
        Awaitility.await()
                .atMost(Duration.ofSeconds(20))
                .until(() -> statistics(spec).getTimestamp() - before.getTimestamp() > 2);
        ResourceStatistics after = statistics(spec);
        double used = after.getCpusUserTimeSecs()
                + after.getCpusSystemTimeSecs()
                - before.getCpusUserTimeSecs()
                - before.getCpusSystemTimeSecs();
        assertThat(used / (after.getTimestamp() - before.getTimestamp())).isBetween(0.001, 0.06);
        assertThat(after.getCpusLimit()).isEqualTo(0.02);
        assertThat(after.getProcesses()).isGreaterThanOrEqualTo(2);
        assertThat(after.getMemLimitBytes()).isEqualTo(64L << 20);
    }

    private ResourceStatistics statistics(ContainerSpec spec) throws Exception {
        return RunningContainers.get(running.containers().statistics(spec.id()));
    }

    @Test
    void boundsProcesses() throws Exception {
        ContainerSpec spec = running.shell(
                "for i in 1 2 3 4 5 6 7 8 9 10; do sleep 5 & done; wait; echo all", Limits.NONE.withPids(6));
        running.launch(spec);
        Awaitility.await()
                .atMost(Duration.ofSeconds(20))
                .until(() -> RunningContainers.stderr(spec).contains("fork"));
    }

    @Test
    void changesLimitsWhileItRuns() throws Exception {
        ContainerSpec spec = running.shell("sleep 100", Limits.requested(0.1, 64));
        running.launch(spec);
        RunningContainers.get(running.containers().update(spec.id(), Limits.requested(0.5, 128)));
        RunningContainers.get(running.containers().update(spec.id(), Limits.requested(0.5, 40)));
        assertThat(statistics(spec).getMemSoftLimitBytes()).isEqualTo(40L << 20);
    }

    @Test
    void explainsWhyALaunchFails() throws Exception {
        CommandInfo command = CommandInfo.newBuilder()
                .setShell(false)
                .setValue("/no/such/program")
                .build();
        ContainerSpec unknownProgram = running.spec(Optional.of(command), Optional.empty(), Limits.NONE);
        Exit exit = running.run(unknownProgram);
        assertThat(exit.exitCode()).isEqualTo(127);
        assertThat(RunningContainers.stderr(unknownProgram)).contains("/no/such/program");

        CommandInfo unknownUser =
                RunningContainers.sh("true").toBuilder().setUser("nobody-knows").build();
        LaunchFailure failure = running.refused(running.spec(Optional.of(unknownUser), Optional.empty(), Limits.NONE));
        assertThat(failure.step()).isEqualTo("command");
        assertThat(failure)
                .hasMessage("unknown user nobody-knows in /etc/passwd: without an image the name of one is needed");
    }

    /** Who may run as whom is decided by names. */
    @ParameterizedTest
    @ValueSource(strings = {"0", "2", "daemon:shadow", "daemon:", ":", ":0", "٠"})
    void usersOfTheHostHaveNames(String user) throws Exception {
        CommandInfo command =
                RunningContainers.sh("id").toBuilder().setUser(user).build();
        LaunchFailure failure = running.refused(running.spec(Optional.of(command), Optional.empty(), Limits.NONE));
        assertThat(failure)
                .hasMessage("unknown user " + user + " in /etc/passwd: without an image the name of one is needed");
    }

    /** Only what runs from an image may be root without being asked to. */
    @Test
    void wordsOfDockerCountForItsTypeAlone() throws Exception {
        ContainerInfo docker = ContainerInfos.docker("box", "user=root", "volume=/root:/stolen")
                .build();
        ContainerInfo mesos = docker.toBuilder()
                .setType(ContainerInfo.Type.MESOS)
                .setDocker(docker.getDocker().toBuilder().setPrivileged(true))
                .build();
        ContainerSpec plain = running.spec(
                Optional.of(RunningContainers.sh("id -un; ls /stolen; grep CapEff /proc/self/status")),
                Optional.of(mesos),
                Limits.NONE);
        ContainerSpec spec = new ContainerSpec(
                plain.id(),
                plain.command(),
                plain.container(),
                plain.environment(),
                Optional.of("daemon"),
                plain.sandbox(),
                plain.limits(),
                plain.mounts());
        running.run(spec);
        assertThat(RunningContainers.stdout(spec)).isEqualTo("daemon\nCapEff:\t0000000000000000\n");
    }

    @Test
    void runsAsAnotherUserWhoOwnsTheSandbox() throws Exception {
        CommandInfo command = RunningContainers.sh("id -un; echo mine > file; ls -l file | cut -d' ' -f3").toBuilder()
                .setUser("daemon")
                .build();
        ContainerSpec spec = running.spec(Optional.of(command), Optional.empty(), Limits.NONE);
        assertThat(running.run(spec).succeeded()).isTrue();
        assertThat(RunningContainers.stdout(spec)).isEqualTo("daemon\ndaemon\n");
    }

    @Test
    void launchingTwiceIsLaunchingOnce() throws Exception {
        ContainerSpec spec = running.shell("echo once; sleep 100");
        Launched first = running.launch(spec);
        assertThat(running.launch(spec)).isEqualTo(first);
        RunningContainers.awaitOutput(spec, "once");
        assertThat(RunningContainers.stdout(spec)).isEqualTo("once\n");
    }

    @Test
    void manyAtOnce() throws Exception {
        List<ContainerSpec> specs = java.util.stream.IntStream.range(0, 20)
                .mapToObj(i -> running.shell("exit " + i))
                .toList();
        for (ContainerSpec spec : specs) {
            var unused = running.containers().launch(spec);
        }
        for (int i = 0; i < specs.size(); i++) {
            running.launch(specs.get(i));
            assertThat(running.exit(specs.get(i)).exitCode()).isEqualTo(i);
        }
    }
}
