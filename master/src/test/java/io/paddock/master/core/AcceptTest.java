package io.paddock.master.core;

import static io.paddock.master.core.MasterHarness.call;
import static io.paddock.master.core.MasterHarness.frameworkInfo;
import static io.paddock.master.core.MasterHarness.launch;
import static io.paddock.master.core.MasterHarness.task;
import static org.assertj.core.api.Assertions.assertThat;

import io.paddock.common.resources.Disk;
import io.paddock.common.resources.Quantity;
import io.paddock.common.resources.Reservation;
import io.paddock.common.resources.ResourceKey;
import io.paddock.common.resources.Resources;
import io.paddock.master.core.MasterEffect.Outcome;
import io.paddock.proto.domain.ResourceMessages;
import io.paddock.proto.link.ExecutorTerminated;
import io.paddock.proto.link.FromAgent;
import io.paddock.proto.link.Reregister;
import io.paddock.proto.link.ToAgent;
import io.paddock.proto.v1.AgentInfo;
import io.paddock.proto.v1.CheckInfo;
import io.paddock.proto.v1.CommandInfo;
import io.paddock.proto.v1.ContainerInfo;
import io.paddock.proto.v1.DurationInfo;
import io.paddock.proto.v1.ExecutorID;
import io.paddock.proto.v1.ExecutorInfo;
import io.paddock.proto.v1.Filters;
import io.paddock.proto.v1.FrameworkID;
import io.paddock.proto.v1.HealthCheck;
import io.paddock.proto.v1.KillPolicy;
import io.paddock.proto.v1.Offer;
import io.paddock.proto.v1.OfferID;
import io.paddock.proto.v1.OperationID;
import io.paddock.proto.v1.OperationState;
import io.paddock.proto.v1.TaskGroupInfo;
import io.paddock.proto.v1.TaskID;
import io.paddock.proto.v1.TaskInfo;
import io.paddock.proto.v1.TaskState;
import io.paddock.proto.v1.TaskStatus;
import io.paddock.proto.v1.Value;
import io.paddock.proto.v1.scheduler.Call;
import io.paddock.proto.v1.scheduler.Event;
import java.time.Duration;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** ACCEPT and DECLINE: what is launched, what is refused, what comes back. */
class AcceptTest {
    private static final AgentInfo.Capability TASK_RESOURCE_LIMITS = AgentInfo.Capability.newBuilder()
            .setType(AgentInfo.Capability.Type.TASK_RESOURCE_LIMITS)
            .build();

    private final MasterHarness master = new MasterHarness();
    private String agent;
    private String id;
    private Offer offer;

    @BeforeEach
    void anOfferIsMade() {
        agent = master.register("l", "cpus:4;mem:1024;disk:1000;gpus:1;ports:[31000-31009]");
        id = master.subscribed(
                "s",
                frameworkInfo("f", "web")
                        .setPrincipal("p")
                        .addCapabilities(MasterHarness.capability(
                                io.paddock.proto.v1.FrameworkInfo.Capability.Type.GPU_RESOURCES)));
        master.settle();
        offer = master.lastOffer("s");
    }

    private TaskInfo.Builder aTask() {
        return task("t", offer, "cpus:1;mem:32");
    }

