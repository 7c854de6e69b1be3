package io.paddock.agent.server.executors;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.paddock.agent.core.ExecutorKey;
import io.paddock.agent.core.ExecutorLaunch;
import io.paddock.agent.server.containers.ContainerSpec;
import io.paddock.agent.server.containers.Limits;
import io.paddock.common.resources.Resources;
import io.paddock.proto.checkpoint.ExecutorAdded;
import io.paddock.proto.domain.ResourceMessages;
import io.paddock.proto.v1.ContainerID;
import io.paddock.proto.v1.ContainerInfo;
import io.paddock.proto.v1.ExecutorID;
import io.paddock.proto.v1.ExecutorInfo;
import io.paddock.proto.v1.FrameworkID;
import io.paddock.proto.v1.FrameworkInfo;
import io.paddock.proto.v1.Resource;
import io.paddock.proto.v1.TaskID;
import io.paddock.proto.v1.TaskInfo;
import io.paddock.proto.v1.Value;
import io.paddock.proto.v1.Volume;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What tasks ask for, as bounds and places of containers. */
class ContainerSpecsTest {
    private static final double MEGABYTE = 1 << 20;

    @TempDir
    Path workDir;

    /** Empty limits stand for the request, or for no bound of CPU. */
    @ParameterizedTest
    @CsvSource({
        "cpus:1;mem:64, , , false, Infinity, 64",
        "cpus:1;mem:64, , , true, 1, 64",
        "cpus:1;mem:64, 2, 128, false, 2, 128",
        "cpus:1;mem:64, 2, 128, true, 2, 128",
        "cpus:1;mem:64, Infinity, Infinity, true, Infinity, Infinity",
        "cpus:1, , , false, Infinity, Infinity"
    })
    void limitsMayBeAboveRequests(
            String requested, String cpuLimit, String memLimit, boolean bounded, double cpus, double megabytes) {
        Map<String, Value.Scalar> limits = new java.util.TreeMap<>();
        if (cpuLimit != null) {
            limits.put("cpus", scalar(cpuLimit));
        }
        if (memLimit != null) {
            limits.put("mem", scalar(memLimit));
        }
        Limits found = new ContainerSpecs(
                        workDir, true, bounded, Optional.empty(), new ExecutorTokens(Optional.empty()))
                .limits(ResourceMessages.toMessages(Resources.parse(requested)), limits);
        assertThat(found.cpuLimit()).isEqualTo(cpus);
        assertThat(
                        found.memoryLimitBytes() == Limits.UNLIMITED
                                ? Double.POSITIVE_INFINITY
                                : found.memoryLimitBytes() / MEGABYTE)
                .isEqualTo(megabytes);
    }

    private static Value.Scalar scalar(String number) {
        return Value.Scalar.newBuilder().setValue(Double.parseDouble(number)).build();
    }

    @Test
    void diskAndGpusAreBounds() {
        Limits limits = new ContainerSpecs(workDir, true, false, Optional.empty(), new ExecutorTokens(Optional.empty()))
                .limits(ResourceMessages.toMessages(Resources.parse("cpus:1;mem:64;disk:10;gpus:2")), Map.of());
        assertThat(limits.diskBytes()).isEqualTo(10L << 20);
        assertThat(limits.gpus()).isEqualTo(2);
    }

    @Test
    void tasksOfAGroupSeeThePersistentVolumeOfTheirExecutor() {
        Volume other = ofParent("/other", "database").build();

        ContainerSpec spec = ofGroupTask(
                volume(null),
                ofParent("/whole", "data").build(),
                ofParent("/part", "./data/below").setMode(Volume.Mode.RO).build(),
                other);

        Path place = Volumes.path(workDir, volume(null));
        // a part of it is not measured as the whole
        assertThat(spec.mounts())
                .containsExactly(
                        new ContainerSpec.Mount(place, "/whole", false, Optional.of(volume(null))),
                        new ContainerSpec.Mount(place, Path.of("below"), "/part", true, Optional.empty()));
        assertThat(spec.container().orElseThrow().getVolumesList()).containsExactly(other);
    }

    @Test
    void aVolumeOfTheWholeSandboxIsNotTakenForOthers() {
        Resource.Builder whole = volume(null).toBuilder();
        whole.getDiskBuilder().getVolumeBuilder().setContainerPath(".");
        Volume host = Volume.newBuilder()
                .setMode(Volume.Mode.RW)
                .setContainerPath("/host")
                .setHostPath("/srv")
                .build();

        ContainerSpec spec = ofGroupTask(whole.build(), host);

        assertThat(spec.mounts()).isEmpty();
        assertThat(spec.container().orElseThrow().getVolumesList()).containsExactly(host);
    }

