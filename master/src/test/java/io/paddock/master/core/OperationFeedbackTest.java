package io.paddock.master.core;

import static io.paddock.master.core.MasterHarness.call;
import static io.paddock.master.core.MasterHarness.frameworkInfo;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.paddock.common.Rejection;
import io.paddock.common.resources.Quantity;
import io.paddock.common.resources.Reservation;
import io.paddock.common.resources.ResourceKey;
import io.paddock.common.resources.Resources;
import io.paddock.master.core.snapshot.Count;
import io.paddock.master.core.snapshot.Tally;
import io.paddock.proto.domain.ResourceMessages;
import io.paddock.proto.link.AcknowledgeOperation;
import io.paddock.proto.link.AgentTotals;
import io.paddock.proto.link.ApplyOperation;
import io.paddock.proto.link.FromAgent;
import io.paddock.proto.link.OperationUpdate;
import io.paddock.proto.link.Reregister;
import io.paddock.proto.link.ToAgent;
import io.paddock.proto.v1.AgentID;
import io.paddock.proto.v1.AgentInfo;
import io.paddock.proto.v1.DrainState;
import io.paddock.proto.v1.Offer;
import io.paddock.proto.v1.Operation;
import io.paddock.proto.v1.OperationID;
import io.paddock.proto.v1.OperationState;
import io.paddock.proto.v1.OperationStatus;
import io.paddock.proto.v1.UUID;
import io.paddock.proto.v1.scheduler.Call;
import io.paddock.proto.v1.scheduler.Event;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What becomes of operations with an id: told, acknowledged, reconciled, and not lost when someone goes away. */
class OperationFeedbackTest {
    private static final ByteString STATUS = ByteString.copyFromUtf8("0123456789abcdef");
    private static final String TOTAL = "cpus:4;mem:1024;disk:1000";

    private final MasterHarness master = new MasterHarness();
    private String agent;
    private String id;

    @BeforeEach
    void oneAgentAndOneFramework() {
        agent = master.register("l", TOTAL);
        id = master.subscribed("s", frameworkInfo("f", "db"));
        master.settle();
    }

    private static Resources reserved(double cpus) {
        return Resources.of(
                ResourceKey.of("cpus")
                        .withReservations(List.of(new Reservation(Reservation.Type.DYNAMIC, "db", null, List.of()))),
                Quantity.Scalar.of(cpus));
    }

    private static Offer.Operation reserve(String operationId, double cpus) {
        Offer.Operation.Builder operation = Offer.Operation.newBuilder()
                .setType(Offer.Operation.Type.RESERVE)
                .setReserve(Offer.Operation.Reserve.newBuilder()
                        .addAllResources(ResourceMessages.toMessages(reserved(cpus))));
        if (!operationId.isEmpty()) {
            operation.setId(OperationID.newBuilder().setValue(operationId));
        }
        return operation.build();
    }

    /** Sends a RESERVE of one cpu on its way and answers what the agent is told. */
    private ApplyOperation sent(String operationId) {
        master.accept("s", id, master.lastOffer("s"), reserve(operationId, 1));
        List<ToAgent> applied = master.sent("l", ToAgent.MessageCase.APPLY_OPERATION);
        return applied.get(applied.size() - 1).getApplyOperation();
    }

    private static OperationStatus.Builder status(String operationId, OperationState state) {
        return OperationStatus.newBuilder()
                .setOperationId(OperationID.newBuilder().setValue(operationId))
                .setState(state)
                .setUuid(UUID.newBuilder().setValue(STATUS));
    }

    private void answered(String link, ApplyOperation operation, OperationStatus.Builder status) {
        master.spoke(
                link,
                FromAgent.newBuilder()
                        .setOperationUpdate(OperationUpdate.newBuilder()
                                .setFrameworkId(operation.getFrameworkId())
                                .setStatus(status)
                                .setUuid(operation.getUuid())));
    }

    private List<OperationStatus> told(String stream) {
        return master.events(stream, Event.Type.UPDATE_OPERATION_STATUS).stream()
                .map(e -> e.getUpdateOperationStatus().getStatus())
                .toList();
    }