    static Stream<Arguments> invalidTasks() {
        return Stream.of(
                invalid("command and executor", TaskInfo.Builder::clearCommand),
                invalid("command and executor", t -> t.setExecutor(executor("e"))),
                invalid(
                        "executor.command",
                        t -> t.clearCommand().setExecutor(executor("e").clearCommand())),
                invalid(
                        "executor.type",
                        t -> t.clearCommand().setExecutor(executor("e").setType(ExecutorInfo.Type.DEFAULT))),
                invalid("executor.executor_id", t -> t.clearCommand().setExecutor(executor("a/b"))),
                invalid(
                        "executor.framework_id",
                        t -> t.clearCommand()
                                .setExecutor(executor("e")
                                        .setFrameworkId(FrameworkID.newBuilder().setValue("x")))),
                invalid("task_id", t -> t.setTaskId(t.getTaskId().toBuilder().setValue("a/b"))),
                invalid("task_id", t -> t.setTaskId(t.getTaskId().toBuilder().setValue(""))),
                invalid("agent_id", t -> t.setAgentId(t.getAgentId().toBuilder().setValue("x"))),
                invalid("resources", TaskInfo.Builder::clearResources),
                invalid("more resources", t -> t.clearResources().addAllResources(resources("cpus:5"))),
                invalid("more resources", t -> t.addAllResources(resources("ports:[32000-32000]"))),
                invalid("gpus", t -> t.addAllResources(resources("gpus:0.5"))),
                invalid("limits.disk", t -> t.putLimits("disk", scalar(5))),
                invalid("limits.cpus", t -> t.putLimits("cpus", scalar(0.5))),
                invalid(
                        "kill_policy",
                        t -> t.setKillPolicy(KillPolicy.newBuilder()
                                .setGracePeriod(DurationInfo.newBuilder().setNanoseconds(-1)))),
                invalid("check", t -> t.setCheck(CheckInfo.getDefaultInstance())),
                invalid("check", t -> t.setCheck(CheckInfo.newBuilder().setType(CheckInfo.Type.HTTP))),
                invalid("health_check", t -> t.setHealthCheck(HealthCheck.getDefaultInstance())),
                invalid(
                        "health_check",
                        t -> t.setHealthCheck(HealthCheck.newBuilder().setType(HealthCheck.Type.TCP))),
                invalid("revocable", t -> t.clearCommand().setExecutor(revocable())),
                invalid(
                        "max_completion_time",
                        t -> t.setMaxCompletionTime(DurationInfo.newBuilder().setNanoseconds(-1))));
    }

    private static Arguments invalid(String message, UnaryOperator<TaskInfo.Builder> change) {
        return Arguments.of(message, change);
    }

    private static List<io.paddock.proto.v1.Resource> resources(String text) {
        return ResourceMessages.toMessages(Resources.parse(text));
    }

    private static Value.Scalar scalar(double value) {
        return Value.Scalar.newBuilder().setValue(value).build();
    }

    private static ExecutorInfo.Builder executor(String id) {
        return ExecutorInfo.newBuilder()
                .setExecutorId(ExecutorID.newBuilder().setValue(id))
                .setCommand(CommandInfo.newBuilder().setValue("./executor"))
                .addAllResources(resources("cpus:0.5;mem:64"));
    }

    private static ExecutorInfo.Builder revocable() {
        ExecutorInfo.Builder executor = executor("e");
        executor.getResourcesBuilderList()
                .forEach(resource ->
                        resource.setRevocable(io.paddock.proto.v1.Resource.RevocableInfo.getDefaultInstance()));
        return executor;
    }

    @ParameterizedTest
    @MethodSource("invalidTasks")
    void anInvalidTaskIsAnErrorAndCostsNothing(String message, UnaryOperator<TaskInfo.Builder> change) {
        TaskInfo bad = change.apply(aTask()).build();
        TaskInfo good = task("good", offer, "cpus:1;mem:32").build();
        assertThat(master.accept("s", id, offer, launch(bad, good)).outcome()).isEqualTo(Outcome.ACCEPTED);
        TaskStatus status = master.lastUpdate("s");
        assertThat(status.getState()).isEqualTo(TaskState.TASK_ERROR);
        assertThat(status.getReason()).isEqualTo(TaskStatus.Reason.REASON_TASK_INVALID);
        assertThat(status.getSource()).isEqualTo(TaskStatus.Source.SOURCE_MASTER);
        assertThat(status.hasUuid()).isFalse();
        assertThat(status.getMessage()).contains(message);
        assertThat(master.agent(agent).tasks()).hasSize(1);
        assertThat(master.agent(agent).used().scalar("cpus")).isEqualTo(1.0);
    }

    @Test
    void aTaskIdInUseIsRefusedUntilTheTaskIsForgotten() {
        master.accept("s", id, offer, launch(aTask().build()));
        master.advance(Duration.ofSeconds(6));
        Offer next = master.lastOffer("s");
        master.accept("s", id, next, launch(task("t", next, "cpus:1;mem:32").build()));
        assertThat(master.lastUpdate("s").getMessage()).contains("already used");
    }

    @Test
    void limitsNeedToBeAtLeastTheRequestAndMayBeInfinite() {
        master.accept(
                "s",
                id,
                offer,
                launch(aTask().putLimits("cpus", scalar(Double.POSITIVE_INFINITY))
                        .putLimits("mem", scalar(64))
                        .build()));
        assertThat(master.sent("l", ToAgent.MessageCase.RUN_TASKS)).hasSize(1);
    }

