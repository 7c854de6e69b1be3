package io.paddock.master.core;

import io.paddock.common.Users;
import io.paddock.common.resources.Resources;
import io.paddock.master.core.snapshot.ClusterChange;
import io.paddock.proto.domain.ResourceMessages;
import io.paddock.proto.domain.WithoutSecrets;
import io.paddock.proto.link.RunTasks;
import io.paddock.proto.link.ToAgent;
import io.paddock.proto.v1.ExecutorInfo;
import io.paddock.proto.v1.FrameworkInfo;
import io.paddock.proto.v1.Offer;
import io.paddock.proto.v1.Task;
import io.paddock.proto.v1.TaskInfo;
import io.paddock.proto.v1.TaskState;
import io.paddock.proto.v1.TaskStatus;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * LAUNCH and LAUNCH_GROUP: a valid task takes its resources from the accepted offers, gets onto the books as STAGING and
 * goes to its agent; an invalid one costs nothing and is answered with TASK_ERROR.
 */
final class Launches {
    private final Outbox outbox;
    private final Authorization authorization;

    Launches(Outbox outbox, Authorization authorization) {
        this.outbox = outbox;
        this.authorization = authorization;
    }

    /** A task and its resources, allocated to the offer's role. */
    private record Prepared(TaskInfo info, Resources resources) {}

    void launch(Instant now, Acceptance.Pool pool, Offer.Operation operation) {
        for (TaskInfo task : operation.getLaunch().getTaskInfosList()) {
            ExecutorInfo executor = task.hasExecutor() ? task.getExecutor() : null;
            Optional<String> unauthorized = authorization.task(pool.framework().info(), task, executor);
            if (unauthorized.isPresent()) {
                refuse(now, pool, task, TaskStatus.Reason.REASON_TASK_UNAUTHORIZED, unauthorized.get());
                continue;
            }
            Optional<String> invalid = operation.hasId()
                    ? Optional.of("operation.id: must not be set for LAUNCH")
                    : new TaskValidation(pool.framework(), pool.agent()).checkTask(task);
            invalid = invalid.or(() -> takeAndRun(pool, task));
            invalid.ifPresent(
                    why -> refuse(now, pool, task, TaskStatus.Reason.REASON_TASK_INVALID, "Task is invalid: " + why));
        }
    }

    private Optional<String> takeAndRun(Acceptance.Pool pool, TaskInfo given) {
        try {
            Resources resources = FrameworkFormat.incoming(given.getResourcesList(), pool.role());
            Optional<String> invalid = TaskValidation.checkResources("resources", resources);
            if (invalid.isPresent()) {
                return invalid;
            }
            TaskInfo.Builder task = complete(given, resources);
            ExecutorStart executor =
                    given.hasExecutor() ? executorStart(pool, given.getExecutor()) : ExecutorStart.NONE;
            Optional<String> tooLittle = executor.invalid()
                    .or(() -> TaskValidation.checkQuantities(
                            "resources and executor.resources", resources.plus(executor.held())))
                    .or(() -> pool.take(List.of(resources, executor.resources())));
            if (tooLittle.isPresent()) {
                return tooLittle;
            }
            if (executor.info() != null) {
                task.setExecutor(executor.info());
            }
            start(pool, executor);
            List<Prepared> one = List.of(new Prepared(task.build(), resources));
            run(pool, one, null, executor.info() != null && executor.running());
            return Optional.empty();
        } catch (IllegalArgumentException e) {
            return Optional.of("resources: " + e.getMessage());
        }
    }

    void launchGroup(Instant now, Acceptance.Pool pool, Offer.Operation operation) {
        Offer.Operation.LaunchGroup group = operation.getLaunchGroup();
        List<TaskInfo> tasks = group.getTaskGroup().getTasksList();
        for (TaskInfo task : tasks) {
            Optional<String> unauthorized = authorization.task(pool.framework().info(), task, group.getExecutor());
            if (unauthorized.isPresent()) {
                tasks.forEach(each ->
                        refuse(now, pool, each, TaskStatus.Reason.REASON_TASK_GROUP_UNAUTHORIZED, unauthorized.get()));
                return;
            }
        }
        Optional<String> invalid = operation.hasId()
                ? Optional.of("operation.id: must not be set for LAUNCH_GROUP")
                : checkGroup(pool, group);
        invalid = invalid.or(() -> takeAndRunGroup(pool, group));
        invalid.ifPresent(why -> tasks.forEach(task ->
                refuse(now, pool, task, TaskStatus.Reason.REASON_TASK_GROUP_INVALID, "Task is invalid: " + why)));
    }

