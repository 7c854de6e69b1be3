package io.paddock.agent.server.containers;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.paddock.proto.v1.CapabilityInfo;
import io.paddock.proto.v1.CommandInfo;
import io.paddock.proto.v1.ContainerInfo;
import io.paddock.proto.v1.Environment;
import io.paddock.proto.v1.Image;
import io.paddock.proto.v1.LinuxInfo;
import io.paddock.proto.v1.NetworkInfo;
import io.paddock.proto.v1.Parameter;
import io.paddock.proto.v1.RLimitInfo;
import io.paddock.proto.v1.Secret;
import io.paddock.proto.v1.Volume;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Images from a real registry, with the host's network and with networks of their own. */
@Timeout(value = 180, unit = TimeUnit.SECONDS)
class ImageContainersTest {
    private static LocalRegistry registry;

    @RegisterExtension
    final RunningContainers running = RunningContainers.isolatedForEachTest();

    @BeforeAll
    static void startRegistry() throws Exception {
        registry = LocalRegistry.start();
        registry.push(
                "box:1",
                "--config.entrypoint=/bin/sh",
                "--config.entrypoint=-c",
                "--config.cmd=echo default command",
                "--config.env=COLOUR=blue",
                "--config.env=GREETING=overridden",
                "--config.workingdir=/tmp");
        registry.push("user:1", "--config.cmd=id", "--config.user=web");
    }

    @AfterAll
    static void stopRegistry() throws Exception {
        if (registry != null) {
            registry.close();
        }
    }

    private static ContainerInfo docker(String image) {
        return ContainerInfo.newBuilder()
                .setType(ContainerInfo.Type.DOCKER)
                .setDocker(ContainerInfo.DockerInfo.newBuilder().setImage(registry.name(image)))
                .build();
    }

    private static ContainerInfo mesos(String image) {
        return ContainerInfo.newBuilder()
                .setType(ContainerInfo.Type.MESOS)
                .setMesos(ContainerInfo.MesosInfo.newBuilder()
                        .setImage(Image.newBuilder()
                                .setType(Image.Type.DOCKER)
                                .setDocker(Image.Docker.newBuilder().setName(registry.name(image)))))
                .build();
    }

    private ContainerSpec image(ContainerInfo container, CommandInfo command) {
        return running.spec(Optional.of(command), Optional.of(container), Limits.requested(0.1, 64));
    }

    private static CommandInfo imageDefault() {
        return CommandInfo.newBuilder().setShell(false).build();
    }

    @Test
    void runsTheImagesOwnCommand() throws Exception {
        ContainerSpec spec = image(docker("box:1"), imageDefault());
        assertThat(running.run(spec).succeeded()).isTrue();
        assertThat(RunningContainers.stdout(spec)).isEqualTo("default command\n");
        ContainerSpec user = image(docker("user:1"), imageDefault());
        assertThat(running.run(user).succeeded()).isTrue();
        assertThat(RunningContainers.stdout(user)).startsWith("uid=1234(web) gid=1235(web) groups=1300(more)");
    }

    @Test
    void aPulledImageIsListedWithItsLabels() throws Exception {
        registry.push("labelled:1", "--config.label=com.example.team=blue", "--config.label=stage=test");
        LocalImage pulled = RunningContainers.get(running.containers().pull(registry.name("labelled:1")));
        assertThat(pulled.labels()).isEqualTo(Map.of("com.example.team", "blue", "stage", "test"));
        assertThat(RunningContainers.get(running.containers().images())).containsExactly(pulled);
    }

    @Test
    void seesTheImagesFilesAndTheSandbox() throws Exception {
        ContainerSpec spec = image(
                mesos("box:1"),
                RunningContainers.sh("pwd; echo $COLOUR $GREETING $MESOS_SANDBOX; ls / | tr '\\n' ' '; echo;"
                        + " ls /hidden; cat /replaced/file; echo; echo kept > $MESOS_SANDBOX/file;"
                        + " echo changed > /replaced/file"));
        assertThat(running.run(spec).succeeded()).isTrue();
        List<String> lines = RunningContainers.stdout(spec).lines().toList();
        assertThat(lines.get(0)).isEqualTo("/tmp");
        assertThat(lines.get(1)).isEqualTo("blue hello /mnt/mesos/sandbox");
        assertThat(lines.get(2)).contains("hidden", "replaced").doesNotContain("deleted", "boot");
        assertThat(lines.subList(3, 5)).containsExactly("new", "second layer");
        assertThat(Files.readString(spec.sandbox().resolve("file"))).isEqualTo("kept\n");

        ContainerSpec another = image(mesos("box:1"), RunningContainers.sh("cat /replaced/file"));
        running.run(another);
        assertThat(RunningContainers.stdout(another)).isEqualTo("second layer");
    }

