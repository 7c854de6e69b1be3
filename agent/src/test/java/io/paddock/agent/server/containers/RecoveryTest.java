package io.paddock.agent.server.containers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.paddock.agent.server.containers.engine.AbortedLaunches;
import io.paddock.agent.server.containers.tools.Durable;
import io.paddock.agent.server.containers.tools.Processes;
import io.paddock.common.Signals;
import io.paddock.platform.json.Json;
import io.paddock.proto.v1.ContainerInfo;
import io.paddock.proto.v1.NetworkInfo;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What a new agent finds of an old one's containers. Closing checks that nothing is left on the machine. */
@Timeout(value = 180, unit = TimeUnit.SECONDS)
class RecoveryTest {
    @RegisterExtension
    final RunningContainers running =
            RunningContainers.isolatedForEachTest(options -> options.withWatchInterval(Duration.ofMillis(200)));

    @Test
    void containersGoOnWithoutTheAgent() throws Exception {
        ContainerSpec spec = running.shell("trap 'exit 5' TERM; echo ready; while true; do sleep 0.05; done");
        Launched launched = launchUntilReady(spec);
        findsRunning(spec, launched);
        RunningContainers.get(running.containers().signal(spec.id(), Signals.SIGTERM, SignalScope.COMMAND));
        assertThat(running.exit(spec).exitCode()).isEqualTo(5);
    }

    private Launched launchUntilReady(ContainerSpec spec) throws Exception {
        Launched launched = running.launch(spec);
        RunningContainers.awaitOutput(spec, "ready");
        return launched;
    }

    /** A new agent knows this one, which runs, and no other. */
    private void findsRunning(ContainerSpec spec, Launched launched) throws Exception {
        List<Recovered> recovered = running.restart();
        assertThat(recovered).hasSize(1);
        assertThat(recovered.get(0).spec()).isEqualTo(spec);
        assertThat(recovered.get(0).launched()).isEqualTo(launched);
        assertThat(recovered.get(0).exit()).isEmpty();
    }

    /** Newer versions of crun keep compiled filters beside the states of their containers. */
    @Test
    void whatTheRuntimeKeepsForItselfIsNoContainer() throws Exception {
        ContainerSpec spec = running.shell("echo ready; sleep 1000");
        Launched launched = launchUntilReady(spec);
        Path filters = Files.createDirectories(Path.of("/run/paddock", running.tag(), "runtime/.cache/seccomp"));
        Path filter = Files.writeString(filters.resolve("filter"), "x");
        findsRunning(spec, launched);
        assertThat(filter).exists();
    }

    private void nothingRunsAndNoRecordIsLeft(String when, Object... what) throws Exception {
        assertThat(running.traces())
                .as(when, what)
                .noneMatch(trace -> trace.startsWith("process") || trace.startsWith("record"));
    }

    /** Versions before the file of facts had a file for each of them. */
    @Test
    void containersOfAnEarlierVersionGoOn() throws Exception {
        ContainerSpec spec = running.shell("trap 'exit 5' TERM; echo ready; while true; do sleep 0.05; done");
        Launched launched = launchUntilReady(spec);
        running.containers().close();
        Path record = running.workDir.resolve("containers").resolve(spec.id().getValue());
        for (String line : Files.readAllLines(record.resolve("facts.json"))) {
            Map.Entry<String, JsonNode> fact =
                    Json.mapper().readTree(line).properties().iterator().next();
            Files.write(record.resolve(fact.getKey() + ".json"), Json.bytes(fact.getValue()));
        }
        Files.delete(record.resolve("facts.json"));

        for (int agents = 0; agents < 2; agents++) {
            findsRunning(spec, launched);
        }
        RunningContainers.get(running.containers().signal(spec.id(), Signals.SIGTERM, SignalScope.COMMAND));
        assertThat(running.exit(spec).exitCode()).isEqualTo(5);
    }

