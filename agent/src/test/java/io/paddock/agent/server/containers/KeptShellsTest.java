package io.paddock.agent.server.containers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.paddock.agent.server.containers.tools.Processes;
import io.paddock.agent.server.executors.ContainerSite;
import io.paddock.proto.v1.CommandInfo;
import io.paddock.proto.v1.ContainerInfo;
import io.paddock.proto.v1.LinuxInfo;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Commands of checks, which shells kept in the containers run. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class KeptShellsTest {
    private static final int RUNTIME_FAILED = 255;

    private static final Duration UNLIMITED = Duration.ZERO;
    private static final Duration LONG = Duration.ofSeconds(30);
    private static final Duration SHORT = Duration.ofSeconds(1);
    private static final int KILLED = 137;

    private RunningContainers running;

    @BeforeEach
    void open() throws Exception {
        running = RunningContainers.isolated();
    }

    @AfterEach
    void close() throws Exception {
        if (running != null) {
            running.close();
        }
    }

    private ContainerSpec sleeping(String... shell) throws Exception {
        return launch(Limits.requested(0.1, 64), Optional.empty(), Optional.empty(), shell);
    }

    /** One on the host's files that sleeps, by no shell of its own; the shell given stands where {@code /bin/sh} is. */
    private ContainerSpec launch(Limits limits, Optional<ContainerInfo> info, Optional<String> user, String... shell)
            throws Exception {
        CommandInfo sleep = CommandInfo.newBuilder()
                .setShell(false)
                .setValue("sleep")
                .addArguments("sleep")
                .addArguments("1000")
                .build();
        ContainerSpec spec = running.spec(Optional.of(sleep), info, limits);
        ContainerSpec container = new ContainerSpec(
                spec.id(),
                spec.command(),
                spec.container(),
                spec.environment(),
                user,
                spec.sandbox(),
                spec.limits(),
                Stream.of(shell)
                        .map(program -> new ContainerSpec.Mount(Path.of(program), "/bin/sh", true, Optional.empty()))
                        .toList());
        running.launch(container);
        return container;
    }

    private CompletableFuture<Integer> start(ContainerSpec container, String command, Duration timeout) {
        return new ContainerSite(running.containers(), container.id(), Optional.empty())
                .run(RunningContainers.sh(command), timeout)
                .toCompletableFuture();
    }

    private int check(ContainerSpec container, String command) throws Exception {
        return RunningContainers.get(start(container, command, LONG));
    }

    /** By the runtime alone, as everything else is run in a container. */
    private int byRuntime(ContainerSpec container, String command) throws Exception {
        ExecSession session = RunningContainers.get(
                running.containers().exec(container.id(), ExecSpec.of(RunningContainers.sh(command))));
        session.stdin().close();
        session.stdout().readAllBytes();
        session.stderr().readAllBytes();
        return RunningContainers.get(session.exited()).exitCode();
    }

    private void timesOut(ContainerSpec container, String command) {
        assertThatThrownBy(() -> RunningContainers.get(start(container, command, SHORT)))
                .isInstanceOf(ExecutionException.class)
                .hasCauseInstanceOf(TimeoutException.class);
    }

    /** The shells kept for checks in a container, when there are so many: those that have started them are gone soon. */
    private static Set<Long> shells(ContainerSpec container, int number) {
        return Awaitility.await()
                .atMost(Duration.ofSeconds(10))
                .until(() -> processes(container, "paddock-check"), found -> found.size() == number);
    }

    /** Those with an argument; the container's are told by the arguments of its shells, or by numbers nobody else uses. */
    private static Set<Long> processes(ContainerSpec container, String argument) throws IOException {
        return Processes.withArguments(arguments -> arguments.contains(argument)
                        && (!argument.startsWith("paddock")
                                || arguments.contains(container.sandbox().toString())))
                .stream()
                .map(ProcessHandle::pid)
                .collect(Collectors.toSet());
    }

    private static void awaitNone(ContainerSpec container, String... sleeps) {
        Awaitility.await().atMost(Duration.ofSeconds(10)).untilAsserted(() -> {
            for (String seconds : sleeps) {
                assertThat(processes(container, seconds)).as("sleep " + seconds).isEmpty();
            }
        });
    }

    @ParameterizedTest
    @CsvSource({"/bin/dash,", "/bin/bash,", "/bin/busybox,", "/bin/dash, nobody"})
    void commandsSeeWhatTheRuntimeWouldGiveThem(String shell, String user) throws Exception {
        ContainerSpec container = launch(Limits.requested(0.1, 64), Optional.empty(), Optional.ofNullable(user), shell);
        Path seen = container.sandbox().resolve("seen");
        // The shell is asked twice, in case it learns something from the first run.
        String look = "exec >seen; echo \"$0 $# $-\"; pwd; umask; ulimit -a; id; env | grep -v ^_= | sort;"
                + " grep -E '^(Uid|Gid|Groups|Cap|NoNew|Seccomp|SigBlk|SigIgn|SigCgt)' /proc/self/status;"
                + " for n in cgroup ipc mnt net pid user uts; do readlink /proc/self/ns/$n; done;"
                + " cat /proc/self/cgroup /proc/self/oom_score_adj; readlink /proc/self/fd/0; readlink /proc/self/fd/2;"
                + " ls /proc/self/fd";
        assertThat(byRuntime(container, "{ " + look + "; } </dev/null 2>/dev/null"))
                .isZero();
        String wanted = Files.readString(seen);
        assertThat(wanted).contains("GREETING=hello", "/dev/null\n/dev/null\n", "NoNewPrivs");
        for (int i = 0; i < 2; i++) {
            Files.delete(seen);
            assertThat(check(container, look)).isZero();
            assertThat(seen).hasContent(wanted);
        }
        shells(container, 1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"/bin/dash", "/bin/bash", "/bin/busybox"})
    void theOutcomesAreThoseOfTheRuntime(String shell) throws Exception {
        ContainerSpec container = sleeping(shell);
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
            int first = check(container, command);
            kept++;
            Set<Long> before = shells(container, kept);
            assertThat(first).as(command).isEqualTo(byRuntime(container, command.replace("sleep 7701 &", "")));
            assertThat(check(container, command)).as("again " + command).isEqualTo(first);
            assertThat(shells(container, kept)).as("the shell of " + command).isEqualTo(before);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"/bin/dash", "/bin/bash", "/bin/busybox"})
    void aRunThatTakesTooLongIsKilledWithAllItHasStarted(String shell) throws Exception {
        ContainerSpec container = sleeping(shell);
        String command = "[ -e first ] || { touch first; sleep 7709 & exit 6; }; [ -e third ] && exit 0; touch third;"
                + " sleep 7710 & setsid sleep 7711 & (sleep 7712 &); sh -c 'sleep 7713; true'; true";
        assertThat(check(container, command)).isEqualTo(6);
        Set<Long> before = shells(container, 1);
        timesOut(container, command);
        awaitNone(container, "7710", "7711", "7712", "7713");
        shells(container, 0);
        assertThat(processes(container, "7709"))
                .as("what an earlier run has left on purpose")
                .hasSize(1);
        assertThat(check(container, command)).isZero();
        assertThat(shells(container, 1)).doesNotContainAnyElementsOf(before);
    }

    @Test
    void aShellThatHasEndedIsReplaced() throws Exception {
        ContainerSpec container = sleeping();
        assertThat(check(container, "true")).isZero();
        Set<Long> first = shells(container, 1);
        first.forEach(pid -> ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly));
        shells(container, 0);
        assertThat(check(container, "true")).isZero();
        assertThat(shells(container, 1)).doesNotContainAnyElementsOf(first);
    }

    @Test
    void aRunWhoseShellIsKilledWasKilled() throws Exception {
        ContainerSpec container = sleeping();
        String command = "[ -e kill ] && { rm kill; kill -9 $PPID; sleep 7720; }; true";
        assertThat(check(container, command)).isZero();
        shells(container, 1);
        Files.createFile(container.sandbox().resolve("kill"));
        assertThat(check(container, command)).isEqualTo(KILLED);
        awaitNone(container, "7720");
        assertThat(check(container, command)).isZero();
        shells(container, 1);
    }

    /** Where there is nothing like a shell that could be kept, the runtime runs the command, and its outcome counts. */
    @Test
    void withoutAShellTheOutcomeIsTheRuntimes() throws Exception {
        Path none = Files.writeString(running.workDir.resolve("none"), "");
        ContainerSpec container = sleeping(none.toString());
        // Of a check nobody reads the runtime's words, which alone tell what is missing from what cannot be run.
        assertThat(check(container, "true")).isEqualTo(RUNTIME_FAILED);
        Files.setPosixFilePermissions(none, java.nio.file.attribute.PosixFilePermissions.fromString("rwxr-xr-x"));
        Path other = script("other", "[ \"$3\" = paddock-check ] && { echo run >>\"$PWD/starts\"; exit 2; }");
        ContainerSpec peculiar = sleeping(other.toString());
        for (int i = 0; i < 5; i++) {
            assertThat(check(peculiar, "exit 9")).isEqualTo(9);
        }
        assertThat(peculiar.sandbox().resolve("starts")).content().hasLineCount(3);
    }

    /** Something that stands for the shell, and passes on to a real one what is not asked of a kept shell. */
    private Path script(String name, String whenKept) throws IOException {
        Path file = running.workDir.resolve(name);
        Files.writeString(file, "#!/bin/bash\n" + whenKept + "\nexec /bin/bash \"$@\"\n");
        Files.setPosixFilePermissions(file, java.nio.file.attribute.PosixFilePermissions.fromString("rwxr-xr-x"));
        return file;
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "echo r; read x; echo 256; sleep 7730",
                "echo r; read x; env printf '0\\n0\\n'; read x; echo 0; sleep 7730",
                "echo r; read x; exec tr '\\\\0' x </dev/zero",
                "echo r; read x; printf 00000000000000000000000; sleep 7730"
            })
    void whatAnswersNonsenseHasFailedAndIsThrownAway(String evil) throws Exception {
        Path shell = script("evil", "[ \"$3\" = paddock-check ] && { " + evil + "; exit; }");
        ContainerSpec container = sleeping(shell.toString());
        assertThatThrownBy(() -> {
                    check(container, "true");
                    check(container, "true");
                })
                .hasRootCauseMessage("what runs the check in the container answers nonsense");
        awaitNone(container, "7730");
        shells(container, 0);
    }

    @Test
    void oneThatNeverAnswersTakesNoLongerThanTheCheckMay() throws Exception {
        Path shell = script("deaf", "[ \"$3\" = paddock-check ] && { sleep 7740; exit; }");
        ContainerSpec container = sleeping(shell.toString());
        timesOut(container, "true");
        awaitNone(container, "7740");
    }

    @Test
    void afterThreeThatNeverAnsweredTheRuntimeRunsTheCommand() throws Exception {
        Path shell = script("deaf", "[ \"$3\" = paddock-check ] && { echo run >>\"$PWD/starts\"; sleep 7741; exit; }");
        ContainerSpec container = sleeping(shell.toString());
        for (int i = 0; i < 3; i++) {
            timesOut(container, "exit 9");
        }
        assertThat(check(container, "exit 9")).isEqualTo(9);
        assertThat(container.sandbox().resolve("starts")).content().hasLineCount(3);
        awaitNone(container, "7741");
    }

    /** What enters a container gives its streams to the user it becomes there. */
    @Test
    void nobodyGetsTheHostsNothing() throws Exception {
        Path nothing = Path.of("/dev/null");
        Object owner = Files.getAttribute(nothing, "unix:uid");
        ContainerSpec container = launch(Limits.requested(0.1, 64), Optional.empty(), Optional.of("nobody"));
        CommandInfo program = CommandInfo.newBuilder()
                .setShell(false)
                .setValue("sh")
                .addAllArguments(List.of("sh", "-c", "chmod 600 /proc/self/fd/0; [ $(id -u) != 0 ]"))
                .build();
        ContainerSite site = new ContainerSite(running.containers(), container.id(), Optional.empty());
        assertThat(RunningContainers.get(site.run(program, LONG))).isZero();
        assertThat(check(container, "chmod 600 /proc/self/fd/0; [ $(id -u) != 0 ]"))
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
        try (LocalRegistry registry = LocalRegistry.start()) {
            registry.push("box:1", "--config.cmd=id");
            runWhereItIsNow(
                    place,
                    ContainerInfos.docker(registry.name("box:1"), "workdir=/place/now")
                            .build());
        }
    }

    private void runWhereItIsNow(Path place, ContainerInfo info) throws Exception {
        CommandInfo sleep = RunningContainers.sh("exec sleep 1000");
        ContainerSpec spec = running.spec(Optional.of(sleep), Optional.of(info), Limits.requested(0.1, 64));
        ContainerSpec container = new ContainerSpec(
                spec.id(),
                spec.command(),
                spec.container(),
                spec.environment(),
                spec.user(),
                spec.sandbox(),
                spec.limits(),
                List.of(new ContainerSpec.Mount(place, "/place", false, Optional.empty())));
        running.launch(container);
        String command = "[ $(pwd -P) = /place/second ]";
        assertThat(check(container, command)).isEqualTo(1);
        Files.delete(place.resolve("now"));
        Files.createSymbolicLink(place.resolve("now"), Path.of("second"));
        assertThat(check(container, command)).isZero();
        assertThat(check(container, command)).isZero();
    }

    @Test
    void runsAtTheSameTimeDoNotWaitForEachOther() throws Exception {
        ContainerSpec container = sleeping();
        String meet = "echo >>met; until [ $(wc -l <met) -ge 2 ]; do sleep 0.05; done";
        CompletableFuture<Integer> one = start(container, meet, LONG);
        CompletableFuture<Integer> other = start(container, meet, LONG);
        assertThat(RunningContainers.get(one)).isZero();
        assertThat(RunningContainers.get(other)).isZero();
        shells(container, 1);
        assertThat(check(container, "exit 8")).isEqualTo(8);
        shells(container, 2); // one for each command
        assertThat(RunningContainers.get(running.containers().statistics(container.id()))
                        .getProcesses())
                .as("shells count")
                .isEqualTo(4);
    }

    @Test
    void theEndOfTheContainerEndsRunsAndShells() throws Exception {
        ContainerSpec container = sleeping();
        assertThat(check(container, "true")).isZero();
        CompletableFuture<Integer> run = start(container, "touch begun; sleep 7750", UNLIMITED);
        Awaitility.await().until(() -> Files.exists(container.sandbox().resolve("begun")));
        RunningContainers.get(
                running.containers().signal(container.id(), io.paddock.common.Signals.SIGKILL, SignalScope.COMMAND));
        assertThat(RunningContainers.get(run)).isEqualTo(KILLED);
        shells(container, 0);
        RunningContainers.get(running.containers().exited(container.id()));
        assertThatThrownBy(() -> check(container, "true")).hasRootCauseInstanceOf(LaunchFailure.class);
    }

    /** Its shells end by themselves with it; what still runs something is ended by the next one. */
    @Test
    void theNextAgentEndsWhatTheOneBeforeHasLeftRunning() throws Exception {
        ContainerSpec container = sleeping();
        assertThat(check(container, "true")).isZero();
        start(container, "touch begun; sleep 7760; true", UNLIMITED);
        Awaitility.await().until(() -> Files.exists(container.sandbox().resolve("begun")));
        Set<Long> before = shells(container, 2);
        running.restart();
        awaitNone(container, "7760");
        assertThat(check(container, "true")).isZero();
        assertThat(shells(container, 1)).doesNotContainAnyElementsOf(before);
    }

    @Test
    void shellsLeaveWithTheAgent() throws Exception {
        ContainerSpec container = sleeping();
        assertThat(check(container, "true")).isZero();
        running.containers().close();
        shells(container, 0);
        running.restart();
        assertThat(check(container, "true")).isZero();
    }

    /** Where a shell cannot fork, the runtime runs the command, if that finds room for its own process just then. */
    @Test
    void whereNoFurtherProcessMayBeTheOutcomeIsTheRuntimes() throws Exception {
        ContainerSpec container = launch(Limits.requested(0.1, 64).withPids(20), Optional.empty(), Optional.empty());
        assertThat(check(container, "exit 7")).isEqualTo(7);
        shells(container, 1);
        bound(container, 3);
        assertThat(check(container, "exit 7")).isIn(1, 7);
        bound(container, 20);
        assertThat(check(container, "exit 7")).isEqualTo(7);
        shells(container, 1);
    }

    private void bound(ContainerSpec container, long pids) throws Exception {
        RunningContainers.get(running.containers()
                .update(container.id(), Limits.requested(0.1, 64).withPids(pids)));
    }

    @Test
    void aFrozenContainerDoesNotAnswerUntilItIsThawed() throws Exception {
        ContainerSpec container = sleeping();
        assertThat(check(container, "true")).isZero();
        freeze(container, "FROZEN");
        try {
            timesOut(container, "true");
            assertThat(check(container, "true")).isNotZero().isEqualTo(byRuntime(container, "true"));
        } finally {
            freeze(container, "THAWED");
        }
        assertThat(check(container, "true")).isZero();
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
    void theHostsProcessesMayBeShared() throws Exception {
        ContainerInfo info = ContainerInfos.plain()
                .setLinuxInfo(LinuxInfo.newBuilder().setSharePidNamespace(true))
                .build();
        ContainerSpec container = launch(Limits.requested(0.1, 64), Optional.of(info), Optional.empty());
        assertThat(check(container, "exit 3")).isEqualTo(3);
        assertThat(check(container, "exit 3")).isEqualTo(3);
        shells(container, 1);
        timesOut(container, "sleep 7770");
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
            ContainerSpec task = new ContainerSpec(
                    ContainerIds.nested(group.id(), name),
                    Optional.of(RunningContainers.sh("exec sleep 1000")),
                    Optional.empty(),
                    Map.of(),
                    Optional.empty(),
                    group.sandbox().resolve("containers").resolve(name),
                    Limits.NONE,
                    List.of());
            running.launch(task);
            tasks.add(task);
            assertThat(check(task, "touch here")).isZero();
            assertThat(task.sandbox().resolve("here")).exists();
        }
        running.destroy(tasks.get(0));
        shells(tasks.get(0), 0);
        assertThat(check(tasks.get(1), "touch here")).isZero();
        shells(tasks.get(1), 1);
    }

    @Test
    void descriptorsAreGivenBack() throws Exception {
        ContainerSpec container = sleeping();
        for (int i = 0; i < 3; i++) {
            assertThat(check(container, "exit " + i)).isEqualTo(i);
        }
        long before = descriptors();
        long threads = threads();
        for (int i = 0; i < 10; i++) {
            assertThat(check(container, "true # " + i % 5)).isZero();
            assertThat(check(container, "kill -9 $PPID # " + i % 5)).isEqualTo(KILLED);
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
