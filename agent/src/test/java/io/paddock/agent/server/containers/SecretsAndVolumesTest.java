package io.paddock.agent.server.containers;

import static org.assertj.core.api.Assertions.assertThat;

import io.paddock.proto.v1.CommandInfo;
import io.paddock.proto.v1.ContainerInfo;
import io.paddock.proto.v1.Environment;
import io.paddock.proto.v1.Volume;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Secrets by name, files of images, and places of the host in containers. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class SecretsAndVolumesTest {
    @RegisterExtension
    static final SharedRegistry registry = new SharedRegistry();

    @TempDir
    Path directory;

    private Path allowed;
    private RunningContainers running;

    @BeforeEach
    void open() throws Exception {
        Path secrets = Files.createDirectories(directory.resolve("secrets/db"));
        Files.writeString(secrets.resolve("password"), "hushed");
        Files.writeString(directory.resolve("secrets/token"), "quiet");
        Files.writeString(directory.resolve("outside"), "not a secret");
        Files.createSymbolicLink(directory.resolve("secrets/leading-out"), directory.resolve("outside"));
        allowed = Files.createDirectories(directory.resolve("allowed"));
        ContainerPolicy policy = ContainerPolicy.builder()
                .secretsDir(Optional.of(directory.resolve("secrets")))
                .hostPaths(List.of(allowed))
                .createdHostPaths(List.of(allowed.resolve("made")))
                .build();
        running = RunningContainers.isolated(options -> options.withPolicy(policy));
    }

    @AfterEach
    void close() throws Exception {
        if (running != null) {
            running.close();
        }
    }

    private ContainerSpec box(ContainerInfo.Builder info, CommandInfo command, ContainerSpec.Mount... mounts) {
        ContainerSpec plain = running.spec(Optional.of(command), Optional.of(info.build()), Limits.requested(0.1, 64));
        return RunningContainers.mounting(plain, mounts);
    }

    private ContainerInfo.Builder box() {
        return ContainerInfos.mesos(registry.name("box:1"));
    }

    private static Volume.Builder secretFile(String name) {
        return ContainerInfos.volume("/etc/secret")
                .setSource(Volume.Source.newBuilder()
                        .setType(Volume.Source.Type.SECRET)
                        .setSecret(ContainerInfos.reference(name)));
    }

    private static CommandInfo withSecret(String script, String name) {
        return RunningContainers.sh(script).toBuilder()
                .setEnvironment(Environment.newBuilder()
                        .addVariables(Environment.Variable.newBuilder()
                                .setName("PASSWORD")
                                .setType(Environment.Variable.Type.SECRET)
                                .setSecret(ContainerInfos.reference(name))))
                .build();
    }

    @Test
    void secretsAreFoundByTheirNames() throws Exception {
        ContainerSpec spec = box(
                box().addVolumes(secretFile("token")),
                withSecret("cat /etc/secret; echo; echo $PASSWORD", "db/password"));
        assertThat(running.run(spec).succeeded()).isTrue();
        assertThat(RunningContainers.stdout(spec)).isEqualTo("quiet\nhushed\n");
        try (Stream<Path> files = Files.list(
                running.workDir.resolve("containers").resolve(spec.id().getValue()))) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                boolean secret = Files.readString(file).contains("hushed");
                assertThat(!secret || Files.getPosixFilePermissions(file).size() == 2)
                        .as(file.toString())
                        .isTrue();
            }
        }
        assertThat(running.refused(box(box(), withSecret("true", "db/other"))))
                .hasMessage(
                        "environment variable PASSWORD refers to the secret db/other, which the agent does not have");
        assertThat(running.refused(box(box().addVolumes(secretFile("leading-out")), RunningContainers.sh("true"))))
                .hasMessage(
                        "container.volumes[0].source.secret refers to the secret leading-out, which the agent does not"
                                + " have");
        assertThat(running.refused(box(box(), withSecret("true", "../outside"))))
                .hasMessageContaining("a secret's name of letters");
        ContainerSpec onTheHostsFiles = box(ContainerInfos.plain(), withSecret("echo $PASSWORD", "token"));
        running.run(onTheHostsFiles);
        assertThat(RunningContainers.stdout(onTheHostsFiles)).isEqualTo("quiet\n");
    }

    @Test
    void filesOfAnImageAreAVolume() throws Exception {
        Volume.Builder readOnly = ContainerInfos.volume("/other")
                .setMode(Volume.Mode.RO)
                .setImage(ContainerInfos.image(registry.name("box:1")));
        Volume.Builder writable = ContainerInfos.volume("tools").setImage(ContainerInfos.image(registry.name("box:1")));
        ContainerSpec spec = box(
                ContainerInfos.plain().addVolumes(writable),
                RunningContainers.sh(
                        "tools/bin/busybox cat tools/replaced/file; echo; ls tools/hidden; echo x > tools/new;"
                                + " ls tools/deleted 2>/dev/null"));
        running.run(spec);
        assertThat(RunningContainers.stdout(spec)).isEqualTo("second layer\nnew\n");
        ContainerSpec inImage = box(
                box().addVolumes(readOnly),
                RunningContainers.sh("cat /other/replaced/file; echo; ls /other/new 2>/dev/null;"
                        + " touch /other/no 2>/dev/null || echo read-only"));
        running.run(inImage);
        assertThat(RunningContainers.stdout(inImage)).isEqualTo("second layer\nread-only\n");
        // in use as a volume: not pruned
        assertThat(RunningContainers.get(running.containers().pruneImages(List.of())))
                .isZero();
        Volume.Builder unknown =
                ContainerInfos.volume("/other").setImage(ContainerInfos.image(registry.name("nothing:1")));
        assertThat(running.refused(box(box().addVolumes(unknown), RunningContainers.sh("true"))))
                .hasMessageContaining("manifest unknown");
    }

    @Test
    void onlyAllowedPathsOfTheHostAreShown() throws Exception {
        Files.writeString(allowed.resolve("file"), "fine");
        Files.createSymbolicLink(allowed.resolve("link"), Path.of("/etc"));
        ContainerSpec spec = box(
                box().addVolumes(ContainerInfos.volume("/data").setHostPath(allowed.toString()))
                        .addVolumes(ContainerInfos.volume("/fresh")
                                .setHostPath(allowed.resolve("made/here").toString())),
                RunningContainers.sh("cat /data/file; touch /fresh/new"));
        assertThat(running.run(spec).succeeded()).isTrue();
        assertThat(RunningContainers.stdout(spec)).isEqualTo("fine");
        assertThat(allowed.resolve("made/here/new")).exists();
        for (String path : List.of("/etc", allowed.resolve("link").toString(), allowed + "/../secrets")) {
            assertThat(running.refused(box(
                            box().addVolumes(ContainerInfos.volume("/data").setHostPath(path)),
                            RunningContainers.sh("true"))))
                    .as(path)
                    .hasMessageContaining(path + " is not among the host paths that this agent shows, " + allowed);
        }
        assertThat(running.refused(box(
                        ContainerInfos.docker(registry.name("box:1"), "volume=/var/nothing/there:/data"),
                        RunningContainers.sh("true"))))
                .hasMessageContaining("is not among the host paths");
        assertThat(Path.of("/var/nothing")).doesNotExist();
        assertThat(running.refused(box(
                        box().addVolumes(ContainerInfos.volume("/data")
                                .setHostPath(allowed.resolve("missing").toString())),
                        RunningContainers.sh("true"))))
                .hasMessageContaining("does not exist on the host");
    }

    @Test
    void aPersistentVolumeBelongsToItsFirstUserAndIsSharedByAll() throws Exception {
        Path volume = Files.createDirectories(directory.resolve("volume"));
        ContainerSpec.Mount mount = new ContainerSpec.Mount(volume, "/volume", false);
        CommandInfo web = RunningContainers.sh("echo mine > /volume/mine; stat -c %u /volume").toBuilder()
                .setUser("web")
                .build();
        ContainerSpec first = box(box(), web, mount);
        assertThat(running.run(first).succeeded()).isTrue();
        assertThat(RunningContainers.stdout(first)).isEqualTo("1234\n");
        ContainerSpec writer =
                box(box(), RunningContainers.sh("until [ -e /volume/go ]; do sleep 0.05; done; cat /volume/go"), mount);
        running.launch(writer);
        ContainerSpec reader = box(
                box(),
                RunningContainers.sh("cat /volume/mine; touch /volume/no 2>/dev/null || echo read-only"),
                new ContainerSpec.Mount(volume, "/volume", true));
        running.run(reader);
        assertThat(RunningContainers.stdout(reader)).isEqualTo("mine\nread-only\n");
        running.run(box(box(), RunningContainers.sh("echo said > /volume/go"), mount));
        assertThat(running.exit(writer).succeeded()).isTrue();
        assertThat(RunningContainers.stdout(writer)).isEqualTo("said\n");
        running.destroy(writer);
        assertThat(volume.resolve("mine")).hasContent("mine");
    }

    /** What a volume holds is the tasks' own: a link in it may lead to anything of the host. */
    @Test
    void aPathBelowAVolumeFollowsNoLink() throws Exception {
        Path volume = Files.createDirectories(directory.resolve("volume"));
        Path outside = Files.createDirectories(directory.resolve("of-the-host"));
        Files.createSymbolicLink(volume.resolve("link"), outside);
        CommandInfo web = RunningContainers.sh("echo mine > /part/mine && stat -c %u /part").toBuilder()
                .setUser("web")
                .build();
        for (String path : List.of("link", "link/made")) {
            ContainerSpec.Mount led = new ContainerSpec.Mount(volume, Path.of(path), "/part", false, Optional.empty());
            assertThat(running.refused(box(box(), web, led)))
                    .hasMessageContaining("the volume at /part: source.sandbox_path.path")
                    .hasMessageContaining("volume/link: is a link, which is not followed");
        }
        assertThat(outside).isEmptyDirectory();

        ContainerSpec.Mount part =
                new ContainerSpec.Mount(volume, Path.of("below/deep"), "/part", false, Optional.empty());
        ContainerSpec spec = box(box(), web, part);
        assertThat(running.run(spec).succeeded()).isTrue();
        // it stays whose it is
        assertThat(RunningContainers.stdout(spec)).isEqualTo("0\n");
        running.destroy(spec);
        assertThat(volume.resolve("below/deep/mine")).hasContent("mine");
        assertThat(running.traces()).noneMatch(trace -> trace.contains("held-"));
    }

    @Test
    void aPathOfASandboxFollowsNoLink() throws Exception {
        Path outside = Files.createDirectories(directory.resolve("of-the-host"));
        List<Volume.Builder> volumes = List.of(
                ContainerInfos.volume("/part").setHostPath("link/made"),
                ContainerInfos.volume("/part")
                        .setSource(Volume.Source.newBuilder()
                                .setType(Volume.Source.Type.SANDBOX_PATH)
                                .setSandboxPath(Volume.Source.SandboxPath.newBuilder()
                                        .setType(Volume.Source.SandboxPath.Type.SELF)
                                        .setPath("link/made"))));
        for (Volume.Builder volume : volumes) {
            ContainerSpec spec = box(box().addVolumes(volume), RunningContainers.sh("echo x > /part/new"));
            Files.createDirectories(spec.sandbox());
            Files.createSymbolicLink(spec.sandbox().resolve("link"), outside);
            assertThat(running.refused(spec))
                    .hasMessageContaining("container.volumes[0]")
                    .hasMessageContaining("link: is a link, which is not followed");
            assertThat(outside).isEmptyDirectory();
            Files.delete(spec.sandbox().resolve("link"));
            ContainerSpec fine = box(box().addVolumes(volume), RunningContainers.sh("echo x > /part/new"));
            assertThat(running.run(fine).succeeded()).isTrue();
            assertThat(fine.sandbox().resolve("link/made/new")).hasContent("x");
            running.destroy(fine);
            assertThat(fine.sandbox().resolve("link/made/new")).exists();
        }
    }
}