    /** Until it is destroyed it is known how it ended, and nothing else is left of it. */
    @Test
    void whatHasEndedMayBeFreedAndIsStillKnown() throws Exception {
        ContainerInfo bridge = ContainerInfos.plain()
                .addNetworkInfos(ContainerInfos.network("mesos-bridge"))
                .build();
        ContainerSpec outer = running.spec(
                Optional.of(RunningContainers.sh("until [ -e go ]; do sleep 0.05; done; exit 6")),
                Optional.of(bridge),
                Limits.requested(0.1, 64));
        ContainerSpec nested = RunningContainers.nested(outer, "nested", "sleep 1000");
        running.launch(outer);
        running.launch(nested);
        RunningContainers.get(running.containers().free(outer.id()));
        assertThat(running.containers().exited(nested.id()).toCompletableFuture())
                .as("one that runs is not freed")
                .isNotDone();
        Files.createFile(outer.sandbox().resolve("go"));
        assertThat(running.exit(outer).exitCode()).isEqualTo(6);
        RunningContainers.get(running.containers().free(outer.id()));
        assertThat(running.exit(nested).signal()).isEqualTo(Signals.SIGKILL);
        assertThat(running.containers().list()).contains(outer.id(), nested.id());
        for (int agents = 0; agents < 2; agents++) {
            assertThat(running.traces())
                    .filteredOn(trace -> trace.contains(outer.id().getValue()))
                    .allMatch(trace -> trace.startsWith("record "));
            assertThat(Path.of(
                            "/run/paddock", running.tag(), "netns", outer.id().getValue()))
                    .doesNotExist();
            assertThat(running.exit(outer).exitCode()).isEqualTo(6);
            assertThat(running.restart()).hasSize(2);
        }
        running.destroy(nested);
        assertThat(running.refused(nested)).hasMessageContaining("has ended");
    }

    @Test
    void anExitWhileNoAgentWasThereIsNotLost() throws Exception {
        Path go = running.workDir.resolve("go");
        ContainerSpec spec = running.shell("until [ -e " + go + " ]; do sleep 0.02; done; exit 9");
        running.launch(spec);
        running.containers().close();
        Files.createFile(go);
        Awaitility.await()
                .until(() -> Files.exists(
                        running.workDir.resolve("exits").resolve(spec.id().getValue())));
        List<Recovered> recovered = running.restart();
        assertThat(recovered).hasSize(1);
        assertThat(recovered.get(0).exit()).get().extracting(Exit::exitCode).isEqualTo(9);
        assertThat(running.exit(spec).exitCode()).isEqualTo(9);
        assertThat(running.restart().get(0).exit())
                .get()
                .extracting(Exit::exitCode)
                .isEqualTo(9);
    }

    @Test
    void lackOfMemoryIsStillKnownAfterARestart() throws Exception {
        ContainerSpec spec = running.shell("head -c 200m /dev/zero | tail -n 1", Limits.requested(0.1, 32));
        Exit exit = running.run(spec);
        assertThat(running.restart().get(0).exit()).contains(exit);
        assertThat(exit.limitation()).isPresent();
    }

    @Test
    void aContainerWhoseMonitorWasKilledIsNotTakenForAlive() throws Exception {
        ContainerSpec spec = running.shell("echo ready; sleep 1000");
        Launched launched = launchUntilReady(spec);
        Path bundle = running.workDir.resolve("containers").resolve(spec.id().getValue());
        List<ProcessHandle> monitors = Processes.withArguments(arguments -> arguments.contains(bundle.toString()));
        assertThat(monitors).hasSize(1);
        monitors.get(0).destroyForcibly();
        ProcessHandle.of(launched.pid()).ifPresent(ProcessHandle::destroyForcibly);
        assertThat(running.exit(spec).signal()).isEqualTo(Signals.SIGKILL);
    }