    @Test
    void isFreedWhoeverOfTheHostIsInside() throws Exception {
        ContainerInfo bridge = ContainerInfos.plain()
                .addNetworkInfos(ContainerInfos.network("mesos-bridge"))
                .build();
        ContainerSpec group = running.spec(Optional.empty(), Optional.of(bridge), Limits.requested(0.2, 128));
        running.launch(group);
        ContainerSpec task = RunningContainers.nested(
                group, "task", RunningContainers.sh("sleep 1000"), Optional.of(mesos("box:1")), Limits.NONE);
        running.launch(task);
        Path shared = Path.of("/run/paddock", running.tag());
        Process visitor = new ProcessBuilder(
                        "/bin/sh",
                        "-c",
                        "exec 3<$1 4<$2; echo inside; read -r line",
                        "visitor",
                        shared.resolve("netns/" + group.id().getValue()).toString(),
                        shared.resolve("ipc/" + group.id().getValue() + "/shm").toString())
                .directory(running.workDir
                        .resolve("containers/" + ContainerIds.text(task.id()) + "/rootfs/tmp")
                        .toFile())
                .start();
        try {
            assertThat(visitor.inputReader().readLine()).isEqualTo("inside");
            running.destroy(group);
            assertThat(running.containers().list()).isEmpty();
        } finally {
            visitor.destroyForcibly().waitFor();
        }
    }

    @Test
    void theSandboxMayBeElsewhere() throws Exception {
        ContainerPolicy policy =
                ContainerPolicy.builder().sandboxInside("/var/task").build();
        try (RunningContainers other = RunningContainers.isolated(options -> options.withPolicy(policy))) {
            ContainerSpec spec = other.spec(
                    Optional.of(RunningContainers.sh("echo $MESOS_SANDBOX; echo kept > /var/task/file")),
                    Optional.of(mesos("box:1")),
                    Limits.NONE);
            assertThat(other.run(spec).succeeded()).isTrue();
            assertThat(RunningContainers.stdout(spec)).isEqualTo("/var/task\n");
            assertThat(Files.readString(spec.sandbox().resolve("file"))).isEqualTo("kept\n");
        }
    }

