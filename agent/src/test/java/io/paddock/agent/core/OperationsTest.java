package io.paddock.agent.core;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.paddock.common.resources.Resources;
import io.paddock.proto.checkpoint.Record;
import io.paddock.proto.domain.ResourceMessages;
import io.paddock.proto.json.JsonCodec;
import io.paddock.proto.link.AcknowledgeOperation;
import io.paddock.proto.link.ApplyOperation;
import io.paddock.proto.link.FromAgent;
import io.paddock.proto.link.ToAgent;
import io.paddock.proto.v1.Offer;
import io.paddock.proto.v1.Operation;
import io.paddock.proto.v1.OperationID;
import io.paddock.proto.v1.OperationState;
import io.paddock.proto.v1.OperationStatus;
import io.paddock.proto.v1.Resource;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class OperationsTest {
    private static final String DYNAMIC =
            "\"reservations\":[{\"type\":\"DYNAMIC\",\"role\":\"a\",\"principal\":\"p\"}]";

    private final AgentScript agent = AgentScript.ready();
    private int next;

    private static Resource disk(double mb, String rest) {
        return JsonCodec.fromJson(
                ("{\"name\":\"disk\",\"type\":\"SCALAR\",\"scalar\":{\"value\":" + mb + "}" + rest + "}")
                        .getBytes(StandardCharsets.UTF_8),
                Resource.getDefaultInstance());
    }

    private static Resource volume(double mb) {
        return disk(
                mb,
                "," + DYNAMIC
                        + ",\"disk\":{\"persistence\":{\"id\":\"v1\"},\"volume\":{\"mode\":\"RW\",\"container_path\":\"data\"}}");
    }

    private static Resource reserved(double mb) {
        return disk(mb, "," + DYNAMIC + ",\"allocation_info\":{\"role\":\"a\"}");
    }

    private OperationStatus apply(Offer.Operation.Builder operation) {
        return apply(operation, ByteString.copyFromUtf8("operation-" + next++));
    }

    private OperationStatus apply(Offer.Operation.Builder operation, ByteString uuid) {
        agent.effects.clear();
        agent.master(ToAgent.newBuilder()
                .setApplyOperation(ApplyOperation.newBuilder()
                        .setFrameworkId(AgentScript.FRAMEWORK)
                        .setInfo(operation)
                        .setUuid(uuid)));
        return agent.sent().stream()
                .filter(FromAgent::hasOperationUpdate)
                .findFirst()
                .orElseThrow()
                .getOperationUpdate()
                .getStatus();
    }

    private static Offer.Operation.Builder reserve(Resource resource) {
        return Offer.Operation.newBuilder()
                .setType(Offer.Operation.Type.RESERVE)
                .setReserve(Offer.Operation.Reserve.newBuilder().addResources(resource));
    }

    private static Offer.Operation.Builder create(Resource volume) {
        return Offer.Operation.newBuilder()
                .setType(Offer.Operation.Type.CREATE)
                .setCreate(Offer.Operation.Create.newBuilder().addVolumes(volume));
    }

    private Resources totals() {
        return agent.core.view().totals();
    }

    private double unreservedDisk() {
        return totals().unreserved().scalar("disk");
    }

    private boolean has(Resource resource) {
        return totals().contains(
                        ResourceMessages.fromMessages(List.of(resource)).unallocated());
    }

    @Test
    void reserveCreateGrowShrinkDestroyUnreserveComesBackToTheStart() {
        Resources start = totals();
        assertThat(apply(reserve(reserved(400))).getState()).isEqualTo(OperationState.OPERATION_FINISHED);
        assertThat(unreservedDisk()).isEqualTo(600);
        assertThat(apply(create(volume(100))).getState()).isEqualTo(OperationState.OPERATION_FINISHED);
        assertThat(has(volume(100))).isTrue();
        assertThat(has(reserved(300))).isTrue();

        apply(Offer.Operation.newBuilder()
                .setType(Offer.Operation.Type.GROW_VOLUME)
                .setGrowVolume(Offer.Operation.GrowVolume.newBuilder()
                        .setVolume(volume(100))
                        .setAddition(reserved(50))));
        assertThat(has(volume(150))).isTrue();
        apply(Offer.Operation.newBuilder()
                .setType(Offer.Operation.Type.SHRINK_VOLUME)
                .setShrinkVolume(Offer.Operation.ShrinkVolume.newBuilder()
                        .setVolume(volume(150))
                        .setSubtract(
                                io.paddock.proto.v1.Value.Scalar.newBuilder().setValue(30))));
        assertThat(has(volume(120))).isTrue();
        assertThat(has(volume(121))).isFalse();

        apply(Offer.Operation.newBuilder()
                .setType(Offer.Operation.Type.DESTROY)
                .setDestroy(Offer.Operation.Destroy.newBuilder().addVolumes(volume(120))));
        assertThat(agent.effects(AgentEffect.RemoveVolume.class)).hasSize(1);
        apply(Offer.Operation.newBuilder()
                .setType(Offer.Operation.Type.UNRESERVE)
                .setUnreserve(Offer.Operation.Unreserve.newBuilder().addResources(reserved(400))));
        assertThat(totals()).isEqualTo(start);
    }

    private static Offer.Operation.Builder withId(Offer.Operation.Builder operation) {
        return operation.setId(OperationID.newBuilder().setValue("op-1"));
    }

    private List<OperationStatus> told() {
        return agent.sent().stream()
                .filter(FromAgent::hasOperationUpdate)
                .map(m -> m.getOperationUpdate().getStatus())
                .toList();
    }

    private void acknowledge(ByteString operation, ByteString status) {
        agent.effects.clear();
        agent.master(ToAgent.newBuilder()
                .setAcknowledgeOperation(AcknowledgeOperation.newBuilder()
                        .setOperationUuid(operation)
                        .setStatusUuid(status)));
    }

    @Test
    void aStatusIsToldAgainUntilItIsAcknowledged() {
        ByteString uuid = ByteString.copyFromUtf8("asked");
        OperationStatus status = apply(withId(reserve(reserved(400))), uuid);
        assertThat(status.getUuid().getValue().size()).isEqualTo(16);
        assertThat(agent.effects.get(0)).isInstanceOf(AgentEffect.Checkpoint.class);
        agent.effects.clear();
        agent.pass(Duration.ofSeconds(10));
        assertThat(told()).containsExactly(status);
        agent.pass(Duration.ofSeconds(20));
        assertThat(told()).containsExactly(status, status);
        acknowledge(uuid, ByteString.copyFromUtf8("another status"));
        agent.pass(Duration.ofSeconds(40));
        assertThat(told()).containsExactly(status);
        acknowledge(uuid, status.getUuid().getValue());
        agent.pass(Duration.ofHours(1));
        assertThat(told()).isEmpty();
        assertThat(agent.core.view().operations()).isEmpty();
        assertThat(apply(withId(reserve(reserved(400))), uuid).hasUuid()).isFalse();
    }

    @Test
    void aStatusSurvivesRestartAndCompactionAndIsNamedToTheNextMaster() {
        ByteString uuid = ByteString.copyFromUtf8("asked");
        OperationStatus status = apply(withId(reserve(reserved(400))), uuid);
        for (List<Record> log : List.of(List.copyOf(agent.disk), agent.core.records())) {
            agent.restarted(agent.settings, log);
            agent.admitted();
            Operation named = agent.sent().get(0).getReregister().getOperations(0);
            assertThat(named.getUuid().getValue()).isEqualTo(uuid);
            assertThat(named.getFrameworkId()).isEqualTo(AgentScript.FRAMEWORK);
            assertThat(named.getLatestStatus()).isEqualTo(status);
            assertThat(named.getInfo().getType()).isEqualTo(Offer.Operation.Type.RESERVE);
            assertThat(told()).containsExactly(status);
            assertThat(agent.core.view().operations()).containsExactly(named);
        }
        acknowledge(uuid, status.getUuid().getValue());
        agent.restarted(agent.settings, agent.core.records());
        agent.admitted();
        assertThat(agent.sent().get(0).getReregister().getOperationsList()).isEmpty();
        assertThat(told()).isEmpty();
    }

    @Test
    void nothingIsToldWithoutALinkAndAllOfItAfterwards() {
        OperationStatus status = apply(withId(reserve(reserved(400))), ByteString.copyFromUtf8("asked"));
        agent.on(new AgentEvent.LinkClosed("gone"));
        agent.effects.clear();
        agent.pass(Duration.ofMinutes(30));
        assertThat(told()).isEmpty();
        agent.admitted();
        assertThat(told()).containsExactly(status);
    }

    @Test
    void theMasterLearnsWhatThereReallyIsAfterAnOperationFailed() {
        apply(reserve(reserved(400)));
        assertThat(agent.sent()).noneMatch(FromAgent::hasAgentTotals);
        apply(reserve(reserved(4000)));
        assertThat(ResourceMessages.fromMessages(
                        agent.sent().get(1).getAgentTotals().getTotalResourcesList()))
                .isEqualTo(totals());
    }

    @Test
    void isOnDiskBeforeItIsAnsweredAndSurvivesARestart() {
        apply(reserve(reserved(400)));
        assertThat(agent.effects.get(0)).isInstanceOf(AgentEffect.Checkpoint.class);
        Resources totals = totals();
        agent.restarted();
        assertThat(totals()).isEqualTo(totals);
        agent.on(new AgentEvent.LinkOpened());
        assertThat(ResourceMessages.fromMessages(
                        agent.sent().get(0).getReregister().getTotalResourcesList()))
                .isEqualTo(totals);
    }

    @Test
    void aRepeatedOperationIsAnsweredAndNotAppliedAgain() {
        ByteString uuid = ByteString.copyFromUtf8("same");
        OperationStatus first = apply(reserve(reserved(400)), uuid);
        agent.restarted().registered();
        assertThat(apply(reserve(reserved(400)), uuid)).isEqualTo(first);
        assertThat(unreservedDisk()).isEqualTo(600);
    }

    @Test
    void whatTheAgentDoesNotHaveIsDroppedAndChangesNothing() {
        Resources before = totals();
        assertThat(apply(reserve(reserved(4000))).getState()).isEqualTo(OperationState.OPERATION_DROPPED);
        assertThat(apply(create(volume(10))).getState()).isEqualTo(OperationState.OPERATION_DROPPED);
        assertThat(apply(Offer.Operation.newBuilder()
                                .setType(Offer.Operation.Type.UNRESERVE)
                                .setUnreserve(
                                        Offer.Operation.Unreserve.newBuilder().addResources(disk(10, ""))))
                        .getState())
                .isEqualTo(OperationState.OPERATION_ERROR);
        assertThat(totals()).isEqualTo(before);
    }

    @Test
    void aVolumeOutlivesTheMachinesReboot() {
        apply(reserve(reserved(400)));
        assertThat(apply(create(volume(100))).getState()).isEqualTo(OperationState.OPERATION_FINISHED);
        agent.restarted(AgentScript.settings("boot-2", "cpus:4;mem:4096;disk:1000;ports:[31000-31010]"), agent.disk);
        assertThat(has(volume(100))).isTrue();
        assertThat(unreservedDisk()).isEqualTo(600);
    }

    @Test
    void aTaskMayUseAVolumeOnceItIsThere() {
        agent.run(AgentScript.command("early").toBuilder()
                .addResources(volume(100))
                .build());
        assertThat(agent.did(AgentEffect.LaunchExecutor.class)).isFalse();
        apply(reserve(reserved(400)));
        apply(create(volume(100)));
        agent.run(AgentScript.command("late").toBuilder()
                .addResources(volume(100))
                .build());
        assertThat(agent.did(AgentEffect.LaunchExecutor.class)).isTrue();
    }
}