    @Test
    void theRestIsRefusedForAWhile() {
        master.accept("s", id, offer, launch(aTask().build()));
        master.advance(Duration.ofSeconds(4));
        assertThat(master.offers("s")).hasSize(1);
        master.advance(Duration.ofSeconds(2));
        assertThat(master.offers("s")).hasSize(2);
        assertThat(ResourceMessages.fromMessages(master.lastOffer("s").getResourcesList())
                        .scalar("cpus"))
                .isEqualTo(3.0);
    }

    @Test
    void aGoneOfferDropsTheTasksAndGivesTheOthersBack() {
        OfferID gone = OfferID.newBuilder().setValue("nope").build();
        master.call(
                "s",
                call(id, Call.Type.ACCEPT)
                        .setAccept(Call.Accept.newBuilder()
                                .addOfferIds(offer.getId())
                                .addOfferIds(gone)
                                .addOperations(launch(aTask().build()))));
        TaskStatus status = master.lastUpdate("s");
        assertThat(status.getState()).isEqualTo(TaskState.TASK_DROPPED);
        assertThat(status.getReason()).isEqualTo(TaskStatus.Reason.REASON_INVALID_OFFERS);
        assertThat(master.agent(agent).tasks()).isEmpty();
        master.settle();
        assertThat(master.offers("s")).hasSize(2);
    }

    @Test
    void offersOfSeveralAgentsOrGivenTwiceAreNotGood() {
        master.register("l2", "cpus:4;mem:1024");
        master.settle();
        Offer other = master.lastOffer("s");
        for (Offer second : List.of(other, offer)) {
            master.call(
                    "s",
                    call(id, Call.Type.ACCEPT)
                            .setAccept(Call.Accept.newBuilder()
                                    .addOfferIds(offer.getId())
                                    .addOfferIds(second.getId())
                                    .addOperations(launch(aTask().build()))));
            assertThat(master.lastUpdate("s").getState()).isEqualTo(TaskState.TASK_DROPPED);
        }
    }

    @Test
    void offersToSeveralRolesAreNotGood() {
        master.register("l2", "cpus(a):1;mem(a):64;cpus(b):1;mem(b):64");
        String two = master.subscribed("s2", frameworkInfo("g", "a", "b"));
        master.settle();
        List<Offer> offers = master.offers("s2");
        assertThat(offers).extracting(o -> o.getAllocationInfo().getRole()).containsExactlyInAnyOrder("a", "b");
        master.call(
                "s2",
                call(two, Call.Type.ACCEPT)
                        .setAccept(Call.Accept.newBuilder()
                                .addOfferIds(offers.get(0).getId())
                                .addOfferIds(offers.get(1).getId())
                                .addOperations(launch(task("t", offers.get(0), "cpus:1;mem:32")
                                        .build()))));
        assertThat(master.lastUpdate("s2").getState()).isEqualTo(TaskState.TASK_DROPPED);
        assertThat(master.lastUpdate("s2").getMessage()).contains("another role");
    }

    @Test
    void limitsNeedAnAgentThatKnowsThem() {
        Reregister.Builder old = master.reregister("old", "cpus:1;mem:64", "A1");
        old.removeCapabilities(old.getCapabilitiesList().indexOf(TASK_RESOURCE_LIMITS));
        master.spoke("l2", FromAgent.newBuilder().setReregister(old));
        master.settle();
        Offer next = master.lastOffer("s");
        master.accept(
                "s",
                id,
                next,
                launch(task("t", next, "cpus:1;mem:32")
                        .putLimits("cpus", scalar(2))
                        .build()));
        assertThat(master.lastUpdate("s").getReason()).isEqualTo(TaskStatus.Reason.REASON_TASK_INVALID);
        assertThat(master.lastUpdate("s").getMessage()).contains("does not support task resource limits");
    }

    @Test
    void theIdOfAnUnreachableTaskIsInUse() {
        master.accept("s", id, offer, launch(aTask().build()));
        master.silent.add("l");
        master.advance(Duration.ofSeconds(100));
        assertThat(master.lastUpdate("s").getState()).isEqualTo(TaskState.TASK_UNREACHABLE);
        master.register("l2", "cpus:4;mem:1024");
        master.settle();
        Offer next = master.lastOffer("s");
        master.accept("s", id, next, launch(task("t", next, "cpus:1;mem:32").build()));
        assertThat(master.lastUpdate("s").getMessage()).contains("already used");
    }

