package io.paddock.agent.server.containers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import io.paddock.agent.server.containers.tools.ToolCall;
import io.paddock.agent.server.containers.tools.Tools;
import io.paddock.proto.v1.CommandInfo;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is broken on the machine fails the container that needs it, and nothing else. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class FailuresTest {
    @TempDir
    Path directory;

    private static final ContainerPolicy IMPATIENT =
            ContainerPolicy.builder().launchTimeout(Duration.ofSeconds(1)).build();

    /** A runtime that does something else instead of a command, as long as a file is there. */
    private Path runtime(String name, String command, String instead) throws Exception {
        Optional<Path> real = Tools.find(name);
        Assumptions.assumeTrue(real.isPresent(), name + " is not installed");
        Path program = directory.resolve(name);
        Files.writeString(program, """
                #!/bin/sh
                if [ -e %s ]; then for word; do [ "$word" = %s ] && { %s; }; done; fi
                exec %s "$@"
                """.formatted(directory.resolve("broken"), command, instead, real.get()));
        Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwxr-xr-x"));
        return program;
    }

    private void works(RunningContainers running) throws Exception {
        assertThat(running.run(running.shell("exit 0")).succeeded()).isTrue();
    }

    @ParameterizedTest
    @CsvSource({"crun, create", "runc, create", "runc, start"})
    void aRuntimeThatHangs(String name, String command) throws Exception {
        Path program = runtime(name, command, "while :; do sleep 0.1; done");
        try (RunningContainers running = RunningContainers.isolated(
                options -> options.withRuntime(program.toString()).withPolicy(IMPATIENT))) {
            works(running);
            Files.createFile(directory.resolve("broken"));
            LaunchFailure failure = running.refused(running.shell("exit 0"));
            assertThat(failure.step()).isEqualTo("runtime");
            assertThat(failure).hasMessageContaining("within ");
            Files.delete(directory.resolve("broken"));
            works(running);
        }
    }

    @ParameterizedTest
    @CsvSource({"crun, create", "runc, create", "runc, start"})
    void aRuntimeThatFails(String name, String command) throws Exception {
        Path program = runtime(name, command, "echo out of order >&2; exit 1");
        try (RunningContainers running =
                RunningContainers.isolated(options -> options.withRuntime(program.toString()))) {
            Files.createFile(directory.resolve("broken"));
            assertThat(running.refused(running.shell("exit 0")).step()).isEqualTo("runtime");
            Files.delete(directory.resolve("broken"));
            works(running);
        }
    }

    @Test
    void aRuntimeThatIsTakenAway() throws Exception {
        Path program = runtime("crun", "none", "true");
        try (RunningContainers running =
                RunningContainers.isolated(options -> options.withRuntime(program.toString()))) {
            ContainerSpec before = running.shell("echo ready; sleep 1000");
            running.launch(before);
            RunningContainers.awaitOutput(before, "ready");
            Files.move(program, directory.resolve("away"));
            assertThat(running.refused(running.shell("exit 0")).step()).isEqualTo("runtime");
            // killing needs no runtime
            running.destroy(before);
            Files.move(directory.resolve("away"), program);
            works(running);
        }
        assertThatThrownBy(() -> RunningContainers.isolated(options -> options.withRuntime("/no/such/crun")))
                .hasMessageContaining("no OCI runtime is installed (looked for /no/such/crun)");
    }

    @Test
    void aParentThatEndsMeanwhile() throws Exception {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        try (RunningContainers running = RunningContainers.isolated()) {
            ContainerSpec parent = running.shell("until [ -e go ]; do sleep 0.02; done");
            server.createContext("/", exchange -> {
                Files.createFile(parent.sandbox().resolve("go"));
                running.containers().exited(parent.id()).toCompletableFuture().join();
                exchange.sendResponseHeaders(200, -1);
                exchange.close();
            });
            server.start();
            running.launch(parent);
            String uri = "http://127.0.0.1:" + server.getAddress().getPort() + "/late";
            ContainerSpec nested = new ContainerSpec(
                    ContainerIds.nested(parent.id(), "late"),
                    Optional.of(RunningContainers.sh("true").toBuilder()
                            .addUris(CommandInfo.URI.newBuilder().setValue(uri))
                            .build()),
                    Optional.empty(),
                    parent.environment(),
                    Optional.empty(),
                    parent.sandbox().resolve("late"),
                    Limits.requested(0.1, 64),
                    List.of());
            assertThat(running.refused(nested))
                    .hasMessage("container " + parent.id().getValue() + " has ended");
        } finally {
            server.stop(0);
        }
    }

    @Test
    void pluginsThatAreMissing() throws Exception {
        Files.writeString(
                directory.resolve("10-odd.conf"),
                "{\"name\":\"odd\",\"cniVersion\":\"0.4.0\",\"type\":\"no-such-plugin\",\"ipam\":{}}");
        try (RunningContainers running = RunningContainers.isolated(options -> options.withCniConfigDir(directory))) {
            LaunchFailure failure = running.refused(running.spec(
                    Optional.of(RunningContainers.sh("true")),
                    Optional.of(ContainerInfos.plain()
                            .addNetworkInfos(ContainerInfos.network("odd"))
                            .build()),
                    Limits.NONE));
            assertThat(failure.step()).isEqualTo("network");
            assertThat(failure).hasMessageContaining("no-such-plugin");
            works(running);
        }
    }

    /** A plugin that does neither of its two works as long as a file {@code broken} is there. */
    private RunningContainers withMoodyPlugin() throws Exception {
        Path plugin = directory.resolve("moody");
        Files.writeString(plugin, """
                #!/bin/sh
                if [ -e %s ]; then echo out of order >&2; exit 1; fi
                echo '{}'
                """.formatted(directory.resolve("broken")));
        Files.setPosixFilePermissions(plugin, PosixFilePermissions.fromString("rwxr-xr-x"));
        Files.createSymbolicLink(directory.resolve("loopback"), Path.of("/usr/lib/cni/loopback"));
        Files.writeString(
                directory.resolve("10-moody.conf"), "{\"name\":\"moody\",\"cniVersion\":\"0.4.0\",\"type\":\"moody\"}");
        return RunningContainers.isolated(options -> new ContainersOptions(
                options.workDir(),
                options.runtime(),
                options.cgroupRoot(),
                Optional.of(directory),
                directory,
                options.images(),
                options.fetch(),
                options.bounds(),
                options.policy()));
    }

    private static ContainerSpec onMoody(RunningContainers running) throws Exception {
        return running.spec(
                Optional.of(RunningContainers.sh("sleep 1000")),
                Optional.of(ContainerInfos.plain()
                        .addNetworkInfos(ContainerInfos.network("moody"))
                        .build()),
                Limits.NONE);
    }

    /** What cannot be undone now is tried again, without being asked for. */
    @Test
    void pluginsThatFailForAWhile() throws Exception {
        try (RunningContainers running = withMoodyPlugin()) {
            ContainerSpec spec = onMoody(running);
            running.launch(spec);
            Files.createFile(directory.resolve("broken"));
            assertThatThrownBy(() -> running.destroy(spec)).hasMessageContaining("out of order");
            assertThat(running.containers().list()).containsExactly(spec.id());
            Files.delete(directory.resolve("broken"));
            Awaitility.await()
                    .atMost(Duration.ofSeconds(40))
                    .until(() -> running.containers().list().isEmpty());
        }
    }

    @Test
    void aFailedLaunchThatCannotBeUndoneIsUndoneLater() throws Exception {
        try (RunningContainers running = withMoodyPlugin()) {
            Files.createFile(directory.resolve("broken"));
            ContainerSpec spec = onMoody(running);
            Path record =
                    running.workDir.resolve("containers").resolve(spec.id().getValue());
            assertThat(running.refused(spec)).hasMessageContaining("out of order");
            assertThat(record).exists();
            assertThat(running.containers().pending()).singleElement().satisfies(pending -> {
                assertThat(pending.container()).isEqualTo(spec.id().getValue());
                assertThat(pending.operation())
                        .contains("undoing its failed launch")
                        .contains("out of order");
            });
            assertThat(running.refused(spec))
                    .hasMessageContaining("an earlier launch of this id is not undone")
                    .hasMessageContaining("out of order");

            assertThat(running.restart()).isEmpty();
            assertThat(running.containers().pending())
                    .singleElement()
                    .extracting(PendingOperation::container)
                    .isEqualTo(spec.id().getValue());
            works(running);

            Files.delete(directory.resolve("broken"));
            Awaitility.await().atMost(Duration.ofSeconds(40)).until(() -> Files.notExists(record));
            Awaitility.await().until(() -> running.containers().pending().isEmpty());
            running.launch(spec);
        }
    }

    /** What a tool leaves behind may hold its output open. */
    @Test
    void toolsThatLeaveSomethingBehind() throws Exception {
        ScheduledExecutorService timers = Executors.newSingleThreadScheduledExecutor();
        try {
            String left = new Tools(timers).run(ToolCall.of("/bin/sh", "-c", "setsid sleep 1000 & echo $!"));
            ProcessHandle.of(Long.parseLong(left.strip())).ifPresent(ProcessHandle::destroyForcibly);
            assertThatThrownBy(() -> new Tools(timers)
                            .run(ToolCall.of("/bin/sh", "-c", "(setsid sleep 5 &) ; exec sleep 1000")
                                    .within(Duration.ofMillis(500))))
                    .hasMessageContaining("did not end within 500ms");
        } finally {
            timers.shutdownNow();
        }
    }

    private Path disk(String size) throws Exception {
        Path disk = Files.createDirectories(directory.resolve("disk"));
        LocalRegistry.run(directory, "mount", "-t", "tmpfs", "-o", "size=" + size, "tmpfs", disk.toString());
        return disk;
    }

    private void unmount() throws IOException {
        try {
            LocalRegistry.run(
                    directory, "umount", "-l", directory.resolve("disk").toString());
        } catch (Exception e) {
            throw new IOException(e);
        }
    }

    @Test
    void aFullDisk() throws Exception {
        Path disk = disk("2m");
        try (RunningContainers running =
                RunningContainers.isolated(Files.createDirectories(disk.resolve("work")), options -> options)) {
            works(running);
            ContainerSpec before = running.shell("echo ready; sleep 1000");
            running.launch(before);
            RunningContainers.awaitOutput(before, "ready");
            Path filler = disk.resolve("filler");
            fill(filler);
            ContainerSpec refused = running.shell("exit 0");
            assertThat(running.refused(refused))
                    .hasMessage(disk.resolve("work/containers/" + ContainerIds.text(refused.id()) + "/facts.json")
                            + ": No space left on device");
            Files.delete(filler);
            works(running);
            assertThat(running.containers().list()).contains(before.id());
        } finally {
            unmount();
        }
    }

    private static void fill(Path file) throws IOException {
        byte[] block = new byte[4096];
        try (var out = Files.newOutputStream(file)) {
            while (true) {
                out.write(block);
            }
        } catch (IOException e) {
            assertThat(e).hasMessageContaining("No space left");
        }
    }

    @Test
    void aReadOnlyDisk() throws Exception {
        Path disk = disk("4m");
        try (RunningContainers running =
                RunningContainers.isolated(Files.createDirectories(disk.resolve("work")), options -> options)) {
            works(running);
            LocalRegistry.run(directory, "mount", "-o", "remount,ro", disk.toString());
            assertThat(running.refused(running.shell("exit 0"))).hasMessageContaining("Read-only file system");
            LocalRegistry.run(directory, "mount", "-o", "remount,rw", disk.toString());
            works(running);
        } finally {
            unmount();
        }
    }
}
