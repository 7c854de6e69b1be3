package io.paddock.batch.core;

import io.paddock.batch.core.RunSpec.EnvValue;
import io.paddock.batch.core.RunSpec.Network;
import io.paddock.client.core.TaskSpec;
import io.paddock.proto.v1.CommandInfo;
import io.paddock.proto.v1.ContainerInfo;
import io.paddock.proto.v1.DurationInfo;
import io.paddock.proto.v1.Environment;
import io.paddock.proto.v1.Image;
import io.paddock.proto.v1.KillPolicy;
import io.paddock.proto.v1.Label;
import io.paddock.proto.v1.Labels;
import io.paddock.proto.v1.NetworkInfo;
import io.paddock.proto.v1.Parameter;
import io.paddock.proto.v1.Secret;
import io.paddock.proto.v1.TaskInfo;
import io.paddock.proto.v1.Volume;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Makes a task of a run: what Metronome's runs look like to agents and to the command itself. */
final class TaskTemplate {
    private TaskTemplate() {}

    /** The task id: unique for ever, and telling job, run and try. */
    static String taskId(Run run) {
        return run.jobId().replace('.', '_') + "_" + run.id() + "." + (run.attempts() + 1);
    }

    /** The name a run has as an app. */
    static String appId(Run run) {
        return "/" + run.jobId().replace('.', '/') + "/" + run.id();
    }

    static TaskSpec of(Run run) {
        String id = taskId(run);
        TaskSpec task = TaskSpec.of(id);
        for (Map.Entry<String, Double> need : needs(run.spec()).entrySet()) {
            task = task.scalar(need.getKey(), need.getValue());
        }
        return task.template(builder -> describe(builder, run, id));
    }

    /** How much of each resource a run takes. */
    static Map<String, Double> needs(RunSpec spec) {
        Map<String, Double> needs = new LinkedHashMap<>();
        needs.put("cpus", spec.cpus());
        needs.put("mem", spec.mem());
        if (spec.disk() > 0) {
            needs.put("disk", spec.disk());
        }
        if (spec.gpus() > 0) {
            needs.put("gpus", (double) spec.gpus());
        }
        return needs;
    }

    private static void describe(TaskInfo.Builder task, Run run, String id) {
        RunSpec spec = run.spec();
        task.setName(run.id() + "." + reversed(run.jobId()));
        task.setCommand(command(run, id));
        container(spec).ifPresent(task::setContainer);
        if (!run.labels().isEmpty()) {
            task.setLabels(labels(run.labels()));
        }
        if (spec.killGraceSeconds() != null) {
            task.setKillPolicy(KillPolicy.newBuilder()
                    .setGracePeriod(DurationInfo.newBuilder()
                            .setNanoseconds(
                                    Duration.ofSeconds(spec.killGraceSeconds()).toNanos())));
        }
    }

    private static String reversed(String jobId) {
        String[] parts = jobId.split("\\.");
        StringBuilder name = new StringBuilder();
        for (int i = parts.length - 1; i >= 0; i--) {
            name.append(parts[i]).append(i == 0 ? "" : ".");
        }
        return name.toString();
    }

    private static CommandInfo command(Run run, String id) {
        RunSpec spec = run.spec();
        CommandInfo.Builder command = CommandInfo.newBuilder().setEnvironment(environment(run, id));
        boolean image = spec.docker() != null || spec.ucr() != null;
        List<String> args = spec.args();
        if (spec.cmd() != null) {
            command.setShell(true).setValue(spec.cmd());
        } else {
            command.setShell(false);
            if (args != null && !args.isEmpty()) {
                if (!image) {
                    command.setValue(args.get(0));
                }
                command.addAllArguments(args);
            }
        }
        if (spec.user() != null) {
            command.setUser(spec.user());
        }
        for (RunSpec.Artifact artifact : spec.artifacts()) {
            command.addUris(CommandInfo.URI
                    .newBuilder()
                    .setValue(artifact.uri())
                    .setExtract(artifact.extract())
                    .setExecutable(artifact.executable())
                    .setCache(artifact.cache()));
        }
        return command.build();
    }

    /** The run's own variables last: they win. */
    private static Environment environment(Run run, String id) {
        RunSpec spec = run.spec();
        Map<String, String> given = new LinkedHashMap<>();
        given.put("MESOS_TASK_ID", id);
        given.put("MARATHON_APP_ID", appId(run));
        given.put("MARATHON_APP_RESOURCE_CPUS", Double.toString(spec.cpus()));
        given.put("MARATHON_APP_RESOURCE_MEM", Double.toString(spec.mem()));
        given.put("MARATHON_APP_RESOURCE_DISK", Double.toString(spec.disk()));
        given.put("MARATHON_APP_RESOURCE_GPUS", Integer.toString(spec.gpus()));
        given.put("PADDOCK_JOB_ID", run.jobId());
        given.put("PADDOCK_RUN_ID", run.id());
        given.put("PADDOCK_RUN_ATTEMPT", Integer.toString(run.attempts() + 1));
        Environment.Builder environment = Environment.newBuilder();
        given.forEach((name, value) -> {
            if (!spec.env().containsKey(name)) {
                environment.addVariables(
                        Environment.Variable.newBuilder().setName(name).setValue(value));
            }
        });
        spec.env().forEach((name, value) -> environment.addVariables(variable(spec, name, value)));
        return environment.build();
    }

