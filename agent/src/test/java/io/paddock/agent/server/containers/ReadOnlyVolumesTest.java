package io.paddock.agent.server.containers;

import static org.assertj.core.api.Assertions.assertThat;

import io.paddock.proto.v1.ContainerInfo;
import io.paddock.proto.v1.Volume;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** What a container may only read stays as it is also when another volume is to be mounted in it. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class ReadOnlyVolumesTest {
    private static final String SENTENCE = "the mount point new/deep is not there, and the volume is read-only";

    @RegisterExtension
    static final SharedRegistry registry = new SharedRegistry();

    @RegisterExtension
    final RunningContainers running = RunningContainers.isolatedForEachTest();

    @TempDir
    Path directory;

    private Path readOnly;
    private Path other;

    @BeforeEach
    void make() throws IOException {
        readOnly = Files.createDirectories(directory.resolve("read-only"));
        other = Files.createDirectories(directory.resolve("other"));
        Files.writeString(other.resolve("file"), "seen");
    }

    private static Volume.Builder volume(String containerPath, Path hostPath, Volume.Mode mode) {
        return ContainerInfos.volume(containerPath)
                .setHostPath(hostPath.toString())
                .setMode(mode);
    }

    private ContainerInfo.Builder with(ContainerInfo.Builder info, String around, Path second) {
        return info.addVolumes(volume(around, readOnly, Volume.Mode.RO))
                .addVolumes(volume(around + "/new/deep", second, Volume.Mode.RW));
    }

    private ContainerSpec spec(ContainerInfo.Builder info, String script) {
        return running.spec(
                Optional.of(RunningContainers.sh(script)), Optional.of(info.build()), Limits.requested(0.1, 64));
    }

    @Test
    void noMountPointIsMadeInThem() throws Exception {
        Path file = other.resolve("file");
        String image = registry.name("box:1");
        for (ContainerInfo.Builder info : List.of(
                with(ContainerInfos.plain(), "data", other),
                with(ContainerInfos.plain(), "data", file),
                with(ContainerInfos.mesos(image), "data", other),
                with(ContainerInfos.mesos(image), "/data", other),
                with(ContainerInfos.mesos(image), "/data", file),
                ContainerInfos.docker(image, "volume=" + other + ":/data/new/deep")
                        .addVolumes(volume("/data", readOnly, Volume.Mode.RO)),
                ContainerInfos.docker(
                        image, "volume=" + readOnly + ":/data:ro", "volume=" + other + ":/data/new/deep"))) {
            assertThat(running.refused(spec(info, "true")))
                    .as("%s", info)
                    .hasMessageContaining("/new/deep in the volume at ")
                    .hasMessageEndingWith("/data: " + SENTENCE);
            assertThat(readOnly).isEmptyDirectory();
        }
        ContainerSpec mounts = RunningContainers.mounting(
                running.shell("true"),
                new ContainerSpec.Mount(readOnly, "data", true),
                new ContainerSpec.Mount(other, "data/new/deep", false));
        assertThat(running.refused(mounts)).hasMessageEndingWith(SENTENCE);
        assertThat(readOnly).isEmptyDirectory();
    }

    @Test
    void mountPointsThatAreThereAreUsed() throws Exception {
        Files.createDirectories(readOnly.resolve("new/deep"));
        String image = registry.name("box:1");
        for (ContainerInfo.Builder info : List.of(
                with(ContainerInfos.plain(), "data", other),
                with(ContainerInfos.mesos(image), "data", other),
                ContainerInfos.docker(
                        image,
                        "volume=" + readOnly + ":/mnt/mesos/sandbox/data:ro",
                        "volume=" + other + ":/mnt/mesos/sandbox/data/new/deep"))) {
            ContainerSpec spec = spec(
                    info,
                    "cd $MESOS_SANDBOX/data; cat new/deep/file; touch new/deep/more && echo ' written';"
                            + " touch no 2>/dev/null || echo read-only");
            assertThat(running.run(spec).succeeded()).isTrue();
            assertThat(RunningContainers.stdout(spec)).isEqualTo("seen written\nread-only\n");
            running.destroy(spec);
        }
    }
}
