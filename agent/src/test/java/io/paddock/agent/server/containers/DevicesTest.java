package io.paddock.agent.server.containers;

import static org.assertj.core.api.Assertions.assertThat;

import io.paddock.proto.v1.ContainerInfo;
import io.paddock.proto.v1.Device;
import io.paddock.proto.v1.DeviceAccess;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Devices of the host in containers. GPUs are stood for by other character devices: there is none on a test machine. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class DevicesTest {
    @RegisterExtension
    static final SharedRegistry registry = new SharedRegistry();

    @TempDir
    Path directory;

    private static String output(RunningContainers running, ContainerInfo.Builder info, String script)
            throws Exception {
        ContainerSpec spec = running.spec(
                Optional.of(RunningContainers.sh(script)), Optional.of(info.build()), Limits.requested(0.1, 64));
        running.run(spec);
        return RunningContainers.stdout(spec);
    }

    /** Makes a node that behaves like /dev/zero. */
    private Path zero(String name) throws Exception {
        Path node = directory.resolve(name);
        new ProcessBuilder("mknod", node.toString(), "c", "1", "5").start().waitFor();
        return node;
    }

    @ParameterizedTest
    @ValueSource(strings = {"crun", "runc"})
    void onlyAllowedOnesCanBeOpened(String runtime) throws Exception {
        DeviceAccess fuse = DeviceAccess.newBuilder()
                .setDevice(Device.newBuilder().setPath("/dev/fuse"))
                .setAccess(DeviceAccess.Access.newBuilder().setRead(true))
                .build();
        ContainerPolicy policy =
                ContainerPolicy.builder().devices(List.of(fuse)).build();
        try (RunningContainers running = RunningContainers.isolated(
                options -> options.withRuntime(runtime).withPolicy(policy))) {
            String image = registry.name("box:1");
            String tries = "head -c 1 /dev/zero | wc -c; echo > /dev/null && echo null;"
                    + " (: < /dev/fuse) && echo fuse; (: > /dev/fuse) 2>/dev/null || echo read-only;"
                    + " mknod /tmp/loop b 7 0 && { (: < /tmp/loop) 2>/dev/null || echo refused; };"
                    + " ls /dev/loop0 2>/dev/null; ls /dev/net/tun 2>/dev/null; true";
            assertThat(output(running, ContainerInfos.mesos(image), tries))
                    .isEqualTo("1\nnull\nfuse\nread-only\nrefused\n");
            assertThat(output(
                            running,
                            ContainerInfos.plain(),
                            "mknod loop b 7 0 && { (: < loop) 2>/dev/null || echo refused; }"))
                    .isEqualTo("refused\n");
            assertThat(output(
                            running,
                            ContainerInfos.docker(image, "device=/dev/loop0:/dev/disk:r"),
                            "(: < /dev/disk) && echo open; (: > /dev/disk) 2>/dev/null || echo read-only"))
                    .isEqualTo("open\nread-only\n");
            assertThat(output(
                            running,
                            ContainerInfos.docker(image, "privileged=true"),
                            "(: < /dev/loop0) && echo open; ls -d /dev/tty1 2>/dev/null; tty -s; echo > /dev/null"))
                    .isEqualTo("open\n");
            assertThat(running.refused(running.spec(
                            Optional.of(RunningContainers.sh("true")),
                            Optional.of(ContainerInfos.docker(image, "device=/dev/nothing")
                                    .build()),
                            Limits.NONE)))
                    .hasMessage("there is no device /dev/nothing");
        }
    }

    @Test
    void everyGpuGoesToOneContainer() throws Exception {
        ContainerPolicy policy = ContainerPolicy.builder()
                .gpus(List.of(zero("gpu0"), zero("gpu1"), zero("gpu2")), List.of(zero("gpuctl")))
                .build();
        try (RunningContainers running = RunningContainers.isolated(options -> options.withPolicy(policy))) {
            ContainerSpec first = withGpus(running, 1);
            ContainerSpec second = withGpus(running, 2);
            assertThat(devices(running, first)).isEqualTo("0 /dev/gpu0 /dev/gpuctl");
            assertThat(devices(running, second)).isEqualTo("1,2 /dev/gpu1 /dev/gpu2 /dev/gpuctl");
            assertThat(running.refused(withGpus(running, 1))).hasMessage("1 GPUs wanted, but 0 of 3 are free");
            running.restart();
            assertThat(running.refused(withGpus(running, 1))).hasMessageContaining("0 of 3 are free");
            running.destroy(first);
            assertThat(devices(running, withGpus(running, 1))).startsWith("0 /dev/gpu0 ");
            ContainerSpec none = withGpus(running, 0);
            assertThat(devices(running, none)).isEqualTo("");
        }
    }

    private static ContainerSpec withGpus(RunningContainers running, int count) {
        // a GPU here is a /dev/zero: only what can be read is listed
        String script = "echo $NVIDIA_VISIBLE_DEVICES $(for d in /dev/gpu*; do"
                + " head -c 1 $d >/dev/null 2>&1 && echo $d; done)"
                + " > $MESOS_SANDBOX/new; mv $MESOS_SANDBOX/new $MESOS_SANDBOX/devices; sleep 1000";
        return running.spec(
                Optional.of(RunningContainers.sh(script)),
                Optional.of(ContainerInfos.mesos(registry.name("box:1")).build()),
                Limits.requested(0.1, 64).withGpus(count));
    }

    private static String devices(RunningContainers running, ContainerSpec spec) throws Exception {
        running.launch(spec);
        Path file = spec.sandbox().resolve("devices");
        org.awaitility.Awaitility.await()
                .atMost(java.time.Duration.ofSeconds(30))
                .until(() -> Files.exists(file));
        List<String> words =
                new ArrayList<>(List.of(Files.readString(file).strip().split(" ")));
        return words.size() == 1 ? "" : String.join(" ", words);
    }
}
