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
import io.paddock.proto.v1.CommandInfo;
import io.paddock.proto.v1.ExecutorID;
import io.paddock.proto.v1.Filters;
import io.paddock.proto.v1.FrameworkID;
import io.paddock.proto.v1.FrameworkInfo;
import io.paddock.proto.v1.KillPolicy;
import io.paddock.proto.v1.Offer;
import io.paddock.proto.v1.OperationID;
import io.paddock.proto.v1.OperationState;
import io.paddock.proto.v1.OperationStatus;
import io.paddock.proto.v1.TaskID;
import io.paddock.proto.v1.TaskState;
import io.paddock.proto.v1.TaskStatus;
import io.paddock.proto.v1.UUID;
import io.paddock.proto.v1.scheduler.Call;
import io.paddock.proto.v1.scheduler.Event;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Every call of the scheduler API but SUBSCRIBE: what it does when it is good, and how it is refused when it is not. */
class SchedulerContractTest extends SchedulerContract {
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
    void whatIsNoCallIsRefused(WireFormat format) throws Exception {
        subscribe(format);
        refused(call(Call.Type.UNKNOWN), 501, "UNKNOWN");
        refused(Call.newBuilder(), 400, "type");
        byte[] notInvented = format == WireFormat.JSON
                ? "{\"type\":\"NOT_INVENTED\"}".getBytes(StandardCharsets.UTF_8)
                : new byte[] {Call.TYPE_FIELD_NUMBER << 3, 99};
        HttpResponse<String> unknown = raw(HttpRequest.newBuilder(uri())
                .header("Content-Type", format.mediaType())
                .POST(HttpRequest.BodyPublishers.ofByteArray(notInvented)));
        assertThat(unknown.statusCode()).isEqualTo(400);
        assertThat(unknown.body()).contains("type: expecting it to be present");
        refused(
                call(Call.Type.SUBSCRIBE)
                        .setSubscribe(Call.Subscribe.newBuilder().setFrameworkInfo(framework("r"))),
                400,
                "Mesos-Stream-Id");
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
