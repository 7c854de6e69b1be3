package io.paddock.agent.server.containers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.paddock.agent.server.containers.tools.Processes;
import io.paddock.agent.server.executors.ContainerSite;
import io.paddock.proto.v1.CommandInfo;
import io.paddock.proto.v1.ContainerInfo;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.awaitility.Awaitility;

/** Containers of a test in which commands of checks run, the shells kept there for them, and what these have started. */
final class ContainersWithChecks {
    static final Duration UNLIMITED = Duration.ZERO;
    static final Duration LONG = Duration.ofSeconds(30);
    static final int KILLED = 137;

    private static final Duration SHORT = Duration.ofSeconds(1);

    private final RunningContainers running;

    ContainersWithChecks(RunningContainers running) {
        this.running = running;
    }

    ContainerSpec sleeping(String... shell) throws Exception {
        return launch(Limits.requested(0.1, 64), Optional.empty(), Optional.empty(), shell);
    }

    /** One in which a shell has run a check and is kept. */
    ContainerSpec withShell() throws Exception {
        ContainerSpec container = sleeping();
        assertThat(check(container, "true")).isZero();
        return container;
    }

    /** One on the host's files that sleeps, by no shell of its own; the shell given stands where {@code /bin/sh} is. */
    ContainerSpec launch(Limits limits, Optional<ContainerInfo> info, Optional<String> user, String... shell)
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

    CompletableFuture<Integer> start(ContainerSpec container, String command, Duration timeout) {
        return new ContainerSite(running.containers(), container.id(), Optional.empty())
                .run(RunningContainers.sh(command), timeout)
                .toCompletableFuture();
    }

    int check(ContainerSpec container, String command) throws Exception {
        return RunningContainers.get(start(container, command, LONG));
    }

    /** By the runtime alone, as everything else is run in a container. */
    int byRuntime(ContainerSpec container, String command) throws Exception {
        ExecSession session = RunningContainers.get(
                running.containers().exec(container.id(), ExecSpec.of(RunningContainers.sh(command))));
        session.stdin().close();
        session.stdout().readAllBytes();
        session.stderr().readAllBytes();
        return RunningContainers.get(session.exited()).exitCode();
    }

    void timesOut(ContainerSpec container, String command) {
        assertThatThrownBy(() -> RunningContainers.get(start(container, command, SHORT)))
                .isInstanceOf(ExecutionException.class)
                .hasCauseInstanceOf(TimeoutException.class);
    }

    /** The shells kept for checks in a container, when there are so many: those that have started them are gone soon. */
    static Set<Long> shells(ContainerSpec container, int number) {
        return Awaitility.await()
                .atMost(Duration.ofSeconds(10))
                .until(() -> processes(container, "paddock-check"), found -> found.size() == number);
    }

    /** Those with an argument; the container's are told by the arguments of its shells, or by numbers nobody else uses. */
    static Set<Long> processes(ContainerSpec container, String argument) throws IOException {
        return Processes.withArguments(arguments -> arguments.contains(argument)
                        && (!argument.startsWith("paddock")
                                || arguments.contains(container.sandbox().toString())))
                .stream()
                .map(ProcessHandle::pid)
                .collect(Collectors.toSet());
    }

    static void awaitNone(ContainerSpec container, String... sleeps) {
        Awaitility.await().atMost(Duration.ofSeconds(10)).untilAsserted(() -> {
            for (String seconds : sleeps) {
                assertThat(processes(container, seconds)).as("sleep " + seconds).isEmpty();
            }
        });
    }

    /** Something that stands for the shell, and passes on to a real one what is not asked of a kept shell. */
    Path script(String name, String whenKept) throws IOException {
        Path file = running.workDir.resolve(name);
        Files.writeString(file, "#!/bin/bash\n" + whenKept + "\nexec /bin/bash \"$@\"\n");
        Files.setPosixFilePermissions(file, java.nio.file.attribute.PosixFilePermissions.fromString("rwxr-xr-x"));
        return file;
    }
}
