package io.paddock.agent.server.executors;

import io.paddock.agent.core.ExecutorLaunch;
import io.paddock.agent.core.SandboxPaths;
import io.paddock.agent.server.containers.ContainerIds;
import io.paddock.agent.server.containers.ContainerSpec;
import io.paddock.agent.server.containers.Limits;
import io.paddock.common.resources.Resources;
import io.paddock.proto.domain.ResourceMessages;
import io.paddock.proto.v1.ContainerID;
import io.paddock.proto.v1.ContainerInfo;
import io.paddock.proto.v1.Resource;
import io.paddock.proto.v1.TaskInfo;
import io.paddock.proto.v1.Value;
import io.paddock.proto.v1.Volume;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/** From tasks and executors to containers. Pure but for the work directory and the agent's user, which are given. */
public final class ContainerSpecs {
    private final Path workDir;
    private final boolean switchUser;
    private final boolean limitCpus;
    private final Optional<ContainerInfo> usual;
    private final ExecutorTokens tokens;

    /**
     * @param usual the container of executors and command tasks that ask for none
     * @param switchUser whether commands run as their framework's user
     * @param tokens given to custom executors
     * @param limitCpus whether the requested CPUs are also the most a container may take
     */
    public ContainerSpecs(
            Path workDir, boolean switchUser, boolean limitCpus, Optional<ContainerInfo> usual, ExecutorTokens tokens) {
        this.workDir = workDir;
        this.switchUser = switchUser;
        this.limitCpus = limitCpus;
        this.usual = usual;
        this.tokens = tokens;
    }

    /** The container of a custom executor. */
    ContainerSpec ofExecutor(ExecutorLaunch launch) {
        Optional<ContainerInfo> container = containerOf(launch);
        return new ContainerSpec(
                launch.container(),
                Optional.of(launch.info().getCommand()),
                container,
                tokens.environment(launch),
                user(launch),
                Path.of(launch.sandbox()),
                limits(launch.resources(), Map.of()),
                mounts(launch.resources()));
    }

    /** The container that only holds what the tasks of a group share. */
    ContainerSpec ofGroup(ExecutorLaunch launch) {
        return new ContainerSpec(
                launch.container(),
                Optional.empty(),
                containerOf(launch),
                launch.environment(),
                user(launch),
                Path.of(launch.sandbox()),
                limits(launch.resources(), Map.of()),
                List.of());
    }

    /** The container of a command task: that of its executor. */
    ContainerSpec ofCommandTask(ExecutorLaunch launch, TaskInfo task) {
        Optional<ContainerInfo> container = task.hasContainer() ? Optional.of(task.getContainer()) : usual;
        return new ContainerSpec(
                launch.container(),
                Optional.of(task.getCommand()),
                container,
                taskEnvironment(launch, task),
                user(launch),
                Path.of(launch.sandbox()),
                limits(task.getResourcesList(), task.getLimitsMap()),
                mounts(task.getResourcesList()));
    }

    /** The container of a task of a group, nested in the group's; its bounds are the group's unless it asks for its own. */
    ContainerSpec ofGroupTask(ExecutorLaunch launch, TaskInfo task) {
        Optional<ContainerInfo> container = task.hasContainer() ? Optional.of(task.getContainer()) : Optional.empty();
        boolean shares = task.getContainer().getLinuxInfo().getShareCgroups();
        ContainerID id = nestedId(launch.container(), task.getTaskId().getValue());
        Limits limits = limits(task.getResourcesList(), task.getLimitsMap());
        List<ContainerSpec.Mount> mounts = mounts(task.getResourcesList());
        Optional<ContainerInfo> own = container.map(info -> withoutShared(info, launch, mounts));
        return new ContainerSpec(
                id,
                Optional.of(task.getCommand()),
                own,
                taskEnvironment(launch, task),
                user(launch),
                Path.of(SandboxPaths.nested(launch.sandbox(), id)),
                shares ? Limits.NONE.withGpus(limits.gpus()) : limits,
                mounts);
    }

    /**
     * Without the volumes of the group that the task asks for as a path of its executor's sandbox, which is how tasks of a group
     * share a persistent volume in Mesos; those are added to the mounts.
     */
    private ContainerInfo withoutShared(
            ContainerInfo container, ExecutorLaunch launch, List<ContainerSpec.Mount> mounts) {
        ContainerInfo.Builder own = container.toBuilder().clearVolumes();
        List<ContainerSpec.Mount> ofGroup = mounts(launch.info().getResourcesList());
        for (int i = 0; i < container.getVolumesCount(); i++) {
            Volume volume = container.getVolumes(i);
            Optional<ContainerSpec.Mount> shared = parentPath(volume, i)
                    .flatMap(path -> ofGroup.stream()
                            .filter(whole -> path.startsWith(
                                    Path.of(whole.containerPath()).normalize()))
                            .findFirst()
                            .map(whole -> partOf(whole, path, volume)));
            shared.ifPresentOrElse(mounts::add, () -> own.addVolumes(volume));
        }
        return own.build();
    }

