package io.paddock.marathon.core.launch;

import io.paddock.common.resources.Resources;
import io.paddock.marathon.core.instance.Instance;
import io.paddock.marathon.core.launch.PortNames.TaskPort;
import io.paddock.marathon.core.model.App;
import io.paddock.marathon.core.model.Command;
import io.paddock.marathon.core.model.Networking;
import io.paddock.proto.domain.ResourceMessages;
import io.paddock.proto.v1.AgentID;
import io.paddock.proto.v1.CommandInfo;
import io.paddock.proto.v1.DiscoveryInfo;
import io.paddock.proto.v1.Environment;
import io.paddock.proto.v1.ExecutorID;
import io.paddock.proto.v1.ExecutorInfo;
import io.paddock.proto.v1.Labels;
import io.paddock.proto.v1.Ports;
import io.paddock.proto.v1.TaskID;
import io.paddock.proto.v1.TaskInfo;
import io.paddock.proto.v1.Value;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** Writes the task of an instance that has been given a place: what Marathon would send for the same app. */
public final class TaskFactory {
    private TaskFactory() {}

    /**
     * The task.
     *
     * @param app the definition the instance is started from
     * @param instance provisioned: it has an agent and host ports
     * @param resources what the matcher took
     * @param envPrefix put before the names of HOST and PORT variables; usually empty
     */
    public static TaskInfo task(App app, Instance instance, Resources resources, String envPrefix) {
        var agent = Objects.requireNonNull(instance.agent(), "a provisioned instance has an agent");
        List<TaskPort> ports = PortNames.of(app, instance.hostPorts());
        Environment environment =
                environment(TaskEnvironment.of(app, instance.taskId(), agent.host(), ports, envPrefix));
        TaskInfo.Builder task = TaskInfo.newBuilder()
                .setName(app.id().reversed())
                .setTaskId(TaskID.newBuilder().setValue(instance.taskId()))
                .setAgentId(AgentID.newBuilder().setValue(agent.id()))
                .setDiscovery(discovery(app, ports))
                .setLabels(labels(app.labels()));
        addWhatRuns(app, instance, resources, environment, task);
        ContainerMessages.container(app, ports).ifPresent(task::setContainer);
        CheckMessages.healthCheck(app, ports).ifPresent(task::setHealthCheck);
        CheckMessages.check(app, ports).ifPresent(task::setCheck);
        Integer grace = app.rollout().killGracePeriodSeconds();
        if (grace != null) {
            task.getKillPolicyBuilder()
                    .getGracePeriodBuilder()
                    .setNanoseconds(Duration.ofSeconds(grace).toNanos());
        }
        addLimits(app, task);
        return task.build();
    }

    private static void addWhatRuns(
            App app, Instance instance, Resources resources, Environment environment, TaskInfo.Builder task) {
        Command command = app.command();
        CommandInfo.Builder what = CommandInfo.newBuilder().setEnvironment(environment);
        command.fetch().forEach(f -> {
            CommandInfo.URI.Builder uri = what.addUrisBuilder()
                    .setValue(f.uri())
                    .setExtract(f.extract())
                    .setExecutable(f.executable())
                    .setCache(f.cache());
            if (f.destPath() != null) {
                uri.setOutputFile(f.destPath());
            }
        });
        if (command.user() != null) {
            what.setUser(command.user());
        }
        if (command.usesBuiltInExecutor()) {
            task.setCommand(withCommandLine(app, what));
            task.addAllResources(ResourceMessages.toMessages(resources));
            return;
        }
        Resources own = Resources.scalar("cpus", command.executorResources().cpus())
                .plus(Resources.scalar("mem", command.executorResources().mem()))
                .plus(Resources.scalar("disk", command.executorResources().disk()))
                .allocatedTo(app.placement().role());
        what.setShell(true)
                .setValue("chmod ug+rx '" + command.executor() + "' && exec '" + command.executor() + "'"
                        + (command.cmd() == null ? "" : " " + command.cmd()));
        task.setExecutor(ExecutorInfo.newBuilder()
                .setType(ExecutorInfo.Type.CUSTOM)
                .setExecutorId(ExecutorID.newBuilder().setValue("marathon-" + instance.taskId()))
                .setCommand(what)
                .addAllResources(ResourceMessages.toMessages(own)));
        task.addAllResources(ResourceMessages.toMessages(resources.minus(own)));
    }

    private static CommandInfo withCommandLine(App app, CommandInfo.Builder what) {
        Command command = app.command();
        if (command.cmd() != null) {
            return what.setShell(true).setValue(command.cmd()).build();
        }
        what.setShell(false).addAllArguments(command.args());
        if (!app.container().exists() && !command.args().isEmpty()) {
            what.setValue(command.args().get(0));
        }
        return what.build();
    }

    private static Environment environment(Map<String, String> variables) {
        Environment.Builder environment = Environment.newBuilder();
        variables.forEach(
                (name, value) -> environment.addVariablesBuilder().setName(name).setValue(value));
        return environment.build();
    }

    static Labels labels(Map<String, String> labels) {
        Labels.Builder message = Labels.newBuilder();
        labels.forEach((key, value) -> message.addLabelsBuilder().setKey(key).setValue(value));
        return message.build();
    }

    private static DiscoveryInfo discovery(App app, List<TaskPort> ports) {
        Ports.Builder list = Ports.newBuilder();
        for (TaskPort port : ports) {
            for (String protocol : port.protocol().split(",", -1)) {
                var message = list.addPortsBuilder().setNumber(port.reachable()).setProtocol(protocol);
                if (port.name() != null) {
                    message.setName(port.name());
                }
                Labels.Builder labels = labels(port.labels()).toBuilder();
                if (!app.networking().isHost()) {
                    labels.addLabelsBuilder()
                            .setKey("network-scope")
                            .setValue(port.hostPort() > 0 ? "host" : "container");
                    Networking.Network network = app.networking().networks().get(0);
                    if (port.hostPort() == 0 && network.name() != null) {
                        labels.addLabelsBuilder().setKey("network-name").setValue(network.name());
                    }
                }
                if (labels.getLabelsCount() > 0) {
                    message.setLabels(labels);
                }
            }
        }
        return DiscoveryInfo.newBuilder()
                .setVisibility(DiscoveryInfo.Visibility.FRAMEWORK)
                .setName(app.id().reversed())
                .setPorts(list)
                .build();
    }

    private static void addLimits(App app, TaskInfo.Builder task) {
        Double cpus = app.sizing().cpusLimit();
        Double mem = app.sizing().memLimit();
        if (cpus != null) {
            task.putLimits("cpus", Value.Scalar.newBuilder().setValue(cpus).build());
        }
        if (mem != null) {
            task.putLimits("mem", Value.Scalar.newBuilder().setValue(mem).build());
        }
    }
}