    private static Optional<String> checkGroup(Acceptance.Pool pool, Offer.Operation.LaunchGroup group) {
        TaskValidation validation = new TaskValidation(pool.framework(), pool.agent());
        Optional<String> invalid = validation.checkGroupExecutor(group.getExecutor());
        if (invalid.isPresent()) {
            return invalid;
        }
        if (group.getTaskGroup().getTasksCount() == 0) {
            return Optional.of("task_group.tasks: must not be empty");
        }
        Set<String> ids = new HashSet<>();
        for (TaskInfo task : group.getTaskGroup().getTasksList()) {
            String id = task.getTaskId().getValue();
            invalid = validation.checkGroupTask(task).map(why -> "task '" + id + "': " + why);
            if (invalid.isPresent()) {
                return invalid;
            }
            if (!ids.add(id)) {
                return Optional.of("task_id: '" + id + "' is used twice in the group");
            }
        }
        return TaskValidation.checkSharedCgroups(
                group.getTaskGroup().getTasksList(), tasksOf(pool, group.getExecutor()));
    }

    /** The unfinished tasks of an executor that is there already. */
    private static List<TrackedTask> tasksOf(Acceptance.Pool pool, ExecutorInfo executor) {
        Agent.ExecutorKey key = key(pool, executor);
        if (!pool.agent().executors.containsKey(key)) {
            return List.of();
        }
        return pool.agent().tasks.stream()
                .filter(task -> task.frameworkId.equals(key.frameworkId())
                        && key.executorId().equals(task.executorId)
                        && !task.isTerminal())
                .toList();
    }

    private Optional<String> takeAndRunGroup(Acceptance.Pool pool, Offer.Operation.LaunchGroup group) {
        try {
            List<Prepared> prepared = new ArrayList<>();
            ExecutorStart executor = executorStart(pool, group.getExecutor());
            List<Resources> needed = new ArrayList<>(List.of(executor.resources()));
            for (TaskInfo given : group.getTaskGroup().getTasksList()) {
                Resources resources = FrameworkFormat.incoming(given.getResourcesList(), pool.role());
                Optional<String> invalid = TaskValidation.checkResources(
                        "task '" + given.getTaskId().getValue() + "': resources", resources);
                if (invalid.isPresent()) {
                    return invalid;
                }
                needed.add(resources);
                prepared.add(new Prepared(complete(given, resources).build(), resources));
            }
            Resources all = needed.stream().reduce(executor.held(), Resources::plus);
            Optional<String> tooLittle = executor.invalid()
                    .or(() -> TaskValidation.checkQuantities("resources of tasks and executor", all))
                    .or(() -> pool.take(needed));
            if (tooLittle.isPresent()) {
                return tooLittle;
            }
            start(pool, executor);
            run(pool, prepared, executor.info(), executor.running());
            return Optional.empty();
        } catch (IllegalArgumentException e) {
            return Optional.of("resources: " + e.getMessage());
        }
    }

    /**
     * What an executor needs to start.
     *
     * @param resources empty when it already runs there
     * @param held what it has then, or else will have
     */
    private record ExecutorStart(
            @Nullable ExecutorInfo info,
            Resources resources,
            Resources held,
            boolean running,
            Optional<String> invalid) {
        static final ExecutorStart NONE =
                new ExecutorStart(null, Resources.EMPTY, Resources.EMPTY, true, Optional.empty());
    }

    private static ExecutorStart executorStart(Acceptance.Pool pool, ExecutorInfo given) {
        Resources resources = FrameworkFormat.incoming(given.getResourcesList(), pool.role());
        Agent.HeldExecutor running = pool.agent().executors.get(key(pool, given));
        if (running != null) {
            return new ExecutorStart(
                    running.info(), Resources.EMPTY, running.resources(), true, differs(pool, running, resources));
        }
        ExecutorInfo info = given.toBuilder()
                .setFrameworkId(pool.framework().info().getId())
                .clearResources()
                .addAllResources(ResourceMessages.toMessages(resources))
                .build();
        return new ExecutorStart(
                info, resources, resources, false, TaskValidation.checkQuantities("executor.resources", resources));
    }