    @Test
    void anotherFrameworksOfferIsNotGood() {
        String other = master.subscribed("s2", frameworkInfo("g", "web"));
        master.accept("s2", other, offer, launch(aTask().build()));
        assertThat(master.lastUpdate("s2").getState()).isEqualTo(TaskState.TASK_DROPPED);
        assertThat(master.agent(agent).offers()).hasSize(1);
    }

    @Test
    void declinedWithZeroSecondsComesBackAtOnceAndUnansweredOffersExpire() {
        master.call(
                "s",
                call(id, Call.Type.DECLINE)
                        .setDecline(Call.Decline.newBuilder()
                                .addOfferIds(offer.getId())
                                .setFilters(Filters.newBuilder().setRefuseSeconds(0))));
        master.settle();
        assertThat(master.offers("s")).hasSize(2);
        master.advance(Duration.ofMinutes(2).plusSeconds(1));
        assertThat(master.events("s", Event.Type.RESCIND)).hasSize(1);
        assertThat(master.agent(agent).offered().isEmpty()).isTrue();
        master.accept("s", id, master.offers("s").get(1), launch(aTask().build()));
        assertThat(master.lastUpdate("s").getReason()).isEqualTo(TaskStatus.Reason.REASON_INVALID_OFFERS);
        master.advance(Duration.ofSeconds(6));
        assertThat(master.offers("s")).hasSize(3);
    }

    @Test
    void suppressedRolesGetNoOffersUntilRevived() {
        master.call("s", call(id, Call.Type.SUPPRESS));
        master.call(
                "s",
                call(id, Call.Type.DECLINE).setDecline(Call.Decline.newBuilder().addOfferIds(offer.getId())));
        master.advance(Duration.ofSeconds(30));
        assertThat(master.offers("s")).hasSize(1);
        assertThat(master.framework(id).suppressedRoles()).containsExactly("web");
        master.call(
                "s",
                call(id, Call.Type.REVIVE).setRevive(Call.Revive.newBuilder().addRoles("foreign")));
        master.settle();
        assertThat(master.offers("s"))
                .as("a foreign role spoils the whole call")
                .hasSize(1);
        master.call("s", call(id, Call.Type.REVIVE));
        master.settle();
        assertThat(master.offers("s")).hasSize(2);
        assertThat(master.framework(id).suppressedRoles()).isEmpty();
    }

    @Test
    void aCustomExecutorIsHeldOnceUntilItTerminates() {
        TaskInfo first = aTask().clearCommand().setExecutor(executor("e")).build();
        TaskInfo second = task("t2", offer, "cpus:1;mem:32")
                .clearCommand()
                .setExecutor(executor("e"))
                .build();
        master.accept("s", id, offer, launch(first, second));
        assertThat(master.agent(agent).used().scalar("cpus")).isEqualTo(2.5);
        master.advance(Duration.ofSeconds(6));
        assertThat(master.lastOffer("s").getExecutorIdsList())
                .extracting(ExecutorID::getValue)
                .containsExactly("e");
        TaskInfo different = task("t3", offer, "cpus:0.5;mem:32")
                .clearCommand()
                .setExecutor(executor("e").setName("other"))
                .build();
        master.accept("s", id, master.lastOffer("s"), launch(different));
        assertThat(master.lastUpdate("s").getMessage()).contains("different ExecutorInfo");
        master.spoke(
                "l",
                FromAgent.newBuilder()
                        .setExecutorTerminated(ExecutorTerminated.newBuilder()
                                .setFrameworkId(FrameworkID.newBuilder().setValue(id))
                                .setExecutorId(ExecutorID.newBuilder().setValue("e"))
                                .setStatus(9)));
        assertThat(master.agent(agent).used().scalar("cpus")).isEqualTo(2.0);
        Event failure = master.events("s", Event.Type.FAILURE).get(0);
        assertThat(failure.getFailure().getExecutorId().getValue()).isEqualTo("e");
        assertThat(failure.getFailure().getStatus()).isEqualTo(9);
    }

    @Test
    void anExecutorWhoseTasksTheAgentRefusedIsGivenUp() {
        TaskInfo first = aTask().clearCommand().setExecutor(executor("e")).build();
        TaskInfo second = task("t2", offer, "cpus:1;mem:32")
                .clearCommand()
                .setExecutor(executor("e"))
                .build();
        master.accept("s", id, offer, launch(first, second));
        master.update("l", id, refused("t"));
        assertThat(master.agent(agent).used().scalar("cpus")).isEqualTo(1.5);
        master.update("l", id, refused("t2"));
        assertThat(master.agent(agent).used().isEmpty()).isTrue();
        assertThat(master.agent(agent).executors()).isEmpty();
    }

