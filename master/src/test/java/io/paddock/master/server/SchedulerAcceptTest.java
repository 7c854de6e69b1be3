package io.paddock.master.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.paddock.common.resources.Resources;
import io.paddock.platform.http.WireFormat;
import io.paddock.proto.domain.ResourceMessages;
import io.paddock.proto.link.ToAgent;
import io.paddock.proto.v1.CheckInfo;
import io.paddock.proto.v1.CommandInfo;
import io.paddock.proto.v1.ContainerInfo;
import io.paddock.proto.v1.DurationInfo;
import io.paddock.proto.v1.ExecutorInfo;
import io.paddock.proto.v1.Filters;
import io.paddock.proto.v1.FrameworkID;
import io.paddock.proto.v1.HealthCheck;
import io.paddock.proto.v1.LinuxInfo;
import io.paddock.proto.v1.NetworkInfo;
import io.paddock.proto.v1.Offer;
import io.paddock.proto.v1.OfferID;
import io.paddock.proto.v1.OperationID;
import io.paddock.proto.v1.OperationState;
import io.paddock.proto.v1.OperationStatus;
import io.paddock.proto.v1.Resource;
import io.paddock.proto.v1.TaskGroupInfo;
import io.paddock.proto.v1.TaskID;
import io.paddock.proto.v1.TaskInfo;
import io.paddock.proto.v1.TaskState;
import io.paddock.proto.v1.TaskStatus;
import io.paddock.proto.v1.Value;
import io.paddock.proto.v1.Volume;
import io.paddock.proto.v1.scheduler.Call;
import io.paddock.proto.v1.scheduler.Event;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** ACCEPT: what is wrong with a task, a group or an operation is told to whoever asked, in its own format. */
class SchedulerAcceptTest extends SchedulerContract {
    @ParameterizedTest
    @EnumSource(WireFormat.class)
    void acceptLaunchesAGroupWholeOrNotAtAll(WireFormat format) {
        subscribe(format);
        Offer offer = offer();
        Offer.Operation.LaunchGroup.Builder group = Offer.Operation.LaunchGroup.newBuilder()
                .setExecutor(executor("pod").setType(ExecutorInfo.Type.DEFAULT))
                .setTaskGroup(TaskGroupInfo.newBuilder()
                        .addTasks(task("a", offer))
                        .addTasks(task("b", offer).setAgentId(agentId("elsewhere"))));
        Offer.Operation.Builder operation = Offer.Operation.newBuilder()
                .setType(Offer.Operation.Type.LAUNCH_GROUP)
                .setLaunchGroup(group);
        Call.Builder bad = accept(operation);
        bad.getAcceptBuilder().setFilters(Filters.newBuilder().setRefuseSeconds(0));
        accepted(bad);
        await().until(() -> scheduler.updates().size() == 2);
        assertThat(scheduler.updates())
                .allSatisfy(status ->
                        assertThat(status.getReason()).isEqualTo(TaskStatus.Reason.REASON_TASK_GROUP_INVALID));
        await().until(() -> scheduler.offers().size() == 2);
        group.getTaskGroupBuilder().getTasksBuilder(1).setAgentId(offer.getAgentId());
        accepted(accept(operation.setLaunchGroup(group)));
        await().until(() -> told(ToAgent.MessageCase.RUN_TASKS)
                .anyMatch(m ->
                        m.getRunTasks().getTasksCount() == 2 && m.getRunTasks().hasGroupExecutor()));
    }

    /** A task or a group that is not good, and the field or the reason that its refusal names. */
    private record Bad<B>(String what, String why, Consumer<B> change) {}

    private static Bad<TaskInfo.Builder> bad(String what, String why, Consumer<TaskInfo.Builder> change) {
        return new Bad<>(what, why, change);
    }

    private static List<Resource> resources(String text) {
        return ResourceMessages.toMessages(Resources.parse(text));
    }

    private static Resource.Builder scalar(String name, double value) {
        return Resource.newBuilder()
                .setName(name)
                .setType(Value.Type.SCALAR)
                .setScalar(Value.Scalar.newBuilder().setValue(value));
    }

    private static TaskID taskId(String value) {
        return TaskID.newBuilder().setValue(value).build();
    }

    private static DurationInfo.Builder nanos(long nanos) {
        return DurationInfo.newBuilder().setNanoseconds(nanos);
    }

