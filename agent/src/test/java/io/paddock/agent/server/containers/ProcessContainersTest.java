package io.paddock.agent.server.containers;

import static org.assertj.core.api.Assertions.assertThat;

import io.paddock.common.Signals;
import io.paddock.proto.v1.CommandInfo;
import io.paddock.proto.v1.ContainerInfo;
import io.paddock.proto.v1.NetworkInfo;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Where nothing can be isolated; needs neither root nor any tool. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class ProcessContainersTest {
    @RegisterExtension
    final RunningContainers running = RunningContainers.processesForEachTest();

    @Test
    void saysLoudlyThatNothingIsIsolated() {
        Facilities facilities = running.containers().facilities();
        assertThat(facilities.isolating()).isFalse();
        assertThat(facilities.warnings().get(0)).startsWith("NO ISOLATION");
    }

    @Test
    void keepsOutputAndExitCode() throws Exception {
        ContainerSpec spec = running.shell("echo $GREETING; echo err >&2; pwd; exit 7", Limits.requested(0.1, 32));
        Exit exit = running.run(spec);
        assertThat(exit.exitCode()).isEqualTo(7);
        assertThat(RunningContainers.stdout(spec)).isEqualTo("hello\n" + spec.sandbox() + "\n");
        assertThat(RunningContainers.stderr(spec)).isEqualTo("err\n");
    }

    /** Whose group need not have the same name. */
    @Test
    void runsAsAnotherUser() throws Exception {
        CommandInfo command = RunningContainers.sh("id -un; id -Gn").toBuilder()
                .setUser("nobody")
                .build();
        ContainerSpec spec = running.spec(Optional.of(command), Optional.empty(), Limits.NONE);
        assertThat(running.run(spec).succeeded()).isTrue();
        assertThat(RunningContainers.stdout(spec)).isEqualTo("nobody\nnogroup\n");
    }

    @Test
    void signalsReachTheCommandOrTheTree() throws Exception {
        ContainerSpec orderly = running.shell("trap 'echo bye; exit 3' INT; echo ready; while :; do sleep 0.05; done");
        running.launch(orderly);
        RunningContainers.awaitOutput(orderly, "ready");
        RunningContainers.get(running.containers().signal(orderly.id(), Signals.SIGINT, SignalScope.COMMAND));
        assertThat(running.exit(orderly).exitCode()).isEqualTo(3);

        ContainerSpec tree = running.shell("sleep 1000 & echo ready; wait");
        running.launch(tree);
        RunningContainers.awaitOutput(tree, "ready");
        RunningContainers.get(running.containers().signal(tree.id(), Signals.SIGTERM, SignalScope.TREE));
        assertThat(running.exit(tree).signal()).isEqualTo(Signals.SIGTERM);
    }

    @Test
    void destroyLeavesNoProcess() throws Exception {
        ContainerSpec spec = running.shell("trap '' TERM; sleep 4321 & (setsid sleep 4321 &); echo ready; sleep 4321");
        running.launch(spec);
        RunningContainers.awaitOutput(spec, "ready");
        running.destroy(spec);
        assertThat(running.traces()).isEmpty();
        assertThat(ProcessHandle.allProcesses()
                        .map(process -> process.info().commandLine().orElse("")))
                .noneMatch(line -> line.endsWith("sleep 4321"));
    }

    @Test
    void goesOnWithoutTheAgent() throws Exception {
        Path go = running.workDir.resolve("go");
        ContainerSpec spec = running.shell("until [ -e " + go + " ]; do sleep 0.02; done; exit 9");
        running.launch(spec);
        running.containers().close();
        List<Recovered> recovered = running.restart();
        assertThat(recovered).hasSize(1);
        assertThat(recovered.get(0).exit()).isEmpty();
        running.containers().close();
        Files.createFile(go);
        Awaitility.await()
                .until(() -> Files.exists(
                        running.workDir.resolve("exits").resolve(spec.id().getValue())));
        assertThat(running.restart().get(0).exit())
                .get()
                .extracting(Exit::exitCode)
                .isEqualTo(9);
    }

    @Test
    void runsFurtherProcesses() throws Exception {
        ContainerSpec spec = running.shell("echo ready; exec sleep 1000");
        running.launch(spec);
        ExecSession session = RunningContainers.get(
                running.containers().exec(spec.id(), ExecSpec.of(RunningContainers.sh("echo $GREETING; pwd; exit 2"))));
        assertThat(new String(session.stdout().readAllBytes(), StandardCharsets.UTF_8))
                .isEqualTo("hello\n" + spec.sandbox() + "\n");
        assertThat(RunningContainers.get(session.exited()).exitCode()).isEqualTo(2);
        assertThat(RunningContainers.get(running.containers().statistics(spec.id()))
                        .getProcesses())
                .isEqualTo(1);
    }

    @Test
    void refusesWhatItCannotIsolate() throws Exception {
        ContainerInfo image = ContainerInfo.newBuilder()
                .setType(ContainerInfo.Type.DOCKER)
                .setDocker(ContainerInfo.DockerInfo.newBuilder().setImage("busybox"))
                .build();
        ContainerInfo network = ContainerInfo.newBuilder()
                .setType(ContainerInfo.Type.MESOS)
                .addNetworkInfos(NetworkInfo.newBuilder().setName("bridge"))
                .build();
        assertThat(refusal(Optional.of(image), Limits.NONE)).endsWith("cannot give a container an image");
        assertThat(refusal(Optional.of(network), Limits.NONE)).endsWith("cannot give a container a network of its own");
        assertThat(refusal(Optional.empty(), Limits.requested(1, 32).withCpuLimit(2)))
                .endsWith("cannot give a container a limit of 2.0 CPUs");
    }

    private String refusal(Optional<ContainerInfo> container, Limits limits) throws Exception {
        LaunchFailure failure =
                running.refused(running.spec(Optional.of(RunningContainers.sh("true")), container, limits));
        assertThat(failure.step()).isEqualTo("isolation");
        return failure.getMessage();
    }
}