    private static Call.Builder acknowledgement(String framework, String agentId, String operationId, ByteString uuid) {
        return call(framework, Call.Type.ACKNOWLEDGE_OPERATION_STATUS)
                .setAcknowledgeOperationStatus(Call.AcknowledgeOperationStatus.newBuilder()
                        .setAgentId(AgentID.newBuilder().setValue(agentId))
                        .setOperationId(OperationID.newBuilder().setValue(operationId))
                        .setUuid(uuid));
    }

    private List<AcknowledgeOperation> acknowledged(String link) {
        return master.sent(link, ToAgent.MessageCase.ACKNOWLEDGE_OPERATION).stream()
                .map(ToAgent::getAcknowledgeOperation)
                .toList();
    }

    /** The state answered for an operation; an empty agent id is not given. */
    private OperationState reconciled(String operationId, String agentId) {
        Call.ReconcileOperations.Operation.Builder asked = Call.ReconcileOperations.Operation.newBuilder()
                .setOperationId(OperationID.newBuilder().setValue(operationId));
        if (!agentId.isEmpty()) {
            asked.setAgentId(AgentID.newBuilder().setValue(agentId));
        }
        master.call(
                "s",
                call(id, Call.Type.RECONCILE_OPERATIONS)
                        .setReconcileOperations(
                                Call.ReconcileOperations.newBuilder().addOperations(asked)));
        List<OperationStatus> all = told("s");
        assertThat(all.get(all.size() - 1).hasUuid()).isFalse();
        return all.get(all.size() - 1).getState();
    }

    @Test
    void isPendingThenFinishedThenForgottenOnceAcknowledged() {
        ApplyOperation operation = sent("op");
        assertThat(master.agent(agent).operations()).singleElement().satisfies(pending -> {
            assertThat(pending.getLatestStatus().getState()).isEqualTo(OperationState.OPERATION_PENDING);
            assertThat(pending.getFrameworkId().getValue()).isEqualTo(id);
            assertThat(pending.getUuid().getValue()).isEqualTo(operation.getUuid());
        });
        assertThat(reconciled("op", "")).isEqualTo(OperationState.OPERATION_PENDING);

        answered("l", operation, status("op", OperationState.OPERATION_FINISHED));
        OperationStatus finished = told("s").get(1);
        assertThat(finished.getState()).isEqualTo(OperationState.OPERATION_FINISHED);
        assertThat(finished.getUuid().getValue()).isEqualTo(STATUS);
        assertThat(finished.getAgentId().getValue()).isEqualTo(agent);
        assertThat(reconciled("op", agent)).isEqualTo(OperationState.OPERATION_FINISHED);

        assertThat(master.call("s", acknowledgement(id, agent, "op", STATUS)).rejection())
                .isNull();
        assertThat(acknowledged("l"))
                .containsExactly(AcknowledgeOperation.newBuilder()
                        .setOperationUuid(operation.getUuid())
                        .setStatusUuid(STATUS)
                        .build());
        assertThat(master.agent(agent).operations()).isEmpty();
        assertThat(reconciled("op", agent)).isEqualTo(OperationState.OPERATION_UNKNOWN);
        answered("l", operation, status("op", OperationState.OPERATION_FINISHED));
        Tally tally = master.snapshot().tally();
        assertThat(tally.of(Count.VALID_OPERATION_STATUS_UPDATES)).isEqualTo(1);
        assertThat(tally.of(Count.INVALID_OPERATION_STATUS_UPDATES)).isEqualTo(1);
        assertThat(tally.of(Count.VALID_OPERATION_STATUS_UPDATE_ACKNOWLEDGEMENTS))
                .isEqualTo(1);
    }

    @Test
    void badAcknowledgementsAreRefusedOrDropped() {
        answered("l", sent("op"), status("op", OperationState.OPERATION_FINISHED));
        ByteString other = ByteString.copyFromUtf8("fedcba9876543210");
        master.call("s", acknowledgement(id, agent, "op", other));
        master.call("s", acknowledgement(id, agent, "another", STATUS));
        master.call("s", acknowledgement(id, "another", "op", STATUS));
        Call.Builder malformed = acknowledgement(id, agent, "op", ByteString.copyFromUtf8("short"));
        assertThat(master.call("s", malformed).rejection().code()).isEqualTo(Rejection.Code.INVALID);
        Call.Builder anywhere = acknowledgement(id, agent, "op", STATUS);
        anywhere.getAcknowledgeOperationStatusBuilder().clearAgentId();
        assertThat(master.call("s", anywhere).rejection().message()).contains("agent_id");
        assertThat(acknowledged("l")).isEmpty();
        assertThat(master.agent(agent).operations()).hasSize(1);
        assertThat(master.snapshot().tally().of(Count.INVALID_OPERATION_STATUS_UPDATE_ACKNOWLEDGEMENTS))
                .isEqualTo(3);
    }