    private static Value.Scalar limit(double value) {
        return Value.Scalar.newBuilder().setValue(value).build();
    }

    private static ExecutorInfo.Builder custom(String id) {
        return executor(id).setCommand(CommandInfo.newBuilder().setValue("./e"));
    }

    private static ContainerInfo.Builder container(ContainerInfo.Type type) {
        return ContainerInfo.newBuilder().setType(type);
    }

    @SuppressWarnings("deprecation") // the field of old clients
    private static List<Bad<TaskInfo.Builder>> badTasks() {
        List<Bad<TaskInfo.Builder>> rows = new ArrayList<>(List.of(
                bad("neither command nor executor", "command and executor", t -> t.clearCommand()),
                bad("both", "command and executor", t -> t.setExecutor(custom("e"))),
                bad(
                        "an executor without a command",
                        "executor.command",
                        t -> t.clearCommand().setExecutor(executor("e"))),
                bad(
                        "a built-in executor",
                        "executor.type",
                        t -> t.clearCommand().setExecutor(executor("e").setType(ExecutorInfo.Type.DEFAULT))),
                bad(
                        "a bad executor id",
                        "executor.executor_id",
                        t -> t.clearCommand().setExecutor(custom("a/b"))),
                bad(
                        "another framework's executor",
                        "executor.framework_id",
                        t -> t.clearCommand()
                                .setExecutor(custom("e")
                                        .setFrameworkId(FrameworkID.newBuilder().setValue("x")))),
                bad("another agent", "agent_id", t -> t.setAgentId(agentId("elsewhere"))),
                bad("the id of a task that is there", "already used", t -> t.setTaskId(taskId("good"))),
                bad("no resources", "resources: must not be empty", t -> t.clearResources()),
                bad("nameless resources", "without a name", t -> t.addResources(scalar("", 1))),
                bad("less than nothing", "must be a finite number", t -> t.addResources(scalar("x", -1))),
                bad(
                        "a scalar without one",
                        "type SCALAR",
                        t -> t.addResources(scalar("x", 1).clearScalar())),
                bad(
                        "resources of another role",
                        "allocated to role 'other'",
                        t -> t.addResources(scalar("disk", 1)
                                .setAllocationInfo(
                                        Resource.AllocationInfo.newBuilder().setRole("other")))),
                bad(
                        "both formats at once",
                        "not both",
                        t -> t.addResources(scalar("disk", 1)
                                .setRole("r")
                                .addReservations(
                                        Resource.ReservationInfo.newBuilder().setRole("r")))),
                bad(
                        "a reservation for all",
                        "a role other than *",
                        t -> t.addResources(
                                scalar("disk", 1).setReservation(Resource.ReservationInfo.getDefaultInstance()))),
                bad(
                        "a reserved role that is none",
                        "role",
                        t -> t.addResources(scalar("disk", 1).setRole("a b"))),
                bad("more than is offered", "more resources", t -> t.addResources(scalar("cpus", 5000))),
                bad("what is not offered", "more resources", t -> t.addAllResources(resources("ports:[1-2]"))),
                bad("half a gpu", "gpus", t -> t.addResources(scalar("gpus", 0.5))),
                bad(
                        "what may be taken away beside what may not",
                        "revocable",
                        t -> t.addResources(
                                scalar("cpus", 1).setRevocable(Resource.RevocableInfo.getDefaultInstance()))),
                bad(
                        "the same between task and executor",
                        "revocable",
                        t -> t.clearCommand()
                                .setExecutor(custom("e")
                                        .clearResources()
                                        .addResources(scalar("cpus", 1)
                                                .setRevocable(Resource.RevocableInfo.getDefaultInstance())))),
                bad("a limit of disk", "limits.disk", t -> t.putLimits("disk", limit(5))),
                bad("a limit below the request", "limits.cpus", t -> t.putLimits("cpus", limit(0.5))),
                bad(
                        "no time to be killed",
                        "kill_policy",
                        t -> t.getKillPolicyBuilder().setGracePeriod(nanos(-1))),
                bad("no time to complete", "max_completion_time", t -> t.setMaxCompletionTime(nanos(-1))),
                bad("a check without type", "check", t -> t.setCheck(CheckInfo.getDefaultInstance())),
                bad(
                        "a check without its part",
                        "check",
                        t -> t.getCheckBuilder().setType(CheckInfo.Type.HTTP)),
                bad(
                        "a check in the past",
                        "check",
                        t -> t.getCheckBuilder()
                                .setType(CheckInfo.Type.TCP)
                                .setDelaySeconds(-1)
                                .getTcpBuilder()
                                .setPort(1)),
                bad(
                        "a check of no port",
                        "check.tcp.port: must be 1 to 65535, got 65536",
                        t -> t.getCheckBuilder()
                                .setType(CheckInfo.Type.TCP)
                                .getTcpBuilder()
                                .setPort(65536)),
                bad(
                        "a health check of no port",
                        "health_check.http.port: must be 1 to 65535, got 0",
                        t -> t.getHealthCheckBuilder()
                                .setType(HealthCheck.Type.HTTP)
                                .getHttpBuilder()
                                .setPort(0)),
                bad(
                        "a health check without type",
                        "health_check",
                        t -> t.getHealthCheckBuilder().getTcpBuilder().setPort(1)),
                bad(
                        "a health check in the past",
                        "health_check",
                        t -> t.getHealthCheckBuilder()
                                .setGracePeriodSeconds(-1)
                                .getHttpBuilder()
                                .setPort(1))));
        for (String id : NO_IDS) {
            rows.add(bad("the id '" + id + "'", "task_id", t -> t.setTaskId(taskId(id))));
        }
        return rows;
    }