    private static Environment.Variable variable(RunSpec spec, String name, EnvValue value) {
        Environment.Variable.Builder variable =
                Environment.Variable.newBuilder().setName(name);
        return value.secret()
                ? variable.setType(Environment.Variable.Type.SECRET)
                        .setSecret(secret(spec, value.text()))
                        .build()
                : variable.setValue(value.text()).build();
    }

    private static Secret secret(RunSpec spec, String name) {
        return Secret.newBuilder()
                .setType(Secret.Type.REFERENCE)
                .setReference(
                        Secret.Reference.newBuilder().setName(spec.secrets().getOrDefault(name, name)))
                .build();
    }

    private static Labels labels(Map<String, String> given) {
        Labels.Builder labels = Labels.newBuilder();
        given.forEach(
                (key, value) -> labels.addLabels(Label.newBuilder().setKey(key).setValue(value)));
        return labels.build();
    }

    /** The container; none for a plain command on the host. */
    private static Optional<ContainerInfo> container(RunSpec spec) {
        boolean plain = spec.docker() == null
                && spec.ucr() == null
                && spec.volumes().isEmpty()
                && spec.networks().stream().allMatch(network -> network.mode() == Network.Mode.HOST);
        if (plain) {
            return Optional.empty();
        }
        ContainerInfo.Builder container = ContainerInfo.newBuilder();
        spec.volumes().forEach(volume -> container.addVolumes(volume(spec, volume)));
        if (spec.docker() != null) {
            docker(container, spec, spec.docker());
        } else {
            container.setType(ContainerInfo.Type.MESOS).setMesos(mesos(spec.ucr()));
        }
        for (Network network : spec.networks()) {
            if (network.mode() != Network.Mode.HOST && (spec.docker() == null || network.name() != null)) {
                container.addNetworkInfos(network(network));
            }
        }
        return Optional.of(container.build());
    }

    private static void docker(ContainerInfo.Builder container, RunSpec spec, RunSpec.Docker docker) {
        ContainerInfo.DockerInfo.Builder info = ContainerInfo.DockerInfo.newBuilder()
                .setImage(docker.image())
                .setForcePullImage(docker.forcePullImage())
                .setPrivileged(docker.privileged())
                .setNetwork(dockerNetwork(spec.networks()));
        docker.parameters()
                .forEach(parameter -> info.addParameters(
                        Parameter.newBuilder().setKey(parameter.getKey()).setValue(parameter.getValue())));
        container.setType(ContainerInfo.Type.DOCKER).setDocker(info);
    }

    private static ContainerInfo.DockerInfo.Network dockerNetwork(List<Network> networks) {
        if (networks.isEmpty()) {
            return ContainerInfo.DockerInfo.Network.HOST;
        }
        return switch (networks.get(0).mode()) {
            case HOST -> ContainerInfo.DockerInfo.Network.HOST;
            case CONTAINER_BRIDGE -> ContainerInfo.DockerInfo.Network.BRIDGE;
            case CONTAINER -> ContainerInfo.DockerInfo.Network.USER;
        };
    }

    private static ContainerInfo.MesosInfo mesos(RunSpec.@Nullable Ucr ucr) {
        ContainerInfo.MesosInfo.Builder mesos = ContainerInfo.MesosInfo.newBuilder();
        if (ucr != null) {
            Image.Builder image = Image.newBuilder().setCached(!ucr.forcePull());
            if (ucr.kind().equals("appc")) {
                image.setType(Image.Type.APPC).setAppc(Image.Appc.newBuilder().setName(ucr.imageId()));
            } else {
                image.setType(Image.Type.DOCKER)
                        .setDocker(Image.Docker.newBuilder().setName(ucr.imageId()));
            }
            mesos.setImage(image);
        }
        return mesos.build();
    }

    private static NetworkInfo network(Network network) {
        NetworkInfo.Builder info = NetworkInfo.newBuilder();
        if (network.name() != null) {
            info.setName(network.name());
        } else if (network.mode() == Network.Mode.CONTAINER_BRIDGE) {
            info.setName("mesos-bridge");
        }
        if (!network.labels().isEmpty()) {
            info.setLabels(labels(network.labels()));
        }
        return info.build();
    }

    private static Volume volume(RunSpec spec, RunSpec.Volume volume) {
        Volume.Builder builder = Volume.newBuilder().setContainerPath(volume.containerPath());
        if (volume.secret() != null) {
            return builder.setMode(Volume.Mode.RO)
                    .setSource(Volume.Source.newBuilder()
                            .setType(Volume.Source.Type.SECRET)
                            .setSecret(secret(spec, volume.secret())))
                    .build();
        }
        if (volume.hostPath() != null) {
            builder.setHostPath(volume.hostPath());
        }
        return builder.setMode("RO".equals(volume.mode()) ? Volume.Mode.RO : Volume.Mode.RW)
                .build();
    }
}