    @Test
    void aContainerOfAnEarlierBootHasEnded() throws Exception {
        ContainerSpec spec = running.shell("echo ready; sleep 1000");
        running.launch(spec);
        running.containers().close();
        Path record = facts(spec);
        Files.writeString(record, Files.readString(record).replace(Processes.bootId(), "another"));
        assertThat(running.restart().get(0).exit())
                .get()
                .extracting(Exit::signal)
                .isEqualTo(Signals.SIGKILL);
        running.destroy(spec);
        // Unlike after another boot there is a monitor, which takes its time to end and holds a mount until then.
        Awaitility.await()
                .untilAsserted(() -> assertThat(running.traces()).noneMatch(trace -> trace.startsWith("process")));
    }

    /** Records are not forced to the disk, so that a crash of the machine may leave pieces of them. */
    @Test
    void whatAMachinesCrashLeftOfARecordIsCleanedUp() throws Exception {
        ContainerSpec torn = running.shell("echo ready; sleep 1000");
        ContainerSpec empty = running.shell("echo ready; sleep 1000");
        running.launch(torn);
        running.launch(empty);
        running.containers().close();
        Path facts = facts(torn);
        List<String> lines = Files.readAllLines(facts);
        String rest = String.join("\n", lines.subList(1, lines.size())).replace(Processes.bootId(), "another");
        Files.writeString(facts, "\0".repeat(lines.get(0).length()) + "\n" + rest + "\n");
        Files.write(facts(empty), new byte[0]);
        assertThat(running.restart()).isEmpty();
        nothingRunsAndNoRecordIsLeft("after the crash");
    }

    /** A disk that fails while the machine goes on may lose the whole record. */
    @Test
    void whatHasNoRecordAnyMoreIsCleanedUp() throws Exception {
        ContainerSpec lost = running.shell("echo ready; sleep 1000");
        ContainerSpec kept = running.shell("echo ready; sleep 1000");
        running.launch(lost);
        running.launch(kept);
        running.containers().close();
        Durable.deleteTree(facts(lost).getParent());
        assertThat(running.restart()).extracting(each -> each.spec().id()).containsExactly(kept.id());
        assertThat(running.traces())
                .filteredOn(trace -> trace.startsWith("process") || trace.startsWith("record"))
                .allMatch(trace -> trace.contains(kept.id().getValue()));
        assertThat(Path.of("/run/paddock", running.tag(), "runtime", lost.id().getValue()))
                .doesNotExist();
    }

    @Test
    void aRecordThatCannotBeMadeDurableIsNotSaidToBe() throws Exception {
        ContainerSpec spec = running.shell("echo ready; sleep 1000");
        running.launch(spec);
        RunningContainers.get(running.containers().persist(spec.id()));
        Files.move(facts(spec), running.workDir.resolve("away"));
        assertThatThrownBy(() -> RunningContainers.get(running.containers().persist(spec.id())))
                .hasRootCauseInstanceOf(NoSuchFileException.class);
        Files.move(running.workDir.resolve("away"), facts(spec));
    }

    private Path facts(ContainerSpec spec) {
        return running.workDir
                .resolve("containers")
                .resolve(spec.id().getValue())
                .resolve("facts.json");
    }

    /** An earlier version of the agent had them on the disk, and containers it has launched may end at any time. */
    @Test
    void exitCodesMoveIntoMemoryWithoutLosingOne() throws Exception {
        Path go = running.workDir.resolve("go");
        ContainerSpec ended = running.shell("until [ -e " + go + " ]; do sleep 0.02; done; exit 9");
        ContainerSpec runs = running.shell("until [ -e " + go + "2 ]; do sleep 0.02; done; exit 8");
        running.launch(ended);
        running.launch(runs);
        running.containers().close();
        Path exits = running.workDir.resolve("exits");
        assertThat(exits).isSymbolicLink();
        Files.delete(exits);
        Files.createDirectory(exits);
        Files.createFile(go);
        Awaitility.await().until(() -> Files.exists(exits.resolve(ended.id().getValue())));
        running.restart();
        assertThat(exits)
                .isDirectory()
                .satisfies(path -> assertThat(Files.isSymbolicLink(path)).isFalse());
        assertThat(running.exit(ended).exitCode()).isEqualTo(9);
        running.destroy(ended);
        running.restart();
        assertThat(exits).isSymbolicLink();
        Files.createFile(Path.of(go + "2"));
        assertThat(running.exit(runs).exitCode()).isEqualTo(8);
    }