    @ParameterizedTest
    @EnumSource(WireFormat.class)
    void aBadTaskIsAnErrorAndCostsTheOthersNothing(WireFormat format) {
        subscribe(format);
        List<Bad<TaskInfo.Builder>> rows = badTasks();
        Offer.Operation.Builder launch = launch(task("good", offer()));
        for (Bad<TaskInfo.Builder> row : rows) {
            TaskInfo.Builder task = task(row.what().replace(' ', '-'), offer());
            row.change().accept(task);
            launch.getLaunchBuilder().addTaskInfos(task);
        }
        launch.getLaunchBuilder().addTaskInfos(task("last", offer()));
        accepted(accept(
                launch,
                launch(task("named", offer())).setId(OperationID.newBuilder().setValue("op"))));
        await().until(() -> scheduler.updates().stream()
                .anyMatch(status -> status.getTaskId().getValue().equals("named")));
        assertRefused(
                Stream.concat(rows.stream(), Stream.of(bad("an operation id", "operation.id", t -> {})))
                        .toList(),
                1,
                TaskStatus.Reason.REASON_TASK_INVALID);
        await().until(() -> told(ToAgent.MessageCase.RUN_TASKS).count() == 2);
        assertThat(told(ToAgent.MessageCase.RUN_TASKS))
                .extracting(m -> m.getRunTasks().getTasks(0).getTaskId().getValue())
                .containsExactly("good", "last");
    }

    /** Each row was answered in its turn, for each of its tasks. */
    private void assertRefused(List<? extends Bad<?>> rows, int tasks, TaskStatus.Reason reason) {
        List<TaskStatus> told = scheduler.updates();
        for (int i = 0; i < told.size(); i++) {
            Bad<?> row = rows.get(i / tasks);
            assertThat(told.get(i).getMessage()).as(row.what()).contains(row.why());
            assertThat(told.get(i).getState()).as(row.what()).isEqualTo(TaskState.TASK_ERROR);
            assertThat(told.get(i).getReason()).as(row.what()).isEqualTo(reason);
            assertThat(told.get(i).getSource()).as(row.what()).isEqualTo(TaskStatus.Source.SOURCE_MASTER);
            assertThat(told.get(i).hasUuid()).as(row.what()).isFalse();
        }
        assertThat(told).hasSize(rows.size() * tasks);
    }

    /** Older clients leave the type of a health check out. */
    @ParameterizedTest
    @EnumSource(WireFormat.class)
    void theTypeOfAHealthCheckIsInferred(WireFormat format) {
        subscribe(format);
        TaskInfo.Builder http = task("http", offer());
        http.getHealthCheckBuilder().getHttpBuilder().setPort(80);
        TaskInfo.Builder command = task("command", offer());
        command.getHealthCheckBuilder().getCommandBuilder().setValue("true");
        accepted(accept(launch(http), launch(command)));
        await().until(() -> told(ToAgent.MessageCase.RUN_TASKS).count() == 2);
        assertThat(told(ToAgent.MessageCase.RUN_TASKS))
                .extracting(m -> m.getRunTasks().getTasks(0).getHealthCheck().getType())
                .containsExactly(HealthCheck.Type.HTTP, HealthCheck.Type.COMMAND);
    }

