package io.paddock.master.core;

import io.paddock.common.Identifiers;
import io.paddock.common.Rejection;
import io.paddock.common.resources.Quantity;
import io.paddock.common.resources.ResourceKey;
import io.paddock.common.resources.Resources;
import io.paddock.proto.domain.ResourceMessages;
import io.paddock.proto.v1.AgentInfo;
import io.paddock.proto.v1.CheckInfo;
import io.paddock.proto.v1.ContainerInfo;
import io.paddock.proto.v1.ExecutorInfo;
import io.paddock.proto.v1.HealthCheck;
import io.paddock.proto.v1.TaskInfo;
import io.paddock.proto.v1.Value;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a task must satisfy to be launched, by itself and on that agent (whether its resources are offered is checked when
 * they are taken). Each check answers why the task is invalid. Source: the task validation of the Mesos v1 API.
 */
final class TaskValidation {
    private static final double MIN_EXECUTOR_CPUS = 0.01;
    private static final double MIN_EXECUTOR_MEM = 32;
    private static final int MAX_PORT = 65535;

    private final Framework framework;
    private final Agent agent;

    TaskValidation(Framework framework, Agent agent) {
        this.framework = framework;
        this.agent = agent;
    }

    /** A task of LAUNCH. */
    Optional<String> checkTask(TaskInfo task) {
        return checkIdentity(task)
                .or(() -> checkCommandOrExecutor(task))
                .or(() -> task.hasExecutor() ? checkExecutor(task.getExecutor()) : Optional.empty())
                .or(() -> checkLimits(task))
                .or(() -> checkDurations(task));
    }

    /** A task of LAUNCH_GROUP; the executor is checked once with {@link #checkGroupExecutor}. */
    Optional<String> checkGroupTask(TaskInfo task) {
        return checkIdentity(task)
                .or(() -> checkGroupShape(task))
                .or(() -> checkLimits(task))
                .or(() -> checkDurations(task));
    }

    private Optional<String> checkIdentity(TaskInfo task) {
        String id = task.getTaskId().getValue();
        Optional<Rejection> bad = Identifiers.check("task_id", id);
        if (bad.isPresent()) {
            return bad.map(Rejection::message);
        }
        if (framework.tasks.containsKey(id) || framework.unreachableTask(id) != null) {
            return Optional.of("task_id: '" + id + "' is already used by a task of this framework that has not ended");
        }
        if (!task.getAgentId().getValue().equals(agent.id)) {
            return Optional.of("agent_id: '" + task.getAgentId().getValue() + "' is not the agent of the offer, '"
                    + agent.id + "'");
        }
        return Optional.empty();
    }

    private static Optional<String> checkCommandOrExecutor(TaskInfo task) {
        if (task.hasCommand() == task.hasExecutor()) {
            return Optional.of("exactly one of command and executor must be set");
        }
        if (task.hasExecutor()
                && task.getExecutor().hasType()
                && task.getExecutor().getType() != ExecutorInfo.Type.CUSTOM) {
            return Optional.of("executor.type: must be CUSTOM in LAUNCH");
        }
        if (task.hasExecutor() && !task.getExecutor().hasCommand()) {
            return Optional.of("executor.command: must be set");
        }
        return Optional.empty();
    }

    private Optional<String> checkGroupShape(TaskInfo task) {
        if (task.hasExecutor()) {
            return Optional.of("executor: must not be set on a task of a group");
        }
        if (task.hasContainer() && task.getContainer().getType() == ContainerInfo.Type.DOCKER) {
            return Optional.of("container.type: DOCKER is not possible in a task group; use MESOS with an image");
        }
        if (isProbed(task) && task.getContainer().getNetworkInfosCount() > 0) {
            return Optional.of(
                    "container.network_infos: a task of a group with its own network cannot have HTTP or TCP checks");
        }
        if (task.getLimitsCount() > 0 && task.getContainer().getLinuxInfo().getShareCgroups()) {
            return Optional.of("limits: need container.linux_info.share_cgroups false in a task group");
        }
        return Optional.empty();
    }

    private static boolean isProbed(TaskInfo task) {
        CheckInfo.Type check = task.getCheck().getType();
        HealthCheck.Type health = typeOf(task.getHealthCheck());
        return check == CheckInfo.Type.HTTP
                || check == CheckInfo.Type.TCP
                || health == HealthCheck.Type.HTTP
                || health == HealthCheck.Type.TCP;
    }