    /** As agents answer for a task they have not taken. */
    private TaskStatus refused(String task) {
        return master.status(task, TaskState.TASK_DROPPED).toBuilder()
                .clearUuid()
                .setSource(TaskStatus.Source.SOURCE_AGENT)
                .build();
    }

    @Test
    void anExecutorWhoseTaskWasKilledOnItsWayIsHeldUntilItHasEnded() {
        TaskInfo first = aTask().clearCommand().setExecutor(executor("e")).build();
        master.accept("s", id, offer, launch(first));
        master.update(
                "l",
                id,
                master.status("t", TaskState.TASK_KILLED).toBuilder()
                        .setSource(TaskStatus.Source.SOURCE_AGENT)
                        .setReason(TaskStatus.Reason.REASON_TASK_KILLED_DURING_LAUNCH)
                        .build());
        assertThat(master.agent(agent).used().scalar("cpus")).isEqualTo(0.5);
    }

    @Test
    void anAgentIsToldWhetherTheBooksHaveRoomForAnotherStartOfTheExecutor() {
        TaskInfo first = aTask().clearCommand().setExecutor(executor("e")).build();
        TaskInfo second = task("t2", offer, "cpus:1;mem:32")
                .clearCommand()
                .setExecutor(executor("e"))
                .build();
        TaskInfo command = task("t3", offer, "cpus:0.1;mem:32").build();
        master.accept("s", id, offer, launch(first, second, command));
        master.spoke(
                "l",
                FromAgent.newBuilder()
                        .setExecutorTerminated(ExecutorTerminated.newBuilder()
                                .setFrameworkId(FrameworkID.newBuilder().setValue(id))
                                .setExecutorId(ExecutorID.newBuilder().setValue("e"))));
        master.advance(Duration.ofSeconds(6));
        TaskInfo third =
                second.toBuilder().setTaskId(TaskID.newBuilder().setValue("t4")).build();
        master.accept("s", id, master.lastOffer("s"), launch(third));
        assertThat(master.sent("l", ToAgent.MessageCase.RUN_TASKS))
                .extracting(m -> m.getRunTasks().getExecutorRunning())
                .containsExactly(false, true, false, false);
    }

    private Offer.Operation group(ExecutorInfo.Builder executor, TaskInfo... tasks) {
        return Offer.Operation.newBuilder()
                .setType(Offer.Operation.Type.LAUNCH_GROUP)
                .setLaunchGroup(Offer.Operation.LaunchGroup.newBuilder()
                        .setExecutor(executor)
                        .setTaskGroup(TaskGroupInfo.newBuilder().addAllTasks(List.of(tasks))))
                .build();
    }

    private static ExecutorInfo.Builder pod() {
        return executor("pod").clearCommand().setType(ExecutorInfo.Type.DEFAULT).addAllResources(resources("disk:10"));
    }

    static Stream<Arguments> badGroups() {
        return Stream.of(
                Arguments.of("executor.type", pod().clearType()),
                Arguments.of(
                        "executor.command",
                        pod().setCommand(CommandInfo.newBuilder().setValue("x"))),
                Arguments.of("executor.command", pod().setType(ExecutorInfo.Type.CUSTOM)),
                Arguments.of("executor.resources", pod().clearResources()),
                Arguments.of("executor.resources", pod().clearResources().addAllResources(resources("cpus:1;mem:32"))),
                Arguments.of("executor.resources", pod().clearResources().addAllResources(resources("cpus:1;disk:1"))),
                Arguments.of(
                        "executor.resources",
                        pod().clearResources().addAllResources(resources("cpus:1;mem:31;disk:1"))),
                Arguments.of(
                        "revocable",
                        revocable()
                                .clearCommand()
                                .setType(ExecutorInfo.Type.DEFAULT)
                                .addAllResources(resources("disk:10"))));
    }

    @ParameterizedTest
    @MethodSource("badGroups")
    void aGroupNeedsAGoodExecutor(String message, ExecutorInfo.Builder executor) {
        master.accept("s", id, offer, group(executor, aTask().build()));
        assertThat(master.lastUpdate("s").getReason()).isEqualTo(TaskStatus.Reason.REASON_TASK_GROUP_INVALID);
        assertThat(master.lastUpdate("s").getMessage()).contains(message);
        assertThat(master.agent(agent).used().isEmpty()).isTrue();
    }

