package io.paddock.master.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import io.paddock.common.resources.Quantity;
import io.paddock.common.resources.Reservation;
import io.paddock.common.resources.ResourceKey;
import io.paddock.common.resources.Resources;
import io.paddock.platform.http.WireFormat;
import io.paddock.proto.domain.ResourceMessages;
import io.paddock.proto.link.ApplyOperation;
import io.paddock.proto.link.ExecutorTerminated;
import io.paddock.proto.link.FromAgent;
import io.paddock.proto.link.OperationUpdate;
import io.paddock.proto.link.ToAgent;
import io.paddock.proto.v1.AgentID;
import io.paddock.proto.v1.CommandInfo;
import io.paddock.proto.v1.ExecutorID;
import io.paddock.proto.v1.ExecutorInfo;
import io.paddock.proto.v1.Filters;
import io.paddock.proto.v1.FrameworkID;
import io.paddock.proto.v1.FrameworkInfo;
import io.paddock.proto.v1.KillPolicy;
import io.paddock.proto.v1.Offer;
import io.paddock.proto.v1.OfferID;
import io.paddock.proto.v1.OperationID;
import io.paddock.proto.v1.OperationState;
import io.paddock.proto.v1.OperationStatus;
import io.paddock.proto.v1.TaskGroupInfo;
import io.paddock.proto.v1.TaskID;
import io.paddock.proto.v1.TaskInfo;
import io.paddock.proto.v1.TaskState;
import io.paddock.proto.v1.TaskStatus;
import io.paddock.proto.v1.UUID;
import io.paddock.proto.v1.scheduler.Call;
import io.paddock.proto.v1.scheduler.Event;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every call of the scheduler API over real HTTP, in JSON and in protobuf: what it does when it is good, and how it is refused
 * when it is not. One master and one agent for all; every test has a framework of its own.
 */
class SchedulerContractTest {
    private static final ByteString UUID16 = ByteString.copyFromUtf8("0123456789abcdef");

    private static ActorSystem<Void> system;
    private static HttpClient client;
    private static MasterServer master;
    private static ScriptedAgent agent;
    private static int roles;

    private ScriptedScheduler scheduler;
    private String role;

    @BeforeAll
    static void startMaster() throws Exception {
        system = ActorSystem.create(Behaviors.empty(), "scheduler-contract");
        client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
        MasterOptions options = new MasterOptions();
        options.listen.port = 0;
        master = MasterServer.start(system, options).toCompletableFuture().get();
        agent = ScriptedAgent.connect(client, master.port());
        agent.registerWithFeedback("cpus:1000;mem:100000;disk:10000");
    }

    @AfterAll
    static void stopMaster() {
        agent.close();
        master.close();
        system.terminate();
    }

    @AfterEach
    void tearDown() {
        if (scheduler != null) {
            scheduler.call(Call.newBuilder().setType(Call.Type.TEARDOWN));
            scheduler.close();
        }
    }

    private static FrameworkInfo.Builder framework(String role) {
        FrameworkInfo.Builder info = FrameworkInfo.newBuilder()
                .setUser("root")
                .setName("contract")
                .setFailoverTimeout(60)
                .addRoles(role);
        for (FrameworkInfo.Capability.Type type : List.of(
                FrameworkInfo.Capability.Type.MULTI_ROLE,
                FrameworkInfo.Capability.Type.RESERVATION_REFINEMENT,
                FrameworkInfo.Capability.Type.PARTITION_AWARE)) {
            info.addCapabilitiesBuilder().setType(type);
        }
        return info;
    }

    private void subscribe(WireFormat format) {
        role = "role" + roles++;
        scheduler = ScriptedScheduler.subscribe(
                client, master.port(), format, framework(role).build());
        await().until(() -> !scheduler.offers().isEmpty());
    }

    private Offer offer() {
        List<Offer> offers = scheduler.offers();
        return offers.get(offers.size() - 1);
    }

    private static Call.Builder call(Call.Type type) {
        return Call.newBuilder().setType(type);
    }

    private void accepted(Call.Builder call) {
        HttpResponse<String> response = scheduler.call(call);
        assertThat(response.body()).isEmpty();
        assertThat(response.statusCode()).isEqualTo(202);
    }

    private void refused(Call.Builder call, int status, String why) {
        HttpResponse<String> response = scheduler.call(call);
        assertThat(response.statusCode()).as(response.body()).isEqualTo(status);
        assertThat(response.body()).contains(why);
    }