    /** An executor cannot be given more or less than it was started with. */
    private static Optional<String> differs(Acceptance.Pool pool, Agent.HeldExecutor running, Resources given) {
        Resources has = running.resources().unallocated();
        return given.unallocated().equals(has)
                ? Optional.empty()
                : Optional.of("executor.resources: '"
                        + running.info().getExecutorId().getValue() + "' already runs on agent " + pool.agent().id
                        + " with " + has + ", but the call gives it " + given.unallocated());
    }

    private static Agent.ExecutorKey key(Acceptance.Pool pool, ExecutorInfo executor) {
        return new Agent.ExecutorKey(
                pool.framework().id, executor.getExecutorId().getValue());
    }

    private static void start(Acceptance.Pool pool, ExecutorStart executor) {
        ExecutorInfo info = executor.info();
        if (info != null && !executor.running()) {
            Holdings.hold(
                    pool.agent(),
                    pool.framework(),
                    key(pool, info),
                    new Agent.HeldExecutor(info, pool.role(), executor.resources()));
            pool.agent().unconfirmedExecutors.add(key(pool, info));
        }
    }

    /** Resources in our format; the type of a health check is inferred when an older client left it out. */
    private static TaskInfo.Builder complete(TaskInfo given, Resources resources) {
        TaskInfo.Builder task =
                given.toBuilder().clearResources().addAllResources(ResourceMessages.toMessages(resources));
        if (given.hasHealthCheck() && !given.getHealthCheck().hasType()) {
            task.getHealthCheckBuilder().setType(TaskValidation.typeOf(given.getHealthCheck()));
        }
        return task;
    }

    private void run(
            Acceptance.Pool pool, List<Prepared> tasks, @Nullable ExecutorInfo groupExecutor, boolean executorRunning) {
        RunTasks.Builder run =
                RunTasks.newBuilder().setFramework(pool.framework().info());
        if (groupExecutor != null) {
            run.setGroupExecutor(groupExecutor);
        }
        if (executorRunning) {
            run.setExecutorRunning(true);
        }
        for (Prepared task : tasks) {
            run.addTasks(task.info());
            TrackedTask tracked =
                    new TrackedTask(staging(pool, task.info(), groupExecutor), pool.role(), task.resources());
            Holdings.hold(pool.agent(), pool.framework(), tracked);
            outbox.publish(new ClusterChange.TaskAdded(tracked.message()));
        }
        outbox.send(pool.agent(), ToAgent.newBuilder().setRunTasks(run));
    }

    private static Task staging(Acceptance.Pool pool, TaskInfo info, @Nullable ExecutorInfo groupExecutor) {
        Task.Builder task = Task.newBuilder()
                .setName(info.getName())
                .setTaskId(info.getTaskId())
                .setFrameworkId(pool.framework().info().getId())
                .setAgentId(info.getAgentId())
                .setState(TaskState.TASK_STAGING)
                .addAllResources(info.getResourcesList())
                .putAllLimits(info.getLimitsMap());
        ExecutorInfo executor = info.hasExecutor() ? info.getExecutor() : groupExecutor;
        if (executor != null) {
            task.setExecutorId(executor.getExecutorId());
        }
        if (info.hasLabels()) {
            task.setLabels(info.getLabels());
        }
        if (info.hasDiscovery()) {
            task.setDiscovery(info.getDiscovery());
        }
        if (info.hasContainer()) {
            task.setContainer(WithoutSecrets.of(info.getContainer()));
        }
        if (info.hasHealthCheck()) {
            task.setHealthCheck(WithoutSecrets.of(info.getHealthCheck()));
        }
        if (info.hasKillPolicy()) {
            task.setKillPolicy(info.getKillPolicy());
        }
        task.setUser(userOf(pool.framework().info(), info, executor));
        return task.build();
    }

    /** Whom a task runs as: its command's user, or that of its executor's, or else the framework's. */
    static String userOf(FrameworkInfo framework, TaskInfo task, @Nullable ExecutorInfo executor) {
        String commandUser = task.hasCommand()
                ? task.getCommand().getUser()
                : executor == null ? "" : executor.getCommand().getUser();
        return Users.of(commandUser, framework.getUser());
    }

    private void refuse(Instant now, Acceptance.Pool pool, TaskInfo task, TaskStatus.Reason reason, String why) {
        outbox.refuse(
                pool.framework(), Statuses.refused(now, pool.framework(), task, TaskState.TASK_ERROR, reason, why));
    }
}