    private static Bad<Offer.Operation.LaunchGroup.Builder> badGroup(
            String what, String why, Consumer<Offer.Operation.LaunchGroup.Builder> change) {
        return new Bad<>(what, why, change);
    }

    private static Bad<Offer.Operation.LaunchGroup.Builder> badExecutor(
            String what, String why, Consumer<ExecutorInfo.Builder> change) {
        return badGroup(what, why, group -> change.accept(group.getExecutorBuilder()));
    }

    private static Bad<Offer.Operation.LaunchGroup.Builder> badMember(
            String what, String why, Consumer<TaskInfo.Builder> change) {
        return badGroup(
                what, why, group -> change.accept(group.getTaskGroupBuilder().getTasksBuilder(1)));
    }

    private static List<Bad<Offer.Operation.LaunchGroup.Builder>> badGroups() {
        return List.of(
                badExecutor("no type", "executor.type", e -> e.clearType()),
                badExecutor("a type nobody knows", "executor.type", e -> e.setType(ExecutorInfo.Type.UNKNOWN)),
                badExecutor(
                        "built in, with a command",
                        "executor.command",
                        e -> e.getCommandBuilder().setValue("./e")),
                badExecutor("custom, without one", "executor.command", e -> e.setType(ExecutorInfo.Type.CUSTOM)),
                badExecutor(
                        "a Docker container",
                        "executor.container.type",
                        e -> e.setContainer(container(ContainerInfo.Type.DOCKER))),
                badExecutor("no resources", "executor.resources", e -> e.clearResources()),
                badExecutor(
                        "no disk",
                        "executor.resources",
                        e -> e.clearResources().addAllResources(resources("cpus:1;mem:32"))),
                badExecutor(
                        "too little cpus",
                        "executor.resources",
                        e -> e.clearResources().addAllResources(resources("cpus:0.001;mem:32;disk:1"))),
                badExecutor(
                        "too little memory",
                        "executor.resources",
                        e -> e.clearResources().addAllResources(resources("cpus:1;mem:31;disk:1"))),
                badMember("an executor of its own", "executor", t -> t.setExecutor(custom("e"))),
                badMember("a Docker task", "container.type", t -> t.setContainer(container(ContainerInfo.Type.DOCKER))),
                badMember("HTTP health in its own network", "network_infos", t -> {
                    t.setContainer(container(ContainerInfo.Type.MESOS)
                            .addNetworkInfos(NetworkInfo.newBuilder().setName("n")));
                    t.getHealthCheckBuilder()
                            .setType(HealthCheck.Type.HTTP)
                            .getHttpBuilder()
                            .setPort(1);
                }),
                badMember("a TCP check in its own network", "network_infos", t -> {
                    t.setContainer(container(ContainerInfo.Type.MESOS)
                            .addNetworkInfos(NetworkInfo.newBuilder().setName("n")));
                    t.getCheckBuilder()
                            .setType(CheckInfo.Type.TCP)
                            .getTcpBuilder()
                            .setPort(1);
                }),
                badMember("limits in shared cgroups", "share_cgroups", t -> t.putLimits("cpus", limit(2))),
                badMember(
                        "cgroups shared by some",
                        "share_cgroups",
                        t -> t.setContainer(container(ContainerInfo.Type.MESOS)
                                .setLinuxInfo(LinuxInfo.newBuilder().setShareCgroups(false)))),
                badMember("one id twice", "used twice", t -> t.setTaskId(taskId("first"))),
                badMember("no resources of a task", "resources: must not be empty", t -> t.clearResources()),
                badMember("another agent", "agent_id", t -> t.setAgentId(agentId("elsewhere"))));
    }

    private Offer.Operation.Builder group(Consumer<Offer.Operation.LaunchGroup.Builder> change) {
        Offer.Operation.LaunchGroup.Builder group = Offer.Operation.LaunchGroup.newBuilder()
                .setExecutor(executor("pod").setType(ExecutorInfo.Type.DEFAULT))
                .setTaskGroup(TaskGroupInfo.newBuilder()
                        .addTasks(task("first", offer()))
                        .addTasks(task("second", offer())));
        change.accept(group);
        return Offer.Operation.newBuilder()
                .setType(Offer.Operation.Type.LAUNCH_GROUP)
                .setLaunchGroup(group);
    }