    private static TaskInfo.Builder task(String id, Offer offer) {
        return TaskInfo.newBuilder()
                .setName(id)
                .setTaskId(TaskID.newBuilder().setValue(id))
                .setAgentId(offer.getAgentId())
                .setCommand(CommandInfo.newBuilder().setValue("sleep 1000"))
                .addAllResources(ResourceMessages.toMessages(Resources.parse("cpus:1;mem:32")));
    }

    private static ExecutorInfo.Builder executor(String id) {
        return ExecutorInfo.newBuilder()
                .setExecutorId(ExecutorID.newBuilder().setValue(id))
                .addAllResources(ResourceMessages.toMessages(Resources.parse("cpus:0.1;mem:32;disk:10")));
    }

    private static Offer.Operation.Builder launch(TaskInfo.Builder task) {
        return Offer.Operation.newBuilder()
                .setType(Offer.Operation.Type.LAUNCH)
                .setLaunch(Offer.Operation.Launch.newBuilder().addTaskInfos(task));
    }

    private Call.Builder accept(Offer.Operation.Builder... operations) {
        Call.Accept.Builder accept = Call.Accept.newBuilder().addOfferIds(offer().getId());
        Arrays.stream(operations).forEach(accept::addOperations);
        return call(Call.Type.ACCEPT).setAccept(accept);
    }

    /** What the agent was told about this framework. */
    private Stream<ToAgent> told(ToAgent.MessageCase kind) {
        FrameworkID id = scheduler.frameworkId();
        return agent.received(kind).stream()
                .filter(m -> (m.hasRunTasks()
                                && m.getRunTasks().getFramework().getId().equals(id))
                        || m.toString().contains(id.getValue()));
    }

    /** A task that runs and whose RUNNING is acknowledged or waits to be. */
    private TaskStatus running(String id) {
        accepted(accept(launch(task(id, offer()))));
        await().until(() -> told(ToAgent.MessageCase.RUN_TASKS).findAny().isPresent());
        agent.update(scheduler.frameworkId(), TaskID.newBuilder().setValue(id).build(), TaskState.TASK_RUNNING);
        await().until(() -> !scheduler.updates().isEmpty());
        return scheduler.updates().get(0);
    }

    private static Set<Call.Type> calls() {
        Set<Call.Type> all = EnumSet.allOf(Call.Type.class);
        all.removeAll(Set.of(Call.Type.UNKNOWN, Call.Type.SUBSCRIBE));
        return all;
    }

    /** A call of that type as good as it can be without knowing anything. */
    private static Call.Builder sample(Call.Type type) {
        Call.Builder call = call(type);
        switch (type) {
            case ACCEPT -> call.getAcceptBuilder().addOfferIds(offerId());
            case DECLINE -> call.getDeclineBuilder().addOfferIds(offerId());
            case ACCEPT_INVERSE_OFFERS -> call.getAcceptInverseOffersBuilder().addInverseOfferIds(offerId());
            case DECLINE_INVERSE_OFFERS -> call.getDeclineInverseOffersBuilder().addInverseOfferIds(offerId());
            case KILL -> call.getKillBuilder().setTaskId(TaskID.newBuilder().setValue("none"));
            case SHUTDOWN ->
                call.getShutdownBuilder()
                        .setAgentId(agentId("none"))
                        .setExecutorId(ExecutorID.newBuilder().setValue("none"));
            case ACKNOWLEDGE ->
                call.getAcknowledgeBuilder()
                        .setAgentId(agentId("none"))
                        .setTaskId(TaskID.newBuilder().setValue("none"))
                        .setUuid(UUID16);
            case ACKNOWLEDGE_OPERATION_STATUS ->
                call.getAcknowledgeOperationStatusBuilder()
                        .setAgentId(agentId("none"))
                        .setOperationId(OperationID.newBuilder().setValue("none"))
                        .setUuid(UUID16);
            case RECONCILE -> call.setReconcile(Call.Reconcile.getDefaultInstance());
            case RECONCILE_OPERATIONS -> call.setReconcileOperations(Call.ReconcileOperations.getDefaultInstance());
            case MESSAGE ->
                call.getMessageBuilder()
                        .setAgentId(agentId("none"))
                        .setExecutorId(ExecutorID.newBuilder().setValue("none"))
                        .setData(ByteString.copyFromUtf8("x"));
            case REQUEST -> call.setRequest(Call.Request.getDefaultInstance());
            case UPDATE_FRAMEWORK -> call.getUpdateFrameworkBuilder().setFrameworkInfo(framework("r"));
            case TEARDOWN, REVIVE, SUPPRESS, SUBSCRIBE, UNKNOWN -> {}
        }
        return call;
    }

