package io.paddock.agent.server.containers;

import static org.assertj.core.api.Assertions.assertThat;

import io.paddock.agent.server.executors.ContainerSite;
import io.paddock.proto.v1.CommandInfo;
import io.paddock.proto.v1.ContainerInfo;
import io.paddock.proto.v1.TTYInfo;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Containers whose root is nobody on the host. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class UserNamespacesTest {
    private static final int FIRST = 1 << 20;

    @RegisterExtension
    static final SharedRegistry registry = new SharedRegistry();

    @TempDir
    Path directory;

    private static RunningContainers open(String runtime) throws Exception {
        ContainerPolicy policy = ContainerPolicy.builder().firstUserId(FIRST).build();
        return RunningContainers.isolated(
                options -> options.withRuntime(runtime).withPolicy(policy));
    }

    private static ContainerSpec box(RunningContainers running, ContainerInfo.Builder info, CommandInfo command) {
        return running.spec(Optional.of(command), Optional.of(info.build()), Limits.requested(0.1, 64));
    }

    /** Crun gives the streams of a container to its user. */
    private static void nothingIsStillTheHosts() throws Exception {
        assertThat(Files.getAttribute(Path.of("/dev/null"), "unix:uid")).isEqualTo(0);
    }

    @ParameterizedTest
    @ValueSource(strings = {"crun", "runc"})
    void rootInsideIsNobodyOutside(String runtime) throws Exception {
        try (RunningContainers running = open(runtime)) {
            String script = "id -u; stat -c '%u %n' / /bin/busybox /replaced $MESOS_SANDBOX; echo x > /new;"
                    + " echo y > $MESOS_SANDBOX/y; cat /replaced/file; echo; awk '{print $2}' /proc/self/uid_map;"
                    + " ls /hidden; ls /sys/class/net; echo > /dev/null; echo z > /dev/shm/z; sleep 0.1";
            ContainerSpec spec =
                    box(running, ContainerInfos.mesos(registry.name("box:1")), RunningContainers.sh(script));
            assertThat(running.run(spec).message()).isEqualTo("Command exited with status 0");
            assertThat(RunningContainers.stdout(spec))
                    .startsWith("0\n0 /\n0 /bin/busybox\n0 /replaced\n0 /mnt/mesos/sandbox\nsecond layer\n" + FIRST
                            + "\nnew\n");
            assertThat(Files.getAttribute(spec.sandbox().resolve("y"), "unix:uid"))
                    .isEqualTo(FIRST);

            ContainerSpec web = box(
                    running,
                    ContainerInfos.mesos(registry.name("box:1")),
                    RunningContainers.sh("id -u; echo mine > $MESOS_SANDBOX/file").toBuilder()
                            .setUser("web")
                            .build());
            assertThat(running.run(web).succeeded()).isTrue();
            assertThat(RunningContainers.stdout(web)).isEqualTo("1234\n");
            assertThat(Files.getAttribute(web.sandbox().resolve("file"), "unix:uid"))
                    .isEqualTo(FIRST + 1234);

            nothingIsStillTheHosts();

            // privileged ones and those that ask to be are the host's root, on files of their own
            for (String parameter : List.of("privileged=true", "userns=host")) {
                ContainerSpec host = box(
                        running,
                        ContainerInfos.docker(registry.name("box:1"), parameter),
                        RunningContainers.sh("stat -c %u /bin/busybox; awk '{print $2}' /proc/self/uid_map"));
                running.run(host);
                assertThat(RunningContainers.stdout(host)).as(parameter).isEqualTo("0\n0\n");
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"crun", "runc"})
    void networksVolumesTerminalsAndSessionsWorkAsWell(String runtime) throws Exception {
        try (RunningContainers running = open(runtime)) {
            Path shared = Files.createDirectories(directory.resolve("shared"));
            ContainerInfo.Builder info = ContainerInfos.mesos(registry.name("box:1"))
                    .addNetworkInfos(ContainerInfos.network("mesos-bridge"))
                    .addVolumes(ContainerInfos.volume("/image").setImage(ContainerInfos.image(registry.name("box:1"))))
                    .setTtyInfo(TTYInfo.getDefaultInstance());
            ContainerSpec plain = box(
                    running,
                    info,
                    RunningContainers.sh(
                            "tty; echo page > /tmp/index.html; echo p > /persistent/p; echo i > /image/new;"
                                    + " httpd -p 80 -h /tmp; until wget -q -O - http://$MESOS_CONTAINER_IP/index.html; do sleep 0.1; done; sleep 1000"));
            ContainerSpec spec =
                    RunningContainers.mounting(plain, new ContainerSpec.Mount(shared, "/persistent", false));
            Launched launched = running.launch(spec);
            RunningContainers.awaitOutput(spec, "page\r\n");
            assertThat(RunningContainers.stdout(spec)).startsWith("/dev/pts/0\r\n");
            nothingIsStillTheHosts();
            assertThat(Files.getAttribute(shared.resolve("p"), "unix:uid")).isEqualTo(FIRST);
            running.restart();
            String inNetwork = "id -u; cat /persistent/p /image/new; readlink /proc/self/ns/net";
            ExecSession session = RunningContainers.get(
                    running.containers().exec(spec.id(), ExecSpec.of(RunningContainers.sh(inNetwork))));
            String stdout = new String(session.stdout().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(stdout)
                    .as("%s", new String(session.stderr().readAllBytes(), StandardCharsets.UTF_8))
                    .isEqualTo("0\np\ni\n"
                            + Files.readSymbolicLink(Path.of("/proc", Long.toString(launched.pid()), "ns/net")) + "\n");
            CommandInfo check = RunningContainers.sh("test $(id -u) = 0 && exit 3");
            ContainerSite site = new ContainerSite(running.containers(), spec.id(), launched.namespace());
            assertThat(RunningContainers.get(site.run(check, Duration.ofSeconds(20))))
                    .isEqualTo(3);
            running.destroy(spec);

            ContainerSpec pod = running.spec(Optional.empty(), Optional.empty(), Limits.requested(0.2, 128));
            running.launch(pod);
            ContainerSpec task = RunningContainers.nested(
                    pod,
                    "task",
                    RunningContainers.sh("echo s > /dev/shm/s && echo shared"),
                    Optional.of(ContainerInfos.mesos(registry.name("box:1")).build()),
                    Limits.requested(0.1, 64));
            running.run(task);
            assertThat(RunningContainers.stdout(task)).isEqualTo("shared\n");
            nothingIsStillTheHosts();
        }
    }
}