    @Test
    void withoutAnIdNothingIsToldAndNothingKept() {
        ApplyOperation operation = sent("");
        assertThat(master.agent(agent).operations()).hasSize(1);
        answered("l", operation, OperationStatus.newBuilder().setState(OperationState.OPERATION_FINISHED));
        assertThat(master.agent(agent).operations()).isEmpty();
        assertThat(told("s")).isEmpty();
    }

    @Test
    void anIdInUseIsRefused() {
        sent("op");
        master.settle();
        master.accept("s", id, master.lastOffer("s"), reserve("op", 1));
        assertThat(told("s")).singleElement().satisfies(status -> {
            assertThat(status.getState()).isEqualTo(OperationState.OPERATION_ERROR);
            assertThat(status.getMessage()).contains("in use");
        });
        assertThat(master.sent("l", ToAgent.MessageCase.APPLY_OPERATION)).hasSize(1);
    }

    @Test
    void anAgentThatCannotGiveFeedbackIsNotAsked() {
        for (AgentInfo.Capability.Type lacking : List.of(
                AgentInfo.Capability.Type.RESOURCE_PROVIDER, AgentInfo.Capability.Type.AGENT_OPERATION_FEEDBACK)) {
            Reregister.Builder back = master.reregister("host-l", TOTAL, agent);
            back.clearCapabilities();
            MasterHarness.capabilities().stream()
                    .filter(capability -> capability.getType() != lacking)
                    .forEach(back::addCapabilities);
            master.spoke("l-" + lacking, FromAgent.newBuilder().setReregister(back));
            master.settle();
            master.accept("s", id, master.lastOffer("s"), reserve("op", 1), reserve("", 1));
            List<OperationStatus> told = told("s");
            assertThat(told.get(told.size() - 1).getState()).isEqualTo(OperationState.OPERATION_ERROR);
            assertThat(told.get(told.size() - 1).getMessage()).contains(lacking.name());
            assertThat(master.sent("l-" + lacking, ToAgent.MessageCase.APPLY_OPERATION))
                    .hasSize(1);
        }
    }

    /** It stays on the books and is shown to operators: secrets of tasks must not be in it. */
    @Test
    void anAgentIsToldOfAnOperationWhatBelongsToItsType() {
        Offer offer = master.lastOffer("s");
        Offer.Operation filledTwice = reserve("op", 1).toBuilder()
                .setLaunch(Offer.Operation.Launch.newBuilder().addTaskInfos(MasterHarness.task("t", offer, "cpus:1")))
                .build();
        master.accept("s", id, offer, filledTwice);
        assertThat(master.sent("l", ToAgent.MessageCase.APPLY_OPERATION))
                .singleElement()
                .satisfies(told -> {
                    assertThat(told.getApplyOperation().getInfo().hasReserve()).isTrue();
                    assertThat(told.getApplyOperation().getInfo().hasLaunch()).isFalse();
                });
    }

    @Test
    void whatIsAskedForWithoutAValidOfferIsDroppedWhateverElseTheOperationHolds() {
        Offer gone = master.lastOffer("s");
        master.accept("s", id, gone);
        Offer.Operation filledTwice = reserve("op", 1).toBuilder()
                .setLaunch(Offer.Operation.Launch.newBuilder().addTaskInfos(MasterHarness.task("t", gone, "cpus:1")))
                .build();
        master.accept("s", id, gone, filledTwice);
        assertThat(told("s"))
                .singleElement()
                .extracting(status -> status.getOperationId().getValue(), OperationStatus::getState)
                .containsExactly("op", OperationState.OPERATION_DROPPED);
        assertThat(master.updates("s")).isEmpty();
    }