    private static OfferID offerId() {
        return OfferID.newBuilder().setValue("none").build();
    }

    private static AgentID agentId(String value) {
        return AgentID.newBuilder().setValue(value).build();
    }

    // --- refusals that every call shares ---

    @ParameterizedTest
    @EnumSource(WireFormat.class)
    void theStreamIdAndTheFrameworkAreChecked(WireFormat format) throws Exception {
        subscribe(format);
        for (Call.Type type : calls()) {
            Call.Builder sample = sample(type);
            assertThat(scheduler.call(sample, "").statusCode()).as("%s", type).isEqualTo(400);
            assertThat(scheduler.call(sample, "wrong").statusCode())
                    .as("%s", type)
                    .isEqualTo(400);
            for (String unknown : List.of("unknown", "")) {
                sample.setFrameworkId(FrameworkID.newBuilder().setValue(unknown));
                HttpResponse<String> response = raw(ScriptedScheduler.request(uri(), format, sample.build())
                        .header("Mesos-Stream-Id", scheduler.streamId));
                assertThat(response.statusCode()).as("%s", type).isEqualTo(400);
                assertThat(response.body()).as("%s", type).contains("Framework cannot be found");
            }
        }
    }

    @ParameterizedTest
    @EnumSource(WireFormat.class)
    void aFrameworkWithoutAStreamIsForbiddenToCall(WireFormat format) {
        subscribe(format);
        scheduler.close();
        await().until(() -> scheduler.call(sample(Call.Type.REQUEST)).statusCode() == 403);
        for (Call.Type type : calls()) {
            HttpResponse<String> response = scheduler.call(sample(type));
            assertThat(response.statusCode()).as("%s", type).isEqualTo(403);
            assertThat(response.body()).as("%s", type).contains("Framework is not subscribed");
        }
    }

    @ParameterizedTest
    @EnumSource(WireFormat.class)
    void theArgumentsOfTheTypeMustBeThere(WireFormat format) {
        subscribe(format);
        for (Call.Type type : calls()) {
            if (!EnumSet.of(Call.Type.TEARDOWN, Call.Type.REVIVE, Call.Type.SUPPRESS)
                    .contains(type)) {
                refused(call(type), 400, type.name().toLowerCase(Locale.ROOT) + ": expecting it to be present");
            }
        }
        accepted(call(Call.Type.REVIVE));
        accepted(call(Call.Type.SUPPRESS));
    }

    @ParameterizedTest
    @EnumSource(WireFormat.class)
    void whatIsNoCallIsRefused(WireFormat format) {
        subscribe(format);
        refused(call(Call.Type.UNKNOWN), 501, "UNKNOWN");
        refused(Call.newBuilder(), 400, "type");
        refused(
                call(Call.Type.SUBSCRIBE)
                        .setSubscribe(Call.Subscribe.newBuilder().setFrameworkInfo(framework("r"))),
                400,
                "Mesos-Stream-Id");
    }

    private static URI uri() {
        return URI.create("http://127.0.0.1:" + master.port() + "/api/v1/scheduler");
    }