    @ParameterizedTest
    @EnumSource(WireFormat.class)
    void aBadGroupIsAnErrorForAllOfIt(WireFormat format) {
        subscribe(format);
        List<Bad<Offer.Operation.LaunchGroup.Builder>> rows = badGroups();
        Stream<Offer.Operation.Builder> named =
                Stream.of(group(g -> {}).setId(OperationID.newBuilder().setValue("op")), group(g -> {}));
        accepted(accept(Stream.concat(rows.stream().map(row -> group(row.change())), named)
                .toArray(Offer.Operation.Builder[]::new)));
        await().until(() -> told(ToAgent.MessageCase.RUN_TASKS).count() == 1);
        await().until(() -> scheduler.updates().size() >= 2 * (rows.size() + 1));
        assertRefused(
                Stream.concat(rows.stream(), Stream.of(badGroup("an operation id", "operation.id", g -> {})))
                        .toList(),
                2,
                TaskStatus.Reason.REASON_TASK_GROUP_INVALID);
    }

    @ParameterizedTest
    @EnumSource(WireFormat.class)
    void anExecutorThatRunsIsTheOneThatIsNamed(WireFormat format) {
        subscribe(format);
        TaskInfo.Builder first = task("t1", offer()).clearCommand().setExecutor(custom("e"));
        TaskInfo.Builder renamed =
                task("t2", offer()).clearCommand().setExecutor(custom("e").setName("other"));
        TaskInfo.Builder larger =
                task("t3", offer()).clearCommand().setExecutor(custom("e").addResources(scalar("cpus", 1)));
        TaskInfo.Builder tiny =
                task("t4", offer()).clearCommand().setExecutor(custom("e4").clearResources());
        TaskInfo.Builder same = task("t5", offer()).clearCommand().setExecutor(custom("e"));
        accepted(accept(launch(first), launch(renamed), launch(larger), launch(tiny), launch(same)));
        await().until(() -> told(ToAgent.MessageCase.RUN_TASKS).count() == 3);
        assertThat(scheduler.updates()).hasSize(2).allSatisfy(status -> {
            assertThat(status.getReason()).isEqualTo(TaskStatus.Reason.REASON_TASK_INVALID);
            assertThat(status.getMessage()).contains("'e' already runs");
        });
        assertThat(told(ToAgent.MessageCase.RUN_TASKS))
                .allSatisfy(m -> assertThat(
                                m.getRunTasks().getTasks(0).getExecutor().getFrameworkId())
                        .isEqualTo(scheduler.frameworkId()));
    }

    private Resource.Builder reserved(String name, double amount, String by) {
        return scalar(name, amount)
                .addReservations(Resource.ReservationInfo.newBuilder()
                        .setType(Resource.ReservationInfo.Type.DYNAMIC)
                        .setRole(by));
    }

    private Resource.Builder volume(String by) {
        Resource.Builder volume = reserved("disk", 1, by);
        volume.getDiskBuilder().getPersistenceBuilder().setId("v");
        volume.getDiskBuilder().getVolumeBuilder().setContainerPath("data").setMode(Volume.Mode.RW);
        return volume;
    }

    private static Bad<Offer.Operation.Builder> badOperation(
            String what, String why, Offer.Operation.Type type, Consumer<Offer.Operation.Builder> change) {
        return new Bad<>(what, why, change.andThen(operation -> operation.setType(type)));
    }