    @Test
    void tasksOfOneExecutorShareItsCgroupsOrAllHaveTheirOwn() {
        TaskInfo.Builder own = task("own", offer, "cpus:0.1;mem:32");
        own.getContainerBuilder()
                .setType(ContainerInfo.Type.MESOS)
                .getLinuxInfoBuilder()
                .setShareCgroups(false);
        TaskInfo shares = task("shares", offer, "cpus:0.1;mem:32").build();
        master.accept("s", id, offer, group(pod(), own.build(), shares));
        assertThat(master.lastUpdate("s").getMessage()).contains("share_cgroups");
        master.advance(Duration.ofSeconds(6));
        master.accept("s", id, master.lastOffer("s"), group(pod(), own.build()));
        master.advance(Duration.ofSeconds(6));
        int before = master.updates("s").size();
        master.accept("s", id, master.lastOffer("s"), group(pod(), shares));
        assertThat(master.updates("s")).hasSize(before + 1);
        assertThat(master.lastUpdate("s").getMessage()).contains("share_cgroups");
    }

    @Test
    void aCheckIsWhatItsTypeSaysWhateverElseIsThere() {
        TaskInfo.Builder member = task("t", offer, "cpus:0.1;mem:32");
        member.getContainerBuilder()
                .setType(ContainerInfo.Type.MESOS)
                .addNetworkInfosBuilder()
                .setName("n");
        member.getCheckBuilder().setType(CheckInfo.Type.COMMAND);
        member.getCheckBuilder().getCommandBuilder().getCommandBuilder().setValue("true");
        member.getCheckBuilder().getTcpBuilder().setPort(0);
        member.getHealthCheckBuilder().setType(HealthCheck.Type.COMMAND);
        member.getHealthCheckBuilder().getCommandBuilder().setValue("true");
        member.getHealthCheckBuilder().getHttpBuilder().setPort(0);
        master.accept("s", id, offer, group(pod(), member.build()));
        assertThat(master.updates("s")).isEmpty();
        assertThat(master.agent(agent).tasks()).hasSize(1);
    }

    @Test
    void aGroupIsLaunchedWholeOrNotAtAll() {
        ExecutorInfo.Builder pod = pod();
        TaskInfo bad = task("b", offer, "cpus:1;mem:32")
                .clearCommand()
                .setExecutor(executor("x"))
                .build();
        master.accept(
                "s", id, offer, group(pod, task("a", offer, "cpus:1;mem:32").build(), bad));
        assertThat(master.updates("s")).hasSize(2).allSatisfy(status -> {
            assertThat(status.getState()).isEqualTo(TaskState.TASK_ERROR);
            assertThat(status.getReason()).isEqualTo(TaskStatus.Reason.REASON_TASK_GROUP_INVALID);
        });
        assertThat(master.agent(agent).used().isEmpty()).isTrue();
        master.advance(Duration.ofSeconds(6));
        Offer next = master.lastOffer("s");
        master.accept(
                "s",
                id,
                next,
                group(
                        pod,
                        task("a", next, "cpus:1;mem:32").build(),
                        task("b", next, "cpus:1;mem:32").build()));
        ToAgent run = master.sent("l", ToAgent.MessageCase.RUN_TASKS).get(0);
        assertThat(run.getRunTasks().getTasksCount()).isEqualTo(2);
        assertThat(run.getRunTasks().getGroupExecutor().getFrameworkId().getValue())
                .isEqualTo(id);
        assertThat(master.agent(agent).used().scalar("cpus")).isEqualTo(2.5);
        assertThat(master.agent(agent).tasks())
                .allSatisfy(t -> assertThat(t.getExecutorId().getValue()).isEqualTo("pod"));
    }

    private static Resources reserved(String name, double amount) {
        Reservation reservation = new Reservation(Reservation.Type.DYNAMIC, "web", "p", List.of());
        return Resources.of(ResourceKey.of(name).withReservations(List.of(reservation)), Quantity.Scalar.of(amount));
    }

    private static Resources volume(double amount) {
        return reserved("disk", amount)
                .mapKeys(key -> key.withDisk(
                        new Disk(new Disk.Persistence("v1", "p"), new Disk.Volume("RW", "data", null), null)));
    }