    private static HttpResponse<String> raw(HttpRequest.Builder request) throws Exception {
        return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    @Test
    void methodAndMediaTypesAreNegotiated() throws Exception {
        HttpRequest.BodyPublisher body = HttpRequest.BodyPublishers.ofString("{\"type\":\"SUBSCRIBE\"}");
        assertThat(raw(HttpRequest.newBuilder(uri())).statusCode()).isEqualTo(405);
        assertThat(raw(HttpRequest.newBuilder(uri()).PUT(body)).statusCode()).isEqualTo(405);
        assertThat(raw(HttpRequest.newBuilder(uri()).POST(body)).statusCode()).isEqualTo(400);
        assertThat(raw(HttpRequest.newBuilder(uri()).POST(body).header("Content-Type", "text/plain"))
                        .statusCode())
                .isEqualTo(415);
        for (WireFormat format : WireFormat.values()) {
            HttpResponse<String> garbage = raw(HttpRequest.newBuilder(uri())
                    .POST(HttpRequest.BodyPublishers.ofString("{\"type\":"))
                    .header("Content-Type", format.mediaType()));
            assertThat(garbage.statusCode()).isEqualTo(400);
        }
        HttpResponse<String> notAcceptable = raw(HttpRequest.newBuilder(uri())
                .POST(HttpRequest.BodyPublishers.ofString("{\"type\":\"SUBSCRIBE\",\"subscribe\":"
                        + "{\"framework_info\":{\"user\":\"u\",\"name\":\"n\"}}}"))
                .header("Content-Type", "application/json")
                .header("Accept", "text/html"));
        assertThat(notAcceptable.statusCode()).isEqualTo(406);
        HttpResponse<String> required = raw(HttpRequest.newBuilder(uri())
                .POST(HttpRequest.BodyPublishers.ofString(
                        "{\"type\":\"SUBSCRIBE\",\"subscribe\":{\"framework_info\":{\"user\":\"u\"}}}"))
                .header("Content-Type", "application/json"));
        assertThat(required.statusCode()).isEqualTo(400);
        assertThat(required.body()).contains("name");
    }

    // --- SUBSCRIBE ---

    private record BadSubscription(String name, String why, java.util.function.Consumer<Call.Builder> change) {
        @Override
        public String toString() {
            return name;
        }
    }

    static Stream<Arguments> badSubscriptions() {
        FrameworkID id = FrameworkID.newBuilder().setValue("f").build();
        return Stream.of(
                        bad("no framework", "subscribe", Call.Builder::clearSubscribe),
                        bad("an id in one place", "framework_id", c -> c.setFrameworkId(id)),
                        bad("an id in the other", "framework_info.id", c -> info(c).setId(id)),
                        bad(
                                "two ids",
                                "framework_info.id",
                                c -> info(c.setFrameworkId(id))
                                        .setId(id.toBuilder().setValue("g"))),
                        bad(
                                "no id at all",
                                "framework_info.id",
                                c -> info(c.setFrameworkId(
                                                FrameworkID.newBuilder().setValue("a/b")))
                                        .setId(FrameworkID.newBuilder().setValue("a/b"))),
                        bad("a bad role", "roles[1]", c -> info(c).addRoles("/x")),
                        bad("a role twice", "twice", c -> info(c).addRoles("r")),
                        bad("the old field", "role", c -> info(c).setRole("r")),
                        bad("many roles of old", "MULTI_ROLE", c -> info(c).clearCapabilities()),
                        bad(
                                "a suppressed role of others",
                                "suppressed_roles",
                                c -> c.getSubscribeBuilder().addSuppressedRoles("other")),
                        bad("too long a life", "failover_timeout", c -> info(c).setFailoverTimeout(1e12)),
                        bad("no time", "failover_timeout", c -> info(c).setFailoverTimeout(Double.NaN)))
                .flatMap(bad -> Arrays.stream(WireFormat.values())
                        // JSON has no NaN
                        .filter(format ->
                                format == WireFormat.PROTOBUF || !bad.name().equals("no time"))
                        .map(format -> Arguments.of(bad, format)));
    }

    @SuppressWarnings("deprecation") // roles and framework_info of old clients
    private static FrameworkInfo.Builder info(Call.Builder call) {
        return call.getSubscribeBuilder().getFrameworkInfoBuilder();
    }

    private static BadSubscription bad(String name, String why, java.util.function.Consumer<Call.Builder> change) {
        return new BadSubscription(name, why, change);
    }

    @ParameterizedTest
    @MethodSource("badSubscriptions")
    void aBadSubscriptionIsRefused(BadSubscription bad, WireFormat format) throws Exception {
        Call.Builder call = call(Call.Type.SUBSCRIBE)
                .setSubscribe(Call.Subscribe.newBuilder().setFrameworkInfo(framework("r")));
        bad.change().accept(call);
        HttpResponse<String> response = raw(ScriptedScheduler.request(uri(), format, call.build()));
        assertThat(response.statusCode()).as(response.body()).isEqualTo(400);
        assertThat(response.body()).contains(bad.why());
    }

    @ParameterizedTest
    @EnumSource(WireFormat.class)
    void whatIsFoundLaterIsAnErrorOnTheStream(WireFormat format) {
        subscribe(format);
        FrameworkInfo.Builder mine = framework(role).setId(scheduler.frameworkId());
        try (ScriptedScheduler other = ScriptedScheduler.subscribe(
                client,
                master.port(),
                format,
                mine.clone().setPrincipal("somebody else").build())) {
            await().until(() -> other.ended);
            assertThat(other.events.get(0).getType()).isEqualTo(Event.Type.ERROR);
            assertThat(other.events.get(0).getError().getMessage()).contains("principal");
        }
        assertThat(scheduler.ended).isFalse();
        accepted(call(Call.Type.TEARDOWN));
        await().until(() -> scheduler.ended);
        try (ScriptedScheduler late = ScriptedScheduler.subscribe(client, master.port(), format, mine.build())) {
            await().until(() -> late.ended);
            assertThat(late.events.get(0).getError().getMessage()).isEqualTo("Framework has been removed");
        }
    }

    @ParameterizedTest
    @EnumSource(WireFormat.class)
    void aStreamBeginsWithSubscribedAndAHeartbeat(WireFormat format) {
        subscribe(format);
        assertThat(scheduler.events.subList(0, 2))
                .extracting(Event::getType)
                .containsExactly(Event.Type.SUBSCRIBED, Event.Type.HEARTBEAT);
        Event.Subscribed subscribed = scheduler.events.get(0).getSubscribed();
        assertThat(subscribed.getHeartbeatIntervalSeconds()).isEqualTo(15);
        assertThat(subscribed.getMasterInfo().getAddress().getPort()).isEqualTo(master.port());
        assertThat(scheduler.streamId.length()).isLessThanOrEqualTo(128);
    }

    // --- what good calls do ---

    @ParameterizedTest
    @EnumSource(WireFormat.class)
    void acceptLaunchesAndDropsWhatComesTooLate(WireFormat format) {
        subscribe(format);
        Offer offer = offer();
        Call.Builder twice = accept(launch(task("t", offer)));
        accepted(twice);
        await().until(() -> told(ToAgent.MessageCase.RUN_TASKS).count() == 1);
        accepted(twice);
        await().until(() -> scheduler.updates().size() == 1);
        TaskStatus dropped = scheduler.updates().get(0);
        assertThat(dropped.getState()).isEqualTo(TaskState.TASK_DROPPED);
        assertThat(dropped.getReason()).isEqualTo(TaskStatus.Reason.REASON_INVALID_OFFERS);
        assertThat(dropped.getSource()).isEqualTo(TaskStatus.Source.SOURCE_MASTER);
        assertThat(dropped.hasUuid()).isFalse();
    }

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

    @ParameterizedTest
    @EnumSource(WireFormat.class)
    void declineReviveAndSuppressSteerOffers(WireFormat format) {
        subscribe(format);
        accepted(call(Call.Type.DECLINE)
                .setDecline(Call.Decline.newBuilder()
                        .addOfferIds(offer().getId())
                        .addOfferIds(offerId())
                        .setFilters(Filters.newBuilder().setRefuseSeconds(3600))));
        accepted(call(Call.Type.REVIVE).setRevive(Call.Revive.newBuilder().addRoles("not mine")));
        accepted(call(Call.Type.REVIVE).setRevive(Call.Revive.newBuilder().addRoles(role)));
        await().until(() -> scheduler.offers().size() == 2);
        accepted(call(Call.Type.SUPPRESS).setSuppress(Call.Suppress.newBuilder().addRoles("not mine")));
        accepted(accept());
        accepted(call(Call.Type.REVIVE));
        await().until(() -> scheduler.offers().size() == 3);
        accepted(call(Call.Type.SUPPRESS));
        accepted(call(Call.Type.DECLINE)
                .setDecline(Call.Decline.newBuilder()
                        .addOfferIds(offer().getId())
                        .setFilters(Filters.newBuilder().setRefuseSeconds(0))));
        accepted(call(Call.Type.REVIVE));
        await().until(() -> scheduler.offers().size() == 4);
    }

    /** Longer than the actor system's clock can think: about 248 days. */
    @ParameterizedTest
    @EnumSource(WireFormat.class)
    void anOfferMayBeDeclinedAndAFrameworkBeAwayForYears(WireFormat format) {
        subscribe(format);
        HttpResponse<String> done = scheduler.call(
                update(framework(role).setId(scheduler.frameworkId()).setFailoverTimeout(315_360_000)));
        assertThat(done.statusCode()).as(done.body()).isEqualTo(200);
        accepted(call(Call.Type.DECLINE)
                .setDecline(Call.Decline.newBuilder()
                        .addOfferIds(offer().getId())
                        .setFilters(Filters.newBuilder().setRefuseSeconds(1e9))));
        accepted(call(Call.Type.REVIVE));
        await().until(() -> scheduler.offers().size() == 2);
        scheduler.close();
        await().until(() -> scheduler.call(sample(Call.Type.REQUEST)).statusCode() == 403);
        scheduler = ScriptedScheduler.subscribe(
                client,
                master.port(),
                format,
                framework(role).setId(scheduler.frameworkId()).build());
        await().until(() -> !scheduler.offers().isEmpty());
    }

    @ParameterizedTest
    @EnumSource(WireFormat.class)
    void killReachesTheAgentOrIsAnsweredAtOnce(WireFormat format) {
        subscribe(format);
        TaskStatus running = running("t");
        accepted(call(Call.Type.KILL)
                .setKill(Call.Kill.newBuilder().setTaskId(running.getTaskId()).setAgentId(agentId("elsewhere"))));
        KillPolicy.Builder policy = KillPolicy.newBuilder();
        policy.getGracePeriodBuilder().setNanoseconds(7);
        accepted(call(Call.Type.KILL)
                .setKill(Call.Kill.newBuilder()
                        .setTaskId(running.getTaskId())
                        .setAgentId(running.getAgentId())
                        .setKillPolicy(policy)));
        await().until(() -> told(ToAgent.MessageCase.KILL_TASK).count() == 1);
        assertThat(told(ToAgent.MessageCase.KILL_TASK)
                        .findFirst()
                        .orElseThrow()
                        .getKillTask()
                        .getKillPolicy())
                .isEqualTo(policy.build());
        accepted(sample(Call.Type.KILL));
        await().until(() -> scheduler.updates().size() == 2);
        assertThat(scheduler.updates().get(1).getState()).isEqualTo(TaskState.TASK_UNKNOWN);
        assertThat(scheduler.updates().get(1).getReason()).isEqualTo(TaskStatus.Reason.REASON_RECONCILIATION);
    }

    @ParameterizedTest
    @EnumSource(WireFormat.class)
    void shutdownAndMessagesReachExecutorsAndTheirEndsAndMessagesComeBack(WireFormat format) {
        subscribe(format);
        accepted(accept(launch(task("t", offer())
                .clearCommand()
                .setExecutor(executor("e").setCommand(CommandInfo.newBuilder().setValue("./e"))))));
        await().until(() -> told(ToAgent.MessageCase.RUN_TASKS).count() == 1);
        ExecutorID e = ExecutorID.newBuilder().setValue("e").build();
        ByteString data = ByteString.copyFrom(new byte[] {0, (byte) 255, 10});
        accepted(call(Call.Type.MESSAGE)
                .setMessage(Call.Message.newBuilder()
                        .setAgentId(offer().getAgentId())
                        .setExecutorId(e)
                        .setData(data)));
        await().until(() -> told(ToAgent.MessageCase.SCHEDULER_MESSAGE)
                .anyMatch(m -> m.getSchedulerMessage().getData().equals(data)));
        accepted(call(Call.Type.SHUTDOWN)
                .setShutdown(Call.Shutdown.newBuilder()
                        .setAgentId(offer().getAgentId())
                        .setExecutorId(e)));
        await().until(() -> told(ToAgent.MessageCase.SHUTDOWN_EXECUTOR).count() == 1);
        accepted(sample(Call.Type.MESSAGE));
        accepted(sample(Call.Type.SHUTDOWN));
        FrameworkID id = scheduler.frameworkId();
        agent.send(FromAgent.newBuilder()
                .setExecutorMessage(io.paddock.proto.link.ExecutorMessage.newBuilder()
                        .setFrameworkId(id)
                        .setExecutorId(e)
                        .setData(data)));
        await().until(() -> !scheduler.events(Event.Type.MESSAGE).isEmpty());
        assertThat(scheduler.events(Event.Type.MESSAGE).get(0).getMessage().getData())
                .isEqualTo(data);
        agent.send(FromAgent.newBuilder()
                .setExecutorTerminated(ExecutorTerminated.newBuilder()
                        .setFrameworkId(id)
                        .setExecutorId(e)
                        .setStatus(256)));
        await().until(() -> !scheduler.events(Event.Type.FAILURE).isEmpty());
        assertThat(scheduler.events(Event.Type.FAILURE).get(0).getFailure().getStatus())
                .isEqualTo(256);
    }

    @ParameterizedTest
    @EnumSource(WireFormat.class)
    void acknowledgementsReachTheAgent(WireFormat format) {
        subscribe(format);
        TaskStatus running = running("t");
        Call.Acknowledge.Builder ack = Call.Acknowledge.newBuilder()
                .setAgentId(running.getAgentId())
                .setTaskId(running.getTaskId())
                .setUuid(running.getUuid());
        refused(
                call(Call.Type.ACKNOWLEDGE).setAcknowledge(ack.clone().setUuid(ByteString.copyFromUtf8("short"))),
                400,
                "acknowledge.uuid");
        accepted(sample(Call.Type.ACKNOWLEDGE));
        accepted(call(Call.Type.ACKNOWLEDGE).setAcknowledge(ack));
        await().until(() -> told(ToAgent.MessageCase.ACKNOWLEDGE).count() == 1);
        assertThat(told(ToAgent.MessageCase.ACKNOWLEDGE)
                        .findFirst()
                        .orElseThrow()
                        .getAcknowledge()
                        .getUuid())
                .isEqualTo(running.getUuid());
    }

    @ParameterizedTest
    @EnumSource(WireFormat.class)
    void reconcileAnswersForKnownAndUnknownTasks(WireFormat format) {
        subscribe(format);
        TaskStatus running = running("t");
        accepted(sample(Call.Type.RECONCILE));
        await().until(() -> scheduler.updates().size() == 2);
        Call.Reconcile.Builder asked = Call.Reconcile.newBuilder();
        asked.addTasksBuilder().setTaskId(running.getTaskId());
        asked.addTasksBuilder().setTaskId(TaskID.newBuilder().setValue("x")).setAgentId(running.getAgentId());
        asked.addTasksBuilder().setTaskId(TaskID.newBuilder().setValue("y")).setAgentId(agentId("unknown"));
        accepted(call(Call.Type.RECONCILE).setReconcile(asked));
        await().until(() -> scheduler.updates().size() == 5);
        assertThat(scheduler.updates().subList(1, 5))
                .allSatisfy(status -> {
                    assertThat(status.hasUuid()).isFalse();
                    assertThat(status.getReason()).isEqualTo(TaskStatus.Reason.REASON_RECONCILIATION);
                    assertThat(status.getSource()).isEqualTo(TaskStatus.Source.SOURCE_MASTER);
                })
                .extracting(TaskStatus::getState)
                .containsExactly(
                        TaskState.TASK_RUNNING, TaskState.TASK_RUNNING, TaskState.TASK_GONE, TaskState.TASK_UNKNOWN);
    }

    @ParameterizedTest
    @EnumSource(WireFormat.class)
    void operationsAreToldReconciledAndAcknowledged(WireFormat format) {
        subscribe(format);
        Resources reserved = Resources.of(
                ResourceKey.of("cpus")
                        .withReservations(List.of(new Reservation(Reservation.Type.DYNAMIC, role, null, List.of()))),
                Quantity.Scalar.of(1));
        Offer.Operation.Builder reserve = Offer.Operation.newBuilder()
                .setType(Offer.Operation.Type.RESERVE)
                .setId(OperationID.newBuilder().setValue("op"))
                .setReserve(
                        Offer.Operation.Reserve.newBuilder().addAllResources(ResourceMessages.toMessages(reserved)));
        accepted(accept(reserve));
        await().until(() -> told(ToAgent.MessageCase.APPLY_OPERATION).count() == 1);
        ApplyOperation sent = told(ToAgent.MessageCase.APPLY_OPERATION)
                .findFirst()
                .orElseThrow()
                .getApplyOperation();
        accepted(sample(Call.Type.RECONCILE_OPERATIONS));
        agent.send(FromAgent.newBuilder()
                .setOperationUpdate(OperationUpdate.newBuilder()
                        .setFrameworkId(sent.getFrameworkId())
                        .setUuid(sent.getUuid())
                        .setStatus(OperationStatus.newBuilder()
                                .setOperationId(sent.getInfo().getId())
                                .setState(OperationState.OPERATION_FINISHED)
                                .setUuid(UUID.newBuilder().setValue(UUID16)))));
        await().until(() -> scheduler.events(Event.Type.UPDATE_OPERATION_STATUS).size() == 2);
        OperationStatus finished = scheduler
                .events(Event.Type.UPDATE_OPERATION_STATUS)
                .get(1)
                .getUpdateOperationStatus()
                .getStatus();
        assertThat(finished.getUuid().getValue()).isEqualTo(UUID16);
        Call.AcknowledgeOperationStatus.Builder ack = Call.AcknowledgeOperationStatus.newBuilder()
                .setAgentId(finished.getAgentId())
                .setOperationId(finished.getOperationId())
                .setUuid(UUID16);
        refused(
                call(Call.Type.ACKNOWLEDGE_OPERATION_STATUS)
                        .setAcknowledgeOperationStatus(ack.clone().clearAgentId()),
                400,
                "agent_id");
        refused(
                call(Call.Type.ACKNOWLEDGE_OPERATION_STATUS)
                        .setAcknowledgeOperationStatus(ack.clone().setUuid(ByteString.EMPTY)),
                400,
                "uuid");
        accepted(sample(Call.Type.ACKNOWLEDGE_OPERATION_STATUS));
        accepted(call(Call.Type.ACKNOWLEDGE_OPERATION_STATUS).setAcknowledgeOperationStatus(ack));
        await().until(() -> agent.received(ToAgent.MessageCase.ACKNOWLEDGE_OPERATION).stream()
                .anyMatch(m -> m.getAcknowledgeOperation().getOperationUuid().equals(sent.getUuid())));
        Call.ReconcileOperations.Builder asked = Call.ReconcileOperations.newBuilder();
        asked.addOperationsBuilder().setOperationId(sent.getInfo().getId());
        accepted(call(Call.Type.RECONCILE_OPERATIONS).setReconcileOperations(asked));
        await().until(() -> scheduler.events(Event.Type.UPDATE_OPERATION_STATUS).size() == 3);
        assertThat(scheduler.events(Event.Type.UPDATE_OPERATION_STATUS))
                .extracting(e -> e.getUpdateOperationStatus().getStatus().getState())
                .containsExactly(
                        OperationState.OPERATION_PENDING,
                        OperationState.OPERATION_FINISHED,
                        OperationState.OPERATION_UNKNOWN);
    }

    @ParameterizedTest
    @EnumSource(WireFormat.class)
    void aFrameworkIsUpdatedButForWhatMustNotChange(WireFormat format) {
        subscribe(format);
        FrameworkInfo.Builder mine = framework(role).setId(scheduler.frameworkId());
        HttpResponse<String> done = scheduler.call(update(mine.clone().setName("renamed")));
        assertThat(done.statusCode()).as(done.body()).isEqualTo(200);
        await().until(() -> master.leadership().leading().orElseThrow().current().frameworks().stream()
                .anyMatch(f -> f.info().getName().equals("renamed")));
        refused(update(mine.clone().setUser("nobody")), 400, "user");
        refused(update(mine.clone().setCheckpoint(!mine.getCheckpoint())), 400, "checkpoint");
        refused(update(mine.clone().setPrincipal("somebody")), 400, "principal");
        refused(update(mine.clone().clearId()), 400, "id");
        refused(update(mine.clone().addRoles("a b")), 400, "roles[1]");
        Call.Builder suppressed = update(mine);
        suppressed.getUpdateFrameworkBuilder().addSuppressedRoles("other");
        refused(suppressed, 400, "suppressed_roles");
        Call.Builder constrained = update(mine);
        constrained
                .getUpdateFrameworkBuilder()
                .getOfferConstraintsBuilder()
                .putRoleConstraints(
                        role, io.paddock.proto.v1.scheduler.OfferConstraints.RoleConstraints.getDefaultInstance());
        refused(constrained, 400, "offer_constraints");
    }

    private static Call.Builder update(FrameworkInfo.Builder info) {
        return call(Call.Type.UPDATE_FRAMEWORK)
                .setUpdateFramework(Call.UpdateFramework.newBuilder().setFrameworkInfo(info));
    }

    @ParameterizedTest
    @EnumSource(WireFormat.class)
    void whatHasNoEffectIsAccepted(WireFormat format) {
        subscribe(format);
        accepted(sample(Call.Type.REQUEST));
        accepted(sample(Call.Type.ACCEPT_INVERSE_OFFERS));
        accepted(sample(Call.Type.DECLINE_INVERSE_OFFERS));
    }

    @ParameterizedTest
    @EnumSource(WireFormat.class)
    void teardownEndsTheStream(WireFormat format) {
        subscribe(format);
        running("t");
        accepted(call(Call.Type.TEARDOWN));
        await().until(() -> scheduler.ended);
        await().until(() -> told(ToAgent.MessageCase.SHUTDOWN_FRAMEWORK).count() == 1);
    }
}
