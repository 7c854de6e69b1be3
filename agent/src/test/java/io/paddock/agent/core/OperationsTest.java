package io.paddock.agent.core;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.paddock.common.resources.Resources;
import io.paddock.proto.domain.ResourceMessages;
import io.paddock.proto.json.JsonCodec;
import io.paddock.proto.link.ApplyOperation;
import io.paddock.proto.link.FromAgent;
import io.paddock.proto.link.ToAgent;
import io.paddock.proto.v1.Offer;
import io.paddock.proto.v1.OperationState;
import io.paddock.proto.v1.OperationStatus;
import io.paddock.proto.v1.Resource;
import java.nio.charset.StandardCharsets;
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