    private static Offer.Operation reserve(Resources resources) {
        return Offer.Operation.newBuilder()
                .setType(Offer.Operation.Type.RESERVE)
                .setReserve(
                        Offer.Operation.Reserve.newBuilder().addAllResources(ResourceMessages.toMessages(resources)))
                .build();
    }

    private static Offer.Operation create(Resources volumes) {
        return Offer.Operation.newBuilder()
                .setType(Offer.Operation.Type.CREATE)
                .setCreate(Offer.Operation.Create.newBuilder().addAllVolumes(ResourceMessages.toMessages(volumes)))
                .build();
    }

    @Test
    void reserveCreateAndLaunchInOneAccept() {
        TaskInfo withVolume = task("t", offer, "mem:32")
                .addAllResources(ResourceMessages.toMessages(reserved("cpus", 1).plus(volume(100))))
                .build();
        master.accept(
                "s",
                id,
                offer,
                reserve(reserved("cpus", 2).plus(reserved("disk", 100))),
                create(volume(100)),
                launch(withVolume));
        assertThat(master.updates("s")).isEmpty();
        assertThat(master.sent("l").stream().map(ToAgent::getMessageCase))
                .containsExactly(
                        ToAgent.MessageCase.REGISTERED,
                        ToAgent.MessageCase.APPLY_OPERATION,
                        ToAgent.MessageCase.APPLY_OPERATION,
                        ToAgent.MessageCase.RUN_TASKS);
        Resources total = master.agent(agent).total();
        assertThat(total.contains(volume(100))).isTrue();
        assertThat(total.contains(reserved("cpus", 2))).isTrue();
        assertThat(total.scalar("cpus")).isEqualTo(4.0);
        assertThat(total.scalar("disk")).isEqualTo(1000.0);
        master.settle();
        Resources back = ResourceMessages.fromMessages(master.lastOffer("s").getResourcesList());
        assertThat(back.unallocated().contains(reserved("cpus", 1)))
                .as("what was converted is offered again at once")
                .isTrue();
    }

    @Test
    void aFailedOperationIsToldToWhoAskedAndDoesNotStopTheOthers() {
        Offer.Operation tooMuch = reserve(reserved("cpus", 40)).toBuilder()
                .setId(OperationID.newBuilder().setValue("op1"))
                .build();
        Resources other = Resources.of(
                ResourceKey.of("cpus")
                        .withReservations(List.of(new Reservation(Reservation.Type.DYNAMIC, "db", "p", List.of()))),
                Quantity.Scalar.of(1));
        Offer.Operation foreign = reserve(other).toBuilder()
                .setId(OperationID.newBuilder().setValue("op2"))
                .build();
        master.accept("s", id, offer, tooMuch, foreign, launch(aTask().build()));
        assertThat(master.events("s", Event.Type.UPDATE_OPERATION_STATUS))
                .extracting(e -> e.getUpdateOperationStatus().getStatus().getState())
                .containsExactly(OperationState.OPERATION_ERROR, OperationState.OPERATION_ERROR);
        assertThat(master.agent(agent).tasks()).hasSize(1);
        assertThat(master.agent(agent).total())
                .isEqualTo(Resources.parse("cpus:4;mem:1024;disk:1000;gpus:1;ports:[31000-31009]"));
    }

    @Test
    void unreserveAndDestroyUndo() {
        master.accept("s", id, offer, reserve(reserved("disk", 100)), create(volume(100)));
        master.settle();
        Offer next = master.lastOffer("s");
        Offer.Operation destroy = Offer.Operation.newBuilder()
                .setType(Offer.Operation.Type.DESTROY)
                .setDestroy(
                        Offer.Operation.Destroy.newBuilder().addAllVolumes(ResourceMessages.toMessages(volume(100))))
                .build();
        Offer.Operation unreserve = Offer.Operation.newBuilder()
                .setType(Offer.Operation.Type.UNRESERVE)
                .setUnreserve(Offer.Operation.Unreserve.newBuilder()
                        .addAllResources(ResourceMessages.toMessages(reserved("disk", 100))))
                .build();
        master.accept("s", id, next, destroy, unreserve);
        assertThat(master.agent(agent).total())
                .isEqualTo(Resources.parse("cpus:4;mem:1024;disk:1000;gpus:1;ports:[31000-31009]"));
    }
}