    /** Inferred when an older client left it out. */
    static HealthCheck.Type typeOf(HealthCheck check) {
        if (check.hasType()) {
            return check.getType();
        }
        if (check.hasCommand()) {
            return HealthCheck.Type.COMMAND;
        }
        return check.hasHttp() ? HealthCheck.Type.HTTP : HealthCheck.Type.UNKNOWN;
    }

    /** The executor of LAUNCH_GROUP. */
    Optional<String> checkGroupExecutor(ExecutorInfo executor) {
        if (!executor.hasType() || executor.getType() == ExecutorInfo.Type.UNKNOWN) {
            return Optional.of("executor.type: must be DEFAULT or CUSTOM in LAUNCH_GROUP");
        }
        if ((executor.getType() == ExecutorInfo.Type.DEFAULT) == executor.hasCommand()) {
            return Optional.of("executor.command: must be set for type CUSTOM and absent for type DEFAULT");
        }
        if (executor.hasContainer() && executor.getContainer().getType() == ContainerInfo.Type.DOCKER) {
            return Optional.of("executor.container.type: must be MESOS in LAUNCH_GROUP");
        }
        return checkExecutor(executor).or(() -> checkGroupExecutorResources(executor));
    }

    /** Mesos only warns of too little for a LAUNCH, but a group's executor has no task of its own to live off. */
    private static Optional<String> checkGroupExecutorResources(ExecutorInfo executor) {
        Resources given;
        try {
            given = ResourceMessages.fromMessages(executor.getResourcesList());
        } catch (IllegalArgumentException e) {
            return Optional.of("executor.resources: " + e.getMessage());
        }
        if (given.scalar("cpus") < MIN_EXECUTOR_CPUS
                || given.scalar("mem") < MIN_EXECUTOR_MEM
                || given.thousandths("disk") == 0) {
            return Optional.of("executor.resources: at least " + MIN_EXECUTOR_CPUS + " cpus, " + MIN_EXECUTOR_MEM
                    + " MB mem and some disk are needed in LAUNCH_GROUP, but they are " + given);
        }
        return Optional.empty();
    }

    /** Tasks of one executor share its cgroups or have their own, all alike. */
    static Optional<String> checkSharedCgroups(List<TaskInfo> group, Collection<TrackedTask> running) {
        boolean shares = group.get(0).getContainer().getLinuxInfo().getShareCgroups();
        boolean alike = group.stream()
                        .allMatch(task -> task.getContainer().getLinuxInfo().getShareCgroups() == shares)
                && running.stream()
                        .allMatch(task ->
                                task.message().getContainer().getLinuxInfo().getShareCgroups() == shares);
        return alike
                ? Optional.empty()
                : Optional.of("container.linux_info.share_cgroups: must be the same for all tasks of an executor");
    }

    private Optional<String> checkExecutor(ExecutorInfo executor) {
        String id = executor.getExecutorId().getValue();
        Optional<Rejection> bad = Identifiers.check("executor.executor_id", id);
        if (bad.isPresent()) {
            return bad.map(Rejection::message);
        }
        if (executor.hasFrameworkId() && !executor.getFrameworkId().getValue().equals(framework.id)) {
            return Optional.of("executor.framework_id: '"
                    + executor.getFrameworkId().getValue() + "' is not this framework, '" + framework.id + "'");
        }
        Agent.HeldExecutor running = agent.executors.get(new Agent.ExecutorKey(framework.id, id));
        if (running != null && !sameExecutor(running.info(), executor)) {
            return Optional.of("executor: '" + id + "' already runs on agent " + agent.id
                    + " with a different ExecutorInfo; use another executor_id");
        }
        return Optional.empty();
    }

    /** Equal but for resources, whose format may differ, and what the master fills in. */
    private static boolean sameExecutor(ExecutorInfo a, ExecutorInfo b) {
        return a.toBuilder()
                .clearFrameworkId()
                .clearResources()
                .build()
                .equals(b.toBuilder().clearFrameworkId().clearResources().build());
    }