    private static ContainerSpec.Mount partOf(ContainerSpec.Mount whole, Path path, Volume volume) {
        Path below = Path.of(whole.containerPath()).normalize().relativize(path);
        ContainerSpec.Mount part = new ContainerSpec.Mount(
                whole.hostPath(),
                below,
                volume.getContainerPath(),
                whole.readOnly() || volume.getMode() == Volume.Mode.RO,
                Optional.empty());
        return part.isWhole()
                ? new ContainerSpec.Mount(part.hostPath(), part.containerPath(), part.readOnly(), whole.volume())
                : part;
    }

    /** Empty if the volume is not a path of the parent's sandbox. */
    private static Optional<Path> parentPath(Volume volume, int index) {
        Volume.Source.SandboxPath path = volume.getSource().getSandboxPath();
        if (volume.getSource().getType() != Volume.Source.Type.SANDBOX_PATH
                || path.getType() != Volume.Source.SandboxPath.Type.PARENT) {
            return Optional.empty();
        }
        if (path.getPath().indexOf('\0') >= 0) {
            throw new IllegalArgumentException(
                    "container.volumes[" + index + "].source.sandbox_path.path: has a character 0");
        }
        return Optional.of(Path.of(path.getPath()).normalize());
    }

    /** The same id for the same task in every run of the agent, so that its container is found again. */
    static ContainerID nestedId(ContainerID parent, String taskId) {
        String name = ContainerIds.text(parent) + "/" + taskId;
        return ContainerIds.nested(
                parent,
                UUID.nameUUIDFromBytes(name.getBytes(StandardCharsets.UTF_8)).toString());
    }

    private Optional<ContainerInfo> containerOf(ExecutorLaunch launch) {
        return launch.info().hasContainer() ? Optional.of(launch.info().getContainer()) : usual;
    }

    private static Map<String, String> taskEnvironment(ExecutorLaunch launch, TaskInfo task) {
        Map<String, String> environment = new LinkedHashMap<>(launch.environment());
        for (Resource resource : task.getResourcesList()) {
            if (resource.getAllocationInfo().hasRole()) {
                environment.put(
                        "MESOS_ALLOCATION_ROLE", resource.getAllocationInfo().getRole());
                break;
            }
        }
        return environment;
    }

    private Optional<String> user(ExecutorLaunch launch) {
        String user = launch.framework().getUser();
        return !switchUser || user.isEmpty() ? Optional.empty() : Optional.of(user);
    }

    /** Bounds by resources; limits may raise those of cpus and mem, also to infinity. */
    public Limits limits(List<Resource> requested, Map<String, Value.Scalar> limits) {
        Resources resources = ResourceMessages.fromMessages(requested);
        double cpus = resources.scalar("cpus");
        Limits result = Limits.requested(cpus, resources.scalar("mem"));
        if (limitCpus && cpus > 0) {
            result = result.withCpuLimit(cpus);
        }
        if (limits.containsKey("cpus")) {
            result = result.withCpuLimit(limits.get("cpus").getValue());
        }
        if (limits.containsKey("mem")) {
            double mem = limits.get("mem").getValue();
            result = result.withMemoryLimitBytes(
                    Double.isInfinite(mem) ? Limits.UNLIMITED : Math.round(mem * 1024 * 1024));
        }
        double disk = resources
                .filter(key -> key.name().equals("disk") && key.disk() == null)
                .scalar("disk");
        if (disk > 0) {
            result = result.withDiskBytes(Math.round(disk * 1024 * 1024));
        }
        return result.withGpus((int) Math.round(resources.scalar("gpus")));
    }

    /** The persistent volumes among them. */
    public List<ContainerSpec.Mount> mounts(List<Resource> resources) {
        List<ContainerSpec.Mount> mounts = new ArrayList<>();
        for (Resource resource : resources) {
            if (resource.getDisk().hasPersistence() && resource.getDisk().hasVolume()) {
                mounts.add(new ContainerSpec.Mount(
                        Volumes.path(workDir, resource),
                        resource.getDisk().getVolume().getContainerPath(),
                        resource.getDisk().getVolume().getMode() == Volume.Mode.RO,
                        Optional.of(resource)));
            }
        }
        return mounts;
    }
}