    @Test
    void whatDidNotReachTheAgentIsDroppedWhenItComesBack() {
        sent("op");
        master.feed(new MasterEvent.AgentLinkClosed("l"));
        assertThat(reconciled("op", agent)).isEqualTo(OperationState.OPERATION_PENDING);
        master.spoke("l2", FromAgent.newBuilder().setReregister(master.reregister("host-l", TOTAL, agent)));
        List<OperationStatus> told = told("s");
        assertThat(told.get(1).getState()).isEqualTo(OperationState.OPERATION_DROPPED);
        assertThat(told.get(1).hasUuid()).isFalse();
        assertThat(master.agent(agent).operations()).isEmpty();
        assertThat(master.agent(agent).total()).isEqualTo(Resources.parse(TOTAL));
    }

    private static Operation named(ApplyOperation operation, OperationStatus.Builder status) {
        return Operation.newBuilder()
                .setFrameworkId(operation.getFrameworkId())
                .setInfo(operation.getInfo())
                .setLatestStatus(status)
                .setUuid(UUID.newBuilder().setValue(operation.getUuid()))
                .build();
    }

    @Test
    void anotherMasterLearnsOfItFromTheAgent() {
        ApplyOperation operation = sent("op");
        OperationStatus.Builder finished = status("op", OperationState.OPERATION_FINISHED);
        master.failOver("m2");
        master.subscribe(
                "s",
                MasterHarness.subscribe(frameworkInfo("f", "db")
                                .setId(operation.getFrameworkId())
                                .build())
                        .build());
        assertThat(reconciled("op", agent)).isEqualTo(OperationState.OPERATION_RECOVERING);
        master.spoke(
                "l2",
                FromAgent.newBuilder()
                        .setReregister(
                                master.reregister("host-l", TOTAL, agent).addOperations(named(operation, finished))));
        assertThat(reconciled("op", "")).isEqualTo(OperationState.OPERATION_FINISHED);
        answered("l2", operation, finished);
        assertThat(told("s").get(2).getUuid().getValue()).isEqualTo(STATUS);
        master.call("s", acknowledgement(id, agent, "op", STATUS));
        assertThat(acknowledged("l2")).hasSize(1);
        assertThat(master.agent(agent).operations()).isEmpty();
    }

    @Test
    void aLostAcknowledgementIsAskedForAgain() {
        ApplyOperation operation = sent("op");
        OperationStatus.Builder finished = status("op", OperationState.OPERATION_FINISHED);
        answered("l", operation, finished);
        master.call("s", acknowledgement(id, agent, "op", STATUS));
        answered("l", operation, finished);
        assertThat(told("s")).hasSize(1);
        master.spoke(
                "l2",
                FromAgent.newBuilder()
                        .setReregister(
                                master.reregister("host-l", TOTAL, agent).addOperations(named(operation, finished))));
        answered("l2", operation, finished);
        assertThat(told("s")).hasSize(2);
        master.call("s", acknowledgement(id, agent, "op", STATUS));
        assertThat(acknowledged("l2")).hasSize(1);
    }

    @Test
    void aFrameworkThatAMasterWithoutMemoryHasNotHeardOfIsWaitedForAWhile() {
        ApplyOperation operation = sent("op");
        OperationStatus.Builder finished = status("op", OperationState.OPERATION_FINISHED);
        master.store.clear();
        master.failOver("m2");
        master.spoke(
                "l2",
                FromAgent.newBuilder()
                        .setReregister(
                                master.reregister("host-l", TOTAL, agent).addOperations(named(operation, finished))));
        answered("l2", operation, finished);
        assertThat(acknowledged("l2")).isEmpty();
        master.subscribe(
                "s",
                MasterHarness.subscribe(frameworkInfo("f", "db")
                                .setId(operation.getFrameworkId())
                                .build())
                        .build());
        assertThat(told("s"))
                .singleElement()
                .satisfies(status -> assertThat(status.getUuid().getValue()).isEqualTo(STATUS));
        master.call("s", acknowledgement(id, agent, "op", STATUS));
        assertThat(acknowledged("l2")).hasSize(1);

        master.store.clear();
        master.failOver("m3");
        master.spoke(
                "l3",
                FromAgent.newBuilder()
                        .setReregister(
                                master.reregister("host-l", TOTAL, agent).addOperations(named(operation, finished))));
        master.advance(Duration.ofMinutes(11));
        answered("l3", operation, finished);
        assertThat(acknowledged("l3")).hasSize(1);
        assertThat(master.agent(agent).operations()).isEmpty();
    }

