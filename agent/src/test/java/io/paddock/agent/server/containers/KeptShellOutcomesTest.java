package io.paddock.agent.server.containers;

import static io.paddock.agent.server.containers.ContainersWithChecks.LONG;
import static io.paddock.agent.server.containers.ContainersWithChecks.awaitNone;
import static io.paddock.agent.server.containers.ContainersWithChecks.shells;
import static org.assertj.core.api.Assertions.assertThat;

import io.paddock.agent.server.executors.ContainerSite;
import io.paddock.proto.v1.CommandInfo;
import io.paddock.proto.v1.ContainerInfo;
import io.paddock.proto.v1.LinuxInfo;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Commands of checks, which shells kept in the containers run: they see and return what those would that the runtime runs. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class KeptShellOutcomesTest {
    @RegisterExtension
    static final SharedRegistry registry = new SharedRegistry();

    @RegisterExtension
    final RunningContainers running = RunningContainers.isolatedForEachTest();

    private final ContainersWithChecks checked = new ContainersWithChecks(running);

    @ParameterizedTest
    @CsvSource({"/bin/dash,", "/bin/bash,", "/bin/busybox,", "/bin/dash, nobody"})
    void commandsSeeWhatTheRuntimeWouldGiveThem(String shell, String user) throws Exception {
        ContainerSpec container =
                checked.launch(Limits.requested(0.1, 64), Optional.empty(), Optional.ofNullable(user), shell);
        Path seen = container.sandbox().resolve("seen");
        // The shell is asked twice, in case it learns something from the first run.
        String look = "exec >seen; echo \"$0 $# $-\"; pwd; umask; ulimit -a; id; env | grep -v ^_= | sort;"
                + " grep -E '^(Uid|Gid|Groups|Cap|NoNew|Seccomp|SigBlk|SigIgn|SigCgt)' /proc/self/status;"
                + " for n in cgroup ipc mnt net pid user uts; do readlink /proc/self/ns/$n; done;"
                + " cat /proc/self/cgroup /proc/self/oom_score_adj; readlink /proc/self/fd/0; readlink /proc/self/fd/2;"
                + " ls /proc/self/fd";
        assertThat(checked.byRuntime(container, "{ " + look + "; } </dev/null 2>/dev/null"))
                .isZero();
        String wanted = Files.readString(seen);
        assertThat(wanted).contains("GREETING=hello", "/dev/null\n/dev/null\n", "NoNewPrivs");
        for (int i = 0; i < 2; i++) {
            Files.delete(seen);
            assertThat(checked.check(container, look)).isZero();
            assertThat(seen).hasContent(wanted);
        }
        shells(container, 1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"/bin/dash", "/bin/bash", "/bin/busybox"})
    void theOutcomesAreThoseOfTheRuntime(String shell) throws Exception {
        ContainerSpec container = checked.sleeping(shell);
        int kept = 0;
        for (String command : List.of(
                "true",
                "exit 3",
                "exit 255",
                "(",
                "nonesuch-program",
                "kill -9 $$",
                "kill $$",
                "kill -SEGV $$",
                "kill 0; sleep 5",
                "trap '' TERM; kill 0; exit 4",
                "echo out; echo err >&2; cat",
                "head -c 1000000 /dev/zero; head -c 50000 /dev/zero >&2",
                "read line; exit $?",
                "sleep 7701 & exit 5")) {
            int first = checked.check(container, command);
            kept++;
            Set<Long> before = shells(container, kept);
            assertThat(first).as(command).isEqualTo(checked.byRuntime(container, command.replace("sleep 7701 &", "")));
            assertThat(checked.check(container, command)).as("again " + command).isEqualTo(first);
            assertThat(shells(container, kept)).as("the shell of " + command).isEqualTo(before);
        }
    }

    /** What enters a container gives its streams to the user it becomes there. */
    @Test
    void nobodyGetsTheHostsNothing() throws Exception {
        Path nothing = Path.of("/dev/null");
        Object owner = Files.getAttribute(nothing, "unix:uid");
        ContainerSpec container = checked.launch(Limits.requested(0.1, 64), Optional.empty(), Optional.of("nobody"));
        CommandInfo program = CommandInfo.newBuilder()
                .setShell(false)
                .setValue("sh")
                .addAllArguments(List.of("sh", "-c", "chmod 600 /proc/self/fd/0; [ $(id -u) != 0 ]"))
                .build();
        ContainerSite site = new ContainerSite(running.containers(), container.id(), Optional.empty());
        assertThat(RunningContainers.get(site.run(program, LONG))).isZero();
        assertThat(checked.check(container, "chmod 600 /proc/self/fd/0; [ $(id -u) != 0 ]"))
                .isZero();
        assertThat(Files.getAttribute(nothing, "unix:uid")).isEqualTo(owner);
        assertThat(Files.getPosixFilePermissions(nothing)).hasSize(6);
    }

    /** A directory may be exchanged while the container runs. */
    @Test
    void commandsRunWhereTheirWorkingDirectoryIsNow() throws Exception {
        Path place = running.workDir.resolve("place");
        Files.createDirectories(place.resolve("first"));
        Files.createDirectories(place.resolve("second"));
        Files.createSymbolicLink(place.resolve("now"), Path.of("first"));
        ContainerInfo info = ContainerInfos.docker(registry.name("box:1"), "workdir=/place/now")
                .build();
        CommandInfo sleep = RunningContainers.sh("exec sleep 1000");
        ContainerSpec spec = running.spec(Optional.of(sleep), Optional.of(info), Limits.requested(0.1, 64));
        ContainerSpec container = RunningContainers.mounting(spec, new ContainerSpec.Mount(place, "/place", false));
        running.launch(container);
        String command = "[ $(pwd -P) = /place/second ]";
        assertThat(checked.check(container, command)).isEqualTo(1);
        Files.delete(place.resolve("now"));
        Files.createSymbolicLink(place.resolve("now"), Path.of("second"));
        assertThat(checked.check(container, command)).isZero();
        assertThat(checked.check(container, command)).isZero();
    }

    @Test
    void runsAtTheSameTimeDoNotWaitForEachOther() throws Exception {
        ContainerSpec container = checked.sleeping();
        String meet = "echo >>met; until [ $(wc -l <met) -ge 2 ]; do sleep 0.05; done";
        CompletableFuture<Integer> one = checked.start(container, meet, LONG);
        CompletableFuture<Integer> other = checked.start(container, meet, LONG);
        assertThat(RunningContainers.get(one)).isZero();
        assertThat(RunningContainers.get(other)).isZero();
        shells(container, 1);
        assertThat(checked.check(container, "exit 8")).isEqualTo(8);
        shells(container, 2); // one for each command
        assertThat(RunningContainers.get(running.containers().statistics(container.id()))
                        .getProcesses())
                .as("shells count")
                .isEqualTo(4);
    }

    @Test
    void theHostsProcessesMayBeShared() throws Exception {
        ContainerInfo info = ContainerInfos.plain()
                .setLinuxInfo(LinuxInfo.newBuilder().setSharePidNamespace(true))
                .build();
        ContainerSpec container = checked.launch(Limits.requested(0.1, 64), Optional.of(info), Optional.empty());
        assertThat(checked.check(container, "exit 3")).isEqualTo(3);
        assertThat(checked.check(container, "exit 3")).isEqualTo(3);
        shells(container, 1);
        checked.timesOut(container, "sleep 7770");
        awaitNone(container, "7770");
        running.destroy(container);
        shells(container, 0);
    }

    @Test
    void tasksOfAGroupHaveShellsOfTheirOwn() throws Exception {
        ContainerSpec group = running.spec(Optional.empty(), Optional.empty(), Limits.requested(0.2, 64));
        running.launch(group);
        List<ContainerSpec> tasks = new ArrayList<>();
        for (String name : List.of("one", "other")) {
            ContainerSpec task = RunningContainers.nested(group, name, "exec sleep 1000");
            running.launch(task);
            tasks.add(task);
            assertThat(checked.check(task, "touch here")).isZero();
            assertThat(task.sandbox().resolve("here")).exists();
        }
        running.destroy(tasks.get(0));
        shells(tasks.get(0), 0);
        assertThat(checked.check(tasks.get(1), "touch here")).isZero();
        shells(tasks.get(1), 1);
    }

    /** Where a shell cannot fork, the runtime runs the command, if that finds room for its own process just then. */
    @Test
    void whereNoFurtherProcessMayBeTheOutcomeIsTheRuntimes() throws Exception {
        ContainerSpec container =
                checked.launch(Limits.requested(0.1, 64).withPids(20), Optional.empty(), Optional.empty());
        assertThat(checked.check(container, "exit 7")).isEqualTo(7);
        shells(container, 1);
        bound(container, 3);
        assertThat(checked.check(container, "exit 7")).isIn(1, 7);
        bound(container, 20);
        assertThat(checked.check(container, "exit 7")).isEqualTo(7);
        shells(container, 1);
    }

    private void bound(ContainerSpec container, long pids) throws Exception {
        RunningContainers.get(running.containers()
                .update(container.id(), Limits.requested(0.1, 64).withPids(pids)));
    }
}