    private List<Bad<Offer.Operation.Builder>> badOperations() {
        Offer.Operation.Type reserve = Offer.Operation.Type.RESERVE;
        Offer.Operation.Type unreserve = Offer.Operation.Type.UNRESERVE;
        Offer.Operation.Type create = Offer.Operation.Type.CREATE;
        Offer.Operation.Type destroy = Offer.Operation.Type.DESTROY;
        return List.of(
                badOperation("no kind", "operation.type", Offer.Operation.Type.UNKNOWN, o -> {}),
                badOperation("reserve nothing", "no resources", reserve, o -> o.getReserveBuilder()),
                badOperation(
                        "reserve as it is",
                        "no dynamic reservation",
                        reserve,
                        o -> o.getReserveBuilder().addResources(scalar("cpus", 1))),
                badOperation(
                        "reserve for all",
                        "role '*'",
                        reserve,
                        o -> o.getReserveBuilder().addResources(reserved("cpus", 1, "*"))),
                badOperation(
                        "reserve for others",
                        "cannot be reserved to role 'other'",
                        reserve,
                        o -> o.getReserveBuilder().addResources(reserved("cpus", 1, "other"))),
                badOperation("reserve in another's name", "reserved by principal 'you'", reserve, o -> {
                    Resource.Builder resource = reserved("cpus", 1, role);
                    resource.getReservationsBuilder(0).setPrincipal("you");
                    o.getReserveBuilder().addResources(resource);
                }),
                badOperation(
                        "refine for a stranger",
                        "does not refine",
                        reserve,
                        o -> o.getReserveBuilder()
                                .addResources(reserved("cpus", 1, "other")
                                        .addReservations(Resource.ReservationInfo.newBuilder()
                                                .setType(Resource.ReservationInfo.Type.DYNAMIC)
                                                .setRole(role)))),
                badOperation(
                        "move a reservation",
                        "operators only",
                        reserve,
                        o -> o.getReserveBuilder()
                                .addSource(scalar("cpus", 1))
                                .addResources(reserved("cpus", 1, role))),
                badOperation(
                        "reserve too much",
                        "not in the offers",
                        reserve,
                        o -> o.getReserveBuilder().addResources(reserved("cpus", 5000, role))),
                badOperation(
                        "unreserve what is not",
                        "no dynamic reservation",
                        unreserve,
                        o -> o.getUnreserveBuilder().addResources(scalar("cpus", 1))),
                badOperation(
                        "unreserve what is not there",
                        "not in the offers",
                        unreserve,
                        o -> o.getUnreserveBuilder().addResources(reserved("cpus", 1, role))),
                badOperation(
                        "unreserve below a volume",
                        "destroy it first",
                        unreserve,
                        o -> o.getUnreserveBuilder().addResources(volume(role))),
                badOperation(
                        "create on unreserved disk",
                        "needs reserved disk",
                        create,
                        o -> o.getCreateBuilder().addVolumes(volume(role).clearReservations())),
                badOperation(
                        "create without an id",
                        "disk.persistence",
                        create,
                        o -> o.getCreateBuilder().addVolumes(reserved("disk", 1, role))),
                badOperation("create to read only", "mode RW", create, o -> {
                    Resource.Builder volume = volume(role);
                    volume.getDiskBuilder().getVolumeBuilder().setMode(Volume.Mode.RO);
                    o.getCreateBuilder().addVolumes(volume);
                }),
                badOperation("create at the root", "container_path must be relative", create, o -> {
                    Resource.Builder volume = volume(role);
                    volume.getDiskBuilder().getVolumeBuilder().setContainerPath("/data");
                    o.getCreateBuilder().addVolumes(volume);
                }),
                badOperation("create elsewhere on the host", "disk.persistence.id: must not contain", create, o -> {
                    Resource.Builder volume = volume(role);
                    volume.getDiskBuilder().getPersistenceBuilder().setId("../../../etc");
                    o.getCreateBuilder().addVolumes(volume);
                }),
                badOperation("create at no path", "disk.volume.container_path: has a character 0", create, o -> {
                    Resource.Builder volume = volume(role);
                    volume.getDiskBuilder().getVolumeBuilder().setContainerPath("a\0b");
                    o.getCreateBuilder().addVolumes(volume);
                }),
                badOperation(
                        "create for all frameworks",
                        "SHARED_RESOURCES",
                        create,
                        o -> o.getCreateBuilder()
                                .addVolumes(volume(role).setShared(Resource.SharedInfo.getDefaultInstance()))),
                badOperation(
                        "destroy what is no volume",
                        "disk.persistence",
                        destroy,
                        o -> o.getDestroyBuilder().addVolumes(reserved("disk", 1, role))),
                badOperation(
                        "destroy what is not there",
                        "not in the offers",
                        destroy,
                        o -> o.getDestroyBuilder().addVolumes(volume(role))),
                badOperation(
                        "grow what is not there",
                        "not in the offers",
                        Offer.Operation.Type.GROW_VOLUME,
                        o -> o.getGrowVolumeBuilder().setVolume(volume(role)).setAddition(reserved("disk", 1, role))),
                badOperation(
                        "shrink by nothing",
                        "must be positive",
                        Offer.Operation.Type.SHRINK_VOLUME,
                        o -> o.getShrinkVolumeBuilder().setVolume(volume(role)).setSubtract(limit(0))),
                badOperation(
                        "make a disk",
                        "resource provider",
                        Offer.Operation.Type.CREATE_DISK,
                        o -> o.getCreateDiskBuilder()
                                .setSource(scalar("disk", 1))
                                .setTargetType(Resource.DiskInfo.Source.Type.MOUNT)),
                badOperation(
                        "unmake a disk",
                        "resource provider",
                        Offer.Operation.Type.DESTROY_DISK,
                        o -> o.getDestroyDiskBuilder().setSource(scalar("disk", 1))));
    }