    private Optional<String> checkLimits(TaskInfo task) {
        if (task.getLimitsCount() == 0) {
            return Optional.empty();
        }
        if (agent.capabilities().stream()
                .noneMatch(c -> c.getType() == AgentInfo.Capability.Type.TASK_RESOURCE_LIMITS)) {
            return Optional.of("limits: agent " + agent.id + " does not support task resource limits");
        }
        for (Map.Entry<String, Value.Scalar> limit : task.getLimitsMap().entrySet()) {
            if (!limit.getKey().equals("cpus") && !limit.getKey().equals("mem")) {
                return Optional.of("limits." + limit.getKey() + ": only cpus and mem can be limited");
            }
            double requested = task.getResourcesList().stream()
                    .filter(r -> r.getName().equals(limit.getKey()))
                    .mapToDouble(r -> r.getScalar().getValue())
                    .sum();
            if (!(limit.getValue().getValue() >= requested)) {
                return Optional.of("limits." + limit.getKey() + ": "
                        + limit.getValue().getValue() + " is below the requested " + requested);
            }
        }
        return Optional.empty();
    }

    private static Optional<String> checkDurations(TaskInfo task) {
        if (task.getKillPolicy().getGracePeriod().getNanoseconds() < 0) {
            return Optional.of("kill_policy.grace_period: must not be negative");
        }
        if (task.getMaxCompletionTime().getNanoseconds() < 0) {
            return Optional.of("max_completion_time: must not be negative");
        }
        Optional<String> shape = checkShape(task);
        if (shape.isPresent()) {
            return shape;
        }
        CheckInfo check = task.getCheck();
        if (check.getDelaySeconds() < 0 || check.getIntervalSeconds() < 0 || check.getTimeoutSeconds() < 0) {
            return Optional.of("check: delay_seconds, interval_seconds and timeout_seconds must not be negative");
        }
        HealthCheck health = task.getHealthCheck();
        if (health.getDelaySeconds() < 0
                || health.getIntervalSeconds() < 0
                || health.getTimeoutSeconds() < 0
                || health.getGracePeriodSeconds() < 0) {
            return Optional.of("health_check: delay_seconds, interval_seconds, timeout_seconds and"
                    + " grace_period_seconds must not be negative");
        }
        return Optional.empty();
    }

    private static Optional<String> checkShape(TaskInfo task) {
        CheckInfo check = task.getCheck();
        boolean checks =
                switch (check.getType()) {
                    case COMMAND -> check.hasCommand();
                    case HTTP -> check.hasHttp();
                    case TCP -> check.hasTcp();
                    case UNKNOWN -> false;
                };
        if (task.hasCheck() && !checks) {
            return Optional.of("check: must have a type and the part of that type");
        }
        HealthCheck health = task.getHealthCheck();
        HealthCheck.Type type = typeOf(health);
        boolean probes =
                switch (type) {
                    case COMMAND -> health.hasCommand();
                    case HTTP -> health.hasHttp();
                    case TCP -> health.hasTcp();
                    case UNKNOWN -> false;
                };
        if (task.hasHealthCheck() && !probes) {
            return Optional.of("health_check: must have a type and the part of that type");
        }
        Optional<String> bad =
                switch (check.getType()) {
                    case HTTP -> checkPort("check.http.port", check.getHttp().getPort());
                    case TCP -> checkPort("check.tcp.port", check.getTcp().getPort());
                    case COMMAND, UNKNOWN -> Optional.empty();
                };
        return bad.or(() -> switch (type) {
            case HTTP -> checkPort("health_check.http.port", health.getHttp().getPort());
            case TCP -> checkPort("health_check.tcp.port", health.getTcp().getPort());
            case COMMAND, UNKNOWN -> Optional.empty();
        });
    }

    private static Optional<String> checkPort(String path, int port) {
        return port < 1 || port > MAX_PORT
                ? Optional.of(path + ": must be 1 to " + MAX_PORT + ", got " + Integer.toUnsignedString(port))
                : Optional.empty();
    }

    /** The resources of a task or executor, by themselves. */
    static Optional<String> checkResources(String path, Resources resources) {
        if (resources.isEmpty()) {
            return Optional.of(path + ": must not be empty");
        }
        return checkQuantities(path, resources);
    }

    static Optional<String> checkQuantities(String path, Resources resources) {
        for (Map.Entry<ResourceKey, Quantity> e : resources.amounts().entrySet()) {
            ResourceKey key = e.getKey();
            if (key.name().equals("gpus") && resources.thousandths("gpus") % 1000 != 0) {
                return Optional.of(path + ".gpus: must be a whole number");
            }
            boolean mixed = resources.amounts().keySet().stream()
                    .anyMatch(other -> other.name().equals(key.name()) && other.revocable() != key.revocable());
            if (mixed) {
                return Optional.of(path + "." + key.name() + ": revocable and non-revocable must not be mixed");
            }
        }
        return Optional.empty();
    }
}
