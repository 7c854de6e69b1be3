package io.paddock.agent.server.containers;

import static org.assertj.core.api.Assertions.assertThat;

import io.paddock.agent.server.containers.tools.Cancellation;
import io.paddock.agent.server.containers.tools.ToolCall;
import io.paddock.agent.server.containers.tools.Tools;
import io.paddock.proto.v1.CapabilityInfo;
import io.paddock.proto.v1.ContainerInfo;
import io.paddock.proto.v1.MountPropagation;
import io.paddock.proto.v1.Volume;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is mounted after the launch of a container below a directory of the host that it sees. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class PropagationTest {
    @RegisterExtension
    static final SharedRegistry registry = new SharedRegistry();

    @TempDir
    Path directory;

    private final ScheduledExecutorService timers = Executors.newSingleThreadScheduledExecutor();
    private final Tools tools = new Tools(timers);
    private Path host;

    @BeforeEach
    void share() throws Exception {
        host = Files.createDirectories(directory.resolve("host"));
        run("mount", "-t", "tmpfs", "tmpfs", host.toString());
        run("mount", "--make-shared", host.toString());
        Files.createDirectories(host.resolve("from-host"));
        Files.createDirectories(host.resolve("from-inside"));
    }

    @AfterEach
    void unmount() throws Exception {
        run("umount", "--recursive", host.toString());
        timers.shutdownNow();
    }

    private void run(String... command) throws IOException {
        tools.run(ToolCall.of(command), new Cancellation());
    }

    @ParameterizedTest
    @CsvSource({
        "crun, false, HOST_TO_CONTAINER, seen, unseen",
        "crun, true, HOST_TO_CONTAINER, seen, unseen",
        "runc, false, HOST_TO_CONTAINER, seen, unseen",
        "crun, false, BIDIRECTIONAL, seen, seen",
        "runc, false, BIDIRECTIONAL, seen, seen",
        "crun, false, UNKNOWN, unseen, unseen",
        "runc, false, UNKNOWN, unseen, unseen",
    })
    void isAsAskedFor(String runtime, boolean bounded, MountPropagation.Mode mode, String inside, String outside)
            throws Exception {
        ContainerPolicy policy = bounded
                ? ContainerPolicy.builder()
                        .hostPaths(List.of(directory.toRealPath()))
                        .build()
                : ContainerPolicy.builder().build();
        try (RunningContainers running = open(runtime, policy)) {
            ContainerSpec spec = running.spec(
                    Optional.of(RunningContainers.sh("mount -t tmpfs t /v/from-inside && echo > /v/from-inside/file;"
                            + " echo ready; until [ -e /v/go ]; do sleep 0.1; done;"
                            + " [ -e /v/from-host/file ] && echo seen || echo unseen; sleep 1000")),
                    Optional.of(seeing(mode)),
                    Limits.requested(0.1, 64));
            running.launch(spec);
            RunningContainers.awaitOutput(spec, "ready");
            run("mount", "-t", "tmpfs", "tmpfs", host.resolve("from-host").toString());
            Files.createFile(host.resolve("from-host/file"));
            Files.createFile(host.resolve("go"));
            RunningContainers.awaitOutput(spec, "seen");
            assertThat(RunningContainers.stdout(spec)).isEqualTo("ready\n" + inside + "\n");
            assertThat(Files.exists(host.resolve("from-inside/file")) ? "seen" : "unseen")
                    .isEqualTo(outside);
            running.destroy(spec);
        }
    }

    private static RunningContainers open(String runtime, ContainerPolicy policy) throws Exception {
        return RunningContainers.isolated(
                options -> options.withRuntime(runtime).withPolicy(policy));
    }

    /** A container that sees the directory and may mount. */
    private ContainerInfo seeing(MountPropagation.Mode mode) {
        Volume.Source.HostPath path = Volume.Source.HostPath.newBuilder()
                .setPath(host.toString())
                .setMountPropagation(MountPropagation.newBuilder().setMode(mode))
                .build();
        ContainerInfo.Builder info = ContainerInfos.mesos(registry.name("box:1"))
                .addVolumes(ContainerInfos.volume("/v")
                        .setSource(Volume.Source.newBuilder()
                                .setType(Volume.Source.Type.HOST_PATH)
                                .setHostPath(path)));
        CapabilityInfo admin = CapabilityInfo.newBuilder()
                .addCapabilities(CapabilityInfo.Capability.SYS_ADMIN)
                .build();
        info.getLinuxInfoBuilder().setEffectiveCapabilities(admin).setBoundingCapabilities(admin);
        return info.build();
    }

    @Test
    void mountsOfAContainerDoNotComeToAHostThatBoundsWhatIsSeen() throws Exception {
        ContainerPolicy bounded = ContainerPolicy.builder()
                .hostPaths(List.of(directory.toRealPath()))
                .build();
        try (RunningContainers running = open("crun", bounded)) {
            LaunchFailure failure = running.refused(running.spec(
                    Optional.of(RunningContainers.sh("true")),
                    Optional.of(seeing(MountPropagation.Mode.BIDIRECTIONAL)),
                    Limits.NONE));
            assertThat(failure)
                    .hasMessage(
                            "container.volumes[0].source.host_path.mount_propagation.mode: BIDIRECTIONAL is not given"
                                    + " by an agent with --allowed-host-paths");
        }
    }
}