    /** The master lets only names through; one that does not know better is not believed. */
    @Test
    void aPersistenceIdIsNoPath() {
        for (String id : List.of("", ".", "..", "../../etc", "a/b", "a\0b")) {
            Resource.Builder volume = volume(null).toBuilder();
            volume.getDiskBuilder().getPersistenceBuilder().setId(id);
            assertThatThrownBy(() -> Volumes.path(Path.of("/work"), volume.build()))
                    .as(id)
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("disk.persistence.id");
        }
    }

    @Test
    void aPathThatIsNoneIsRefusedByTheNameOfItsField() {
        Volume wrong = ofParent("/part", "data/a\0b").build();
        assertThatThrownBy(() -> ofGroupTask(volume(null), wrong))
                .hasMessage("container.volumes[0].source.sandbox_path.path: has a character 0");
    }

    private ContainerSpec ofGroupTask(Resource ofExecutor, Volume... volumes) {
        FrameworkID framework = FrameworkID.newBuilder().setValue("fw").build();
        ExecutorInfo executor = ExecutorInfo.newBuilder()
                .setExecutorId(ExecutorID.newBuilder().setValue("group"))
                .addResources(ofExecutor)
                .build();
        ExecutorLaunch launch = new ExecutorLaunch(
                ExecutorKey.of(framework, executor.getExecutorId()),
                ExecutorAdded.Kind.GROUP,
                FrameworkInfo.getDefaultInstance(),
                executor,
                ContainerID.newBuilder().setValue("c").build(),
                workDir.resolve("sandbox").toString(),
                new TreeMap<>(),
                executor.getResourcesList(),
                false,
                List.of());
        TaskInfo.Builder task =
                TaskInfo.newBuilder().setTaskId(TaskID.newBuilder().setValue("t"));
        task.getContainerBuilder().setType(ContainerInfo.Type.MESOS).addAllVolumes(List.of(volumes));
        return new ContainerSpecs(workDir, true, false, Optional.empty(), new ExecutorTokens(Optional.empty()))
                .ofGroupTask(launch, task.buildPartial());
    }

    private static Volume.Builder ofParent(String containerPath, String path) {
        return Volume.newBuilder()
                .setMode(Volume.Mode.RW)
                .setContainerPath(containerPath)
                .setSource(Volume.Source.newBuilder()
                        .setType(Volume.Source.Type.SANDBOX_PATH)
                        .setSandboxPath(Volume.Source.SandboxPath.newBuilder()
                                .setType(Volume.Source.SandboxPath.Type.PARENT)
                                .setPath(path)));
    }

    private static Resource volume(Resource.DiskInfo.Source.Builder source) {
        Resource.DiskInfo.Builder disk = Resource.DiskInfo.newBuilder()
                .setPersistence(Resource.DiskInfo.Persistence.newBuilder().setId("data"))
                .setVolume(Volume.newBuilder().setContainerPath("data").setMode(Volume.Mode.RW));
        if (source != null) {
            disk.setSource(source);
        }
        return Resource.newBuilder()
                .setName("disk")
                .setType(Value.Type.SCALAR)
                .setScalar(Value.Scalar.newBuilder().setValue(10))
                .addReservations(Resource.ReservationInfo.newBuilder()
                        .setType(Resource.ReservationInfo.Type.DYNAMIC)
                        .setRole("team/db"))
                .setDisk(disk)
                .build();
    }

    @Test
    void persistentVolumesAreOnTheirDisk() throws Exception {
        Path other = Files.createDirectories(workDir.resolve("other"));
        Resource root = volume(null);
        Resource path = volume(Resource.DiskInfo.Source.newBuilder()
                .setType(Resource.DiskInfo.Source.Type.PATH)
                .setPath(Resource.DiskInfo.Source.Path.newBuilder().setRoot(other.toString())));
        Resource mount = volume(Resource.DiskInfo.Source.newBuilder()
                .setType(Resource.DiskInfo.Source.Type.MOUNT)
                .setMount(Resource.DiskInfo.Source.Mount.newBuilder().setRoot(other.toString())));
        assertThat(Volumes.path(workDir, root)).isEqualTo(workDir.resolve("volumes/roles/team db/data"));
        assertThat(Volumes.path(workDir, path)).isEqualTo(other.resolve("volumes/roles/team db/data"));
        assertThat(Volumes.path(workDir, mount)).isEqualTo(other);
        for (Resource each : List.of(root, path, mount)) {
            Path directory = Volumes.path(workDir, each);
            Volumes.create(directory);
            Files.writeString(directory.resolve("kept"), "x");
            Volumes.create(directory);
            assertThat(directory.resolve("kept")).exists();
            Volumes.remove(workDir, each);
            assertThat(Files.exists(directory)).isEqualTo(each == mount);
            assertThat(directory.resolve("kept")).doesNotExist();
        }
    }
}
