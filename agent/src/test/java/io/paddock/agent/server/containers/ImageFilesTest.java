package io.paddock.agent.server.containers;

import static org.assertj.core.api.Assertions.assertThat;

import io.paddock.proto.v1.CommandInfo;
import io.paddock.proto.v1.ContainerInfo;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What an image gives a container: its command, its files, and nothing of the host. */
@Timeout(value = 180, unit = TimeUnit.SECONDS)
class ImageFilesTest {
    private static final CommandInfo NONE =
            CommandInfo.newBuilder().setShell(false).build();

    @RegisterExtension
    static final SharedRegistry registry = new SharedRegistry();

    @RegisterExtension
    final RunningContainers running = RunningContainers.isolatedForEachTest();

    private final ImageContainers images = new ImageContainers(running, registry);

    @Test
    void runsTheImagesOwnCommand() throws Exception {
        ContainerSpec spec = images.spec(images.docker(), NONE);
        assertThat(running.run(spec).succeeded()).isTrue();
        assertThat(RunningContainers.stdout(spec)).isEqualTo("default command\n");
        ContainerSpec user = images.spec(ContainerInfos.docker(registry.name("user:1")), NONE);
        assertThat(running.run(user).succeeded()).isTrue();
        assertThat(RunningContainers.stdout(user)).startsWith("uid=1234(web) gid=1235(web) groups=1300(more)");
    }

    @Test
    void seesTheImagesFilesAndTheSandbox() throws Exception {
        ContainerSpec spec = images.spec(
                images.mesos(),
                "pwd; echo $COLOUR $GREETING $MESOS_SANDBOX; ls / | tr '\\n' ' '; echo;"
                        + " ls /hidden; cat /replaced/file; echo; echo kept > $MESOS_SANDBOX/file;"
                        + " echo changed > /replaced/file");
        assertThat(running.run(spec).succeeded()).isTrue();
        List<String> lines = RunningContainers.stdout(spec).lines().toList();
        assertThat(lines.get(0)).isEqualTo("/tmp");
        assertThat(lines.get(1)).isEqualTo("blue hello /mnt/mesos/sandbox");
        assertThat(lines.get(2)).contains("hidden", "replaced").doesNotContain("deleted", "boot");
        assertThat(lines.subList(3, 5)).containsExactly("new", "second layer");
        assertThat(Files.readString(spec.sandbox().resolve("file"))).isEqualTo("kept\n");

        ContainerSpec another = images.spec(images.mesos(), "cat /replaced/file");
        running.run(another);
        assertThat(RunningContainers.stdout(another)).isEqualTo("second layer");
    }

    @Test
    void theSandboxMayBeElsewhere() throws Exception {
        ContainerPolicy policy =
                ContainerPolicy.builder().sandboxInside("/var/task").build();
        try (RunningContainers other = RunningContainers.isolated(options -> options.withPolicy(policy))) {
            ContainerSpec spec = other.spec(
                    Optional.of(RunningContainers.sh("echo $MESOS_SANDBOX; echo kept > /var/task/file")),
                    Optional.of(images.mesos().build()),
                    Limits.NONE);
            assertThat(other.run(spec).succeeded()).isTrue();
            assertThat(RunningContainers.stdout(spec)).isEqualTo("/var/task\n");
            assertThat(Files.readString(spec.sandbox().resolve("file"))).isEqualTo("kept\n");
        }
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
        String image = "oci:" + work + "/layout:it";
        // what they name is not there in the image
        for (String link : List.of("data", "up")) {
            ContainerInfo.Builder over = ContainerInfos.docker(image)
                    .addVolumes(ContainerInfos.volume("/" + link + "/mounted").setHostPath(shared.toString()));
            assertThat(running.refused(images.spec(over, "true"))).hasMessageContaining("No such file or directory");
        }
        assertThat(outside).isEmptyDirectory();
        ContainerSpec spec = images.spec(ContainerInfos.docker(image), "echo /marked/*");
        assertThat(running.run(spec).message()).isEqualTo("Command exited with status 0");
        assertThat(RunningContainers.stdout(spec)).isEqualTo("/marked/below\n");
    }
}