    /** Closing finds what is left. */
    @Test
    void aMonitorThatIsLateLeavesNothing() throws Exception {
        ContainerSpec spec = running.shell("sleep 1000");
        running.launch(spec);
        running.destroy(spec);
        Path exits = running.workDir.resolve("exits");
        Files.writeString(exits.resolve(spec.id().getValue()), "137");
        Files.writeString(exits.resolve(spec.id().getValue() + ".ABCDEF"), "");
    }

    @Test
    void aLaunchCutOffAfterAnyStepLeavesNothing() throws Exception {
        AbortedLaunches aborted = abortedLaunches();
        for (String step : aborted.steps()) {
            ContainerSpec spec = running.spec(
                    Optional.of(RunningContainers.sh("sleep 1000")),
                    Optional.of(onBridge()),
                    Limits.requested(0.1, 32));
            aborted.launchUntil(step, spec);
            assertThat(running.restart()).as("after step %s", step).isEmpty();
            nothingRunsAndNoRecordIsLeft("after step %s", step);
            assertThat(running.traces())
                    .as("after step %s", step)
                    .noneMatch(trace ->
                            trace.contains("netns/") || trace.contains("rootfs") || trace.startsWith("rule -A CNI"));
        }
    }

    @Test
    void anAgentKilledWhileItWroteLeavesEmptyFiles() throws Exception {
        AbortedLaunches aborted = abortedLaunches();
        ContainerSpec spec = running.shell("sleep 1000");
        aborted.launchUntil("sandbox", spec);
        Path record = running.workDir.resolve("containers").resolve(spec.id().getValue());
        for (String file : List.of("cgroup", "networks.json", "gpus.json")) {
            Files.createFile(record.resolve(file));
        }
        assertThat(running.restart()).isEmpty();
        assertThat(record).doesNotExist();
    }

    private AbortedLaunches abortedLaunches() throws Exception {
        return new AbortedLaunches(running.workDir, ContainersOptions.defaults(running.workDir), running.timers());
    }

    private static ContainerInfo onBridge() throws Exception {
        return ContainerInfo.newBuilder()
                .setType(ContainerInfo.Type.MESOS)
                .addNetworkInfos(NetworkInfo.newBuilder()
                        .setName("mesos-bridge")
                        .addPortMappings(NetworkInfo.PortMapping.newBuilder()
                                .setHostPort(LocalRegistry.freePort())
                                .setContainerPort(80)))
                .build();
    }

    @Test
    void anAgentKilledAtAnyMomentLeavesOnlyWhatItReported() throws Exception {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        for (int round = 0; round < 3; round++) {
            running.containers().close();
            Path output = running.workDir.resolve("output" + round);
            Process agent = new ProcessBuilder(
                            StartedJava.command(LaunchingProcess.class, running.workDir.toString(), "r" + round))
                    .redirectOutput(output.toFile())
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            Awaitility.await().atMost(Duration.ofSeconds(30)).until(() -> Files.size(output) > 0);
            Awaitility.await().pollDelay(Duration.ofMillis(random.nextInt(800))).until(() -> true);
            agent.destroyForcibly().waitFor();
            List<String> reported = Files.readAllLines(output).stream()
                    .filter(line -> !line.equals(LaunchingProcess.LAUNCHING))
                    .toList();
            List<Recovered> recovered = running.restart();
            assertThat(recovered.stream().map(each -> each.spec().id().getValue()))
                    .as("seed %d", seed)
                    .containsAll(reported);
            for (Recovered each : recovered) {
                assertThat(each.exit()).as("seed %d", seed).isEmpty();
                running.destroy(each.spec());
            }
            nothingRunsAndNoRecordIsLeft("seed %d", seed);
        }
    }
}