    @ParameterizedTest
    @EnumSource(WireFormat.class)
    void aBadOperationIsAnErrorForWhoNamedIt(WireFormat format) {
        role = "role" + roles++;
        scheduler = ScriptedScheduler.subscribe(
                client,
                master.port(),
                format,
                framework(role).setPrincipal("me").build());
        await().until(() -> !scheduler.offers().isEmpty());
        List<Bad<Offer.Operation.Builder>> rows = badOperations();
        List<Offer.Operation.Builder> operations = new ArrayList<>();
        for (Bad<Offer.Operation.Builder> row : rows) {
            Offer.Operation.Builder operation = Offer.Operation.newBuilder();
            row.change().accept(operation);
            operations.add(operation.clone());
            operations.add(operation.setId(OperationID.newBuilder().setValue(row.what())));
        }
        accepted(accept(operations.toArray(Offer.Operation.Builder[]::new)));
        await().until(() -> scheduler.events(Event.Type.UPDATE_OPERATION_STATUS).size() >= rows.size());
        List<OperationStatus> told = operationStatuses();
        for (int i = 0; i < rows.size(); i++) {
            Bad<?> row = rows.get(i);
            assertThat(told.get(i).getOperationId().getValue()).isEqualTo(row.what());
            assertThat(told.get(i).getState()).as(row.what()).isEqualTo(OperationState.OPERATION_ERROR);
            assertThat(told.get(i).getMessage()).as(row.what()).contains(row.why());
            assertThat(told.get(i).hasUuid()).as(row.what()).isFalse();
        }
        assertThat(told).hasSize(rows.size());
        assertThat(told(ToAgent.MessageCase.APPLY_OPERATION)).isEmpty();
    }

    private List<OperationStatus> operationStatuses() {
        return scheduler.events(Event.Type.UPDATE_OPERATION_STATUS).stream()
                .map(e -> e.getUpdateOperationStatus().getStatus())
                .toList();
    }

    /** No offer, one that is not there, and one named twice. */
    @ParameterizedTest
    @EnumSource(WireFormat.class)
    void withoutGoodOffersNothingIsDone(WireFormat format) {
        subscribe(format);
        OfferID mine = offer().getId();
        for (List<OfferID> ids : List.of(List.<OfferID>of(), List.of(offerId()), List.of(mine, mine))) {
            int before = scheduler.updates().size();
            Offer.Operation.Builder reserve = Offer.Operation.newBuilder()
                    .setType(Offer.Operation.Type.RESERVE)
                    .setReserve(Offer.Operation.Reserve.newBuilder().addResources(reserved("cpus", 1, role)));
            Call.Builder call = accept(
                    reserve.clone(),
                    reserve.setId(OperationID.newBuilder().setValue("op")),
                    launch(task("t", offer())),
                    group(g -> {}));
            call.getAcceptBuilder().clearOfferIds().addAllOfferIds(ids);
            accepted(call);
            await().until(() -> scheduler.updates().size() == before + 3);
            assertThat(scheduler.updates()).allSatisfy(status -> {
                assertThat(status.getState()).isEqualTo(TaskState.TASK_DROPPED);
                assertThat(status.getReason()).isEqualTo(TaskStatus.Reason.REASON_INVALID_OFFERS);
            });
        }
        assertThat(operationStatuses())
                .hasSize(3)
                .allSatisfy(status -> assertThat(status.getState()).isEqualTo(OperationState.OPERATION_DROPPED));
        await().until(() -> scheduler.offers().size() == 2);
        assertThat(told(ToAgent.MessageCase.RUN_TASKS)).isEmpty();
    }
}