    @Test
    void nobodyIsLeftToAcknowledge() {
        ApplyOperation answered = sent("op1");
        answered("l", answered, status("op1", OperationState.OPERATION_FINISHED));
        master.settle();
        ApplyOperation pending = sent("op2");
        master.call("s", call(id, Call.Type.TEARDOWN));
        assertThat(acknowledged("l")).hasSize(1);
        answered("l", pending, status("op2", OperationState.OPERATION_FINISHED));
        assertThat(acknowledged("l")).hasSize(2);
        assertThat(master.agent(agent).operations()).isEmpty();
    }

    @Test
    void whatARemovedAgentDidNotAnswerIsToldAccordingToHowItWent() {
        sent("op");
        master.feed(new MasterEvent.AgentLinkClosed("l"));
        master.advance(Duration.ofMinutes(11));
        assertThat(told("s")).singleElement().satisfies(status -> {
            assertThat(status.getState()).isEqualTo(OperationState.OPERATION_UNREACHABLE);
            assertThat(status.hasUuid()).isFalse();
        });
        assertThat(reconciled("op", agent)).isEqualTo(OperationState.OPERATION_UNREACHABLE);
        io.paddock.proto.v1.master.Call.Builder gone = io.paddock.proto.v1.master.Call.newBuilder()
                .setType(io.paddock.proto.v1.master.Call.Type.MARK_AGENT_GONE);
        gone.getMarkAgentGoneBuilder().getAgentIdBuilder().setValue(agent);
        master.operate(gone);
        assertThat(reconciled("op", agent)).isEqualTo(OperationState.OPERATION_GONE_BY_OPERATOR);
        assertThat(reconciled("op", "")).isEqualTo(OperationState.OPERATION_UNKNOWN);
    }

    private void drain() {
        io.paddock.proto.v1.master.Call.Builder drain =
                io.paddock.proto.v1.master.Call.newBuilder().setType(io.paddock.proto.v1.master.Call.Type.DRAIN_AGENT);
        drain.getDrainAgentBuilder().getAgentIdBuilder().setValue(agent);
        master.operate(drain);
    }

    @Test
    void aDrainWaitsForOperations() {
        ApplyOperation operation = sent("op");
        drain();
        answered("l", operation, status("op", OperationState.OPERATION_FINISHED));
        assertThat(master.agent(agent).drain().getState()).isEqualTo(DrainState.DRAINING);
        master.call("s", acknowledgement(id, agent, "op", STATUS));
        assertThat(master.agent(agent).drain().getState()).isEqualTo(DrainState.DRAINED);
    }

    @Test
    void aDrainIsOverWhenTheFrameworkThatHasNotAcknowledgedIsRemoved() {
        ApplyOperation operation = sent("op");
        drain();
        answered("l", operation, status("op", OperationState.OPERATION_FINISHED));
        master.call("s", call(id, Call.Type.TEARDOWN));
        assertThat(master.agent(agent).drain().getState()).isEqualTo(DrainState.DRAINED);
    }

    @Test
    void theBooksFollowTheAgentWhenAnOperationFailedAndKeepWhatIsOnItsWay() {
        ApplyOperation failing = sent("op1");
        master.settle();
        sent("op2");
        answered("l", failing, status("op1", OperationState.OPERATION_DROPPED));
        master.spoke(
                "l",
                FromAgent.newBuilder()
                        .setAgentTotals(AgentTotals.newBuilder()
                                .addAllTotalResources(ResourceMessages.toMessages(Resources.parse(TOTAL)))));
        assertThat(told("s").get(0).getState()).isEqualTo(OperationState.OPERATION_DROPPED);
        assertThat(master.agent(agent).total())
                .isEqualTo(Resources.parse("cpus:3;mem:1024;disk:1000").plus(reserved(1)));
    }
}