    @Test
    void pullsOnceForManyAndNotAgain() throws Exception {
        List<ContainerSpec> specs = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            specs.add(image(mesos("box:1"), RunningContainers.sh("echo ok")));
        }
        for (ContainerSpec spec : specs) {
            var unused = running.containers().launch(spec);
        }
        for (ContainerSpec spec : specs) {
            assertThat(running.run(spec).succeeded()).isTrue();
        }
        Path layers = running.workDir.resolve("images/layers");
        try (Stream<Path> found = Files.list(layers)) {
            assertThat(found).hasSize(2);
        }
        assertThat(RunningContainers.get(running.containers().pruneImages(List.of())))
                .isZero();
        for (ContainerSpec spec : specs) {
            running.destroy(spec);
        }
        assertThat(RunningContainers.get(running.containers().pruneImages(List.of(registry.name("box:1")))))
                .isZero();
        assertThat(RunningContainers.get(running.containers().pruneImages(List.of())))
                .isPositive();
        try (Stream<Path> found = Files.list(layers)) {
            assertThat(found).isEmpty();
        }
    }

    @Test
    void explainsWhyAnImageCannotBeHad() throws Exception {
        LaunchFailure unknown = running.refused(image(mesos("nothing:1"), RunningContainers.sh("true")));
        assertThat(unknown.step()).isEqualTo("image");
        assertThat(unknown.getMessage())
                .contains("image 127.0.0.1:" + registry.port + "/nothing:1 cannot be pulled")
                .contains("manifest unknown");
        LaunchFailure malformed = running.refused(image(
                ContainerInfo.newBuilder()
                        .setType(ContainerInfo.Type.DOCKER)
                        .setDocker(ContainerInfo.DockerInfo.newBuilder().setImage("NOT AN IMAGE"))
                        .build(),
                RunningContainers.sh("true")));
        assertThat(malformed).hasMessageContaining("image name expected");
    }

    @Test
    void isReachedThroughAMappedPortOfABridge() throws Exception {
        int port = LocalRegistry.freePort();
        ContainerInfo.Builder info = docker("box:1").toBuilder();
        info.getDockerBuilder()
                .setNetwork(ContainerInfo.DockerInfo.Network.BRIDGE)
                .addPortMappings(ContainerInfo.DockerInfo.PortMapping.newBuilder()
                        .setHostPort(port)
                        .setContainerPort(8080));
        ContainerSpec spec = image(
                info.build(),
                RunningContainers.sh("cd /tmp; echo from the container > index.html;"
                        + " cat /etc/hosts; hostname; exec httpd -f -p 8080"));
        Launched launched = running.launch(spec);
        assertThat(launched.networks()).hasSize(1);
        assertThat(launched.address()).startsWith("10.");
        assertThat(get("127.0.0.1", port)).isEqualTo("from the container\n");
        assertThat(get(launched.address(), 8080)).isEqualTo("from the container\n");
        assertThat(RunningContainers.stdout(spec))
                .contains(launched.address() + " " + spec.id().getValue())
                .endsWith(spec.id().getValue() + "\n");
        LaunchFailure used = running.refused(image(info.build(), RunningContainers.sh("true")));
        assertThat(used)
                .hasMessage("host port " + port + "/tcp leads to container "
                        + spec.id().getValue());

        running.restart();
        assertThat(get("127.0.0.1", port)).isEqualTo("from the container\n");
        running.destroy(spec);
        assertThat(LocalRegistry.accepts(port)).isFalse();
    }

    @Test
    void podsShareOneNetwork() throws Exception {
        ContainerInfo network = ContainerInfo.newBuilder()
                .setType(ContainerInfo.Type.MESOS)
                .addNetworkInfos(NetworkInfo.newBuilder().setName("mesos-bridge"))
                .build();
        ContainerSpec pod = running.spec(Optional.empty(), Optional.of(network), Limits.requested(0.2, 128));
        Launched launched = running.launch(pod);
        assertThat(launched.pid()).isZero();
        ContainerSpec server = nested(pod, "server", "echo pod > index.html; exec httpd -f -p 8080");
        ContainerSpec client = nested(
                pod,
                "client",
                "until wget -q -O - http://127.0.0.1:8080/index.html; do sleep 0.1; done; cat /sys/class/net/eth0/address");
        running.launch(server);
        assertThat(running.run(client).succeeded()).isTrue();
        assertThat(RunningContainers.stdout(client)).startsWith("pod\n");
        assertThat(get(launched.address(), 8080)).isEqualTo("pod\n");
        running.destroy(pod);
        assertThat(running.containers().list()).isEmpty();
    }

    private ContainerSpec nested(ContainerSpec parent, String name, String script) {
        return RunningContainers.nested(
                parent, name, RunningContainers.sh(script), Optional.of(mesos("box:1")), Limits.requested(0.1, 64));
    }

    @Test
    void withoutANetworkThereIsOnlyTheLoopback() throws Exception {
        ContainerInfo.Builder info = docker("box:1").toBuilder();
        info.getDockerBuilder().setNetwork(ContainerInfo.DockerInfo.Network.NONE);
        ContainerSpec spec = image(
                info.build(), RunningContainers.sh("ls /sys/class/net; ping -c 1 127.0.0.1 >/dev/null && echo up"));
        assertThat(running.run(spec).succeeded()).isTrue();
        assertThat(RunningContainers.stdout(spec)).isEqualTo("lo\nup\n");
    }

    @Test
    void seesVolumesAndSecrets() throws Exception {
        Path data = Files.createDirectories(running.workDir.resolve("data"));
        Files.writeString(data.resolve("file"), "of the host");
        Files.setPosixFilePermissions(data, java.nio.file.attribute.PosixFilePermissions.fromString("rwxrwxrwx"));
        ContainerInfo info = mesos("box:1").toBuilder()
                .addVolumes(volume("/data").setHostPath(data.toString()))
                .addVolumes(volume("/readonly").setHostPath(data.toString()).setMode(Volume.Mode.RO))
                .addVolumes(volume("relative").setHostPath(data.toString()))
                .addVolumes(volume("/own")
                        .setSource(Volume.Source.newBuilder()
                                .setType(Volume.Source.Type.SANDBOX_PATH)
                                .setSandboxPath(Volume.Source.SandboxPath.newBuilder()
                                        .setType(Volume.Source.SandboxPath.Type.SELF)
                                        .setPath("kept"))))
                .addVolumes(volume("/etc/secret")
                        .setSource(Volume.Source.newBuilder()
                                .setType(Volume.Source.Type.SECRET)
                                .setSecret(Secret.newBuilder()
                                        .setType(Secret.Type.VALUE)
                                        .setValue(
                                                Secret.Value.newBuilder().setData(ByteString.copyFromUtf8("quiet"))))))
                .build();
        Path persistent = Files.createDirectories(running.workDir.resolve("persistent"));
        CommandInfo command = RunningContainers.sh("cat /data/file; echo; cat /mnt/mesos/sandbox/relative/file; echo;"
                        + " cat /etc/secret; echo; echo $PASSWORD; touch /readonly/no 2>/dev/null || echo read-only;"
                        + " echo yes > /own/yes; echo p > /persistent/p; id -u")
                .toBuilder()
                .setUser("web")
                .setEnvironment(Environment.newBuilder()
                        .addVariables(Environment.Variable.newBuilder()
                                .setName("PASSWORD")
                                .setType(Environment.Variable.Type.SECRET)
                                .setSecret(Secret.newBuilder()
                                        .setType(Secret.Type.VALUE)
                                        .setValue(
                                                Secret.Value.newBuilder().setData(ByteString.copyFromUtf8("hushed"))))))
                .build();
        ContainerSpec plain = image(info, command);
        ContainerSpec spec =
                RunningContainers.mounting(plain, new ContainerSpec.Mount(persistent, "/persistent", false));
        Files.setPosixFilePermissions(persistent, java.nio.file.attribute.PosixFilePermissions.fromString("rwxrwxrwx"));
        assertThat(running.run(spec).message()).isEqualTo("Command exited with status 0");
        assertThat(RunningContainers.stdout(spec))
                .isEqualTo("of the host\nof the host\nquiet\nhushed\nread-only\n1234\n");
        assertThat(spec.sandbox().resolve("kept/yes")).hasContent("yes");
        running.destroy(spec);
        assertThat(persistent.resolve("p")).hasContent("p");
        assertThat(Path.of("/run/paddock", running.tag(), "secrets", spec.id().getValue()))
                .doesNotExist();
    }

    private static Volume.Builder volume(String containerPath) {
        return Volume.newBuilder().setMode(Volume.Mode.RW).setContainerPath(containerPath);
    }

    @Test
    void mayAskTheKernelForLittle() throws Exception {
        String script = "mkdir -p /tmp/m; mount -t tmpfs none /tmp/m 2>/dev/null && echo mounted; ulimit -n;"
                + " grep CapBnd /proc/self/status; grep -c Seccomp: /proc/self/status";
        ContainerInfo limited = mesos("box:1").toBuilder()
                .setRlimitInfo(RLimitInfo.newBuilder()
                        .addRlimits(RLimitInfo.RLimit.newBuilder()
                                .setType(RLimitInfo.RLimit.Type.RLMT_NOFILE)
                                .setSoft(77)
                                .setHard(88)))
                .setLinuxInfo(LinuxInfo.newBuilder()
                        .setEffectiveCapabilities(CapabilityInfo.newBuilder()
                                .addCapabilities(CapabilityInfo.Capability.NET_RAW)
                                .addCapabilities(CapabilityInfo.Capability.CHOWN)))
                .build();
        ContainerSpec spec = image(limited, RunningContainers.sh(script));
        running.run(spec);
        assertThat(RunningContainers.stdout(spec)).isEqualTo("77\nCapBnd:\t0000000000002001\n1\n");
        ContainerInfo.Builder privileged = docker("box:1").toBuilder();
        privileged.getDockerBuilder().setPrivileged(true);
        ContainerSpec mighty = image(privileged.build(), RunningContainers.sh(script));
        running.run(mighty);
        assertThat(RunningContainers.stdout(mighty)).startsWith("mounted\n");
    }

    @Test
    void takesTheUsualOptionsOfDocker() throws Exception {
        ContainerInfo.Builder info = docker("box:1").toBuilder();
        info.getDockerBuilder()
                .addParameters(parameter("env", "ADDED=yes"))
                .addParameters(parameter("hostname", "named"))
                .addParameters(parameter("workdir", "/etc"))
                .addParameters(parameter("read-only", "true"))
                .addParameters(parameter("tmpfs", "/tmp"))
                .addParameters(parameter("ulimit", "nofile=66"))
                .addParameters(parameter("cap-drop", "ALL"))
                .addParameters(parameter("cap-add", "CHOWN"))
                .addParameters(parameter("label", "a=b"));
        ContainerSpec spec = image(
                info.build(),
                RunningContainers.sh("echo $ADDED; hostname; pwd; touch /no 2>/dev/null || echo read-only;"
                        + " touch /tmp/yes && echo writable; ulimit -n; grep CapEff /proc/self/status"));
        running.run(spec);
        assertThat(RunningContainers.stdout(spec))
                .isEqualTo("yes\nnamed\n/etc\nread-only\nwritable\n66\nCapEff:\t0000000000000001\n");
        info.getDockerBuilder().addParameters(parameter("gpus", "all"));
        assertThat(running.refused(image(info.build(), RunningContainers.sh("true"))))
                .hasMessageStartingWith("container.docker.parameters: gpus is not supported");
    }

    /** An image's links lead about in its own files, and what the kernel marks its own layers with is not an image's to say. */
    @Test
    void whatAnImageContainsLeadsNowhereElse() throws Exception {
        Path work = Files.createDirectories(running.workDir.resolve("image"));
        Path outside = Files.createDirectories(running.workDir.resolve("of-the-host"));
        Path shared = Files.createDirectories(running.workDir.resolve("shared"));
        Files.createDirectories(work.resolve("base/bin"));
        Files.copy(Path.of("/bin/busybox"), work.resolve("base/bin/sh"));
        Files.createSymbolicLink(work.resolve("base/data"), outside);
        Files.createSymbolicLink(
                work.resolve("base/up"),
                Path.of("../../../../../../../..").resolve(outside.toString().substring(1)));
        Files.createDirectories(work.resolve("base/marked"));
        Files.writeString(work.resolve("base/marked/below"), "x");
        LocalRegistry.run(work, "tar", "-C", "base", "-cf", "base.tar", ".");
        Files.createDirectories(work.resolve("second/marked"));
        LocalRegistry.run(
                work,
                "tar",
                "-C",
                "second",
                "--format=pax",
                "--pax-option=SCHILY.xattr.trusted.overlay.opaque:=y",
                "-cf",
                "second.tar",
                "marked");
        LocalRegistry.run(work, "umoci", "init", "--layout", "layout");
        LocalRegistry.run(work, "umoci", "new", "--image", "layout:it");
        LocalRegistry.run(work, "umoci", "raw", "add-layer", "--image", "layout:it", "base.tar");
        LocalRegistry.run(work, "umoci", "raw", "add-layer", "--image", "layout:it", "second.tar");
        ContainerInfo info = ContainerInfo.newBuilder()
                .setType(ContainerInfo.Type.DOCKER)
                .setDocker(ContainerInfo.DockerInfo.newBuilder().setImage("oci:" + work + "/layout:it"))
                .build();
        // what they name is not there in the image
        for (String link : List.of("data", "up")) {
            ContainerInfo over = info.toBuilder()
                    .addVolumes(ContainerInfos.volume("/" + link + "/mounted").setHostPath(shared.toString()))
                    .build();
            assertThat(running.refused(image(over, RunningContainers.sh("true"))))
                    .hasMessageContaining("No such file or directory");
        }
        assertThat(outside).isEmptyDirectory();
        ContainerSpec spec = image(info, RunningContainers.sh("echo /marked/*"));
        assertThat(running.run(spec).message()).isEqualTo("Command exited with status 0");
        assertThat(RunningContainers.stdout(spec)).isEqualTo("/marked/below\n");
    }

    private static Parameter parameter(String key, String value) {
        return Parameter.newBuilder().setKey(key).setValue(value).build();
    }

    private static String get(String host, int port) throws Exception {
        HttpClient client = HttpClient.newHttpClient();
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://" + host + ":" + port + "/index.html"))
                .build();
        return Awaitility.await()
                .atMost(java.time.Duration.ofSeconds(20))
                .ignoreExceptions()
                .until(
                        () -> client.send(request, HttpResponse.BodyHandlers.ofString()),
                        answer -> answer.statusCode() == 200)
                .body();
    }
}
