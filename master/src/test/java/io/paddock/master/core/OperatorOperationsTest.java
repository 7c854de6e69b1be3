package io.paddock.master.core;

import static io.paddock.master.core.MasterHarness.frameworkInfo;
import static org.assertj.core.api.Assertions.assertThat;

import io.paddock.common.Rejection;
import io.paddock.common.resources.Disk;
import io.paddock.common.resources.Quantity;
import io.paddock.common.resources.Ranges;
import io.paddock.common.resources.Reservation;
import io.paddock.common.resources.ResourceKey;
import io.paddock.common.resources.Resources;
import io.paddock.proto.domain.ResourceMessages;
import io.paddock.proto.link.ApplyOperation;
import io.paddock.proto.link.FromAgent;
import io.paddock.proto.link.OperationUpdate;
import io.paddock.proto.link.Reregister;
import io.paddock.proto.link.ToAgent;
import io.paddock.proto.v1.AgentID;
import io.paddock.proto.v1.AgentInfo;
import io.paddock.proto.v1.Offer;
import io.paddock.proto.v1.OperationState;
import io.paddock.proto.v1.OperationStatus;
import io.paddock.proto.v1.Resource;
import io.paddock.proto.v1.Value;
import io.paddock.proto.v1.master.Call;
import io.paddock.proto.v1.scheduler.Event;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Reservations moved and volumes resized by an operator. */
class OperatorOperationsTest {
    private static final Reservation STATIC = new Reservation(Reservation.Type.STATIC, "a", null, List.of());
    private static final Reservation A = dynamic("a");
    private static final Reservation A_X = dynamic("a/x");
    private static final Reservation A_Y = dynamic("a/y");
    private static final Reservation B = dynamic("b");

    private final MasterHarness master = new MasterHarness();
    private Resources total;

    private static Reservation dynamic(String role) {
        return new Reservation(Reservation.Type.DYNAMIC, role, null, List.of());
    }

    private static Resources cpus(double amount, Reservation... stack) {
        return Resources.of(ResourceKey.of("cpus").withReservations(Arrays.asList(stack)), Quantity.Scalar.of(amount));
    }

    private static Resources disk(double mb) {
        return Resources.of(ResourceKey.of("disk").withReservations(List.of(B)), Quantity.Scalar.of(mb));
    }

    private static Resources volume(double mb) {
        return disk(mb).mapKeys(key ->
                key.withDisk(new Disk(new Disk.Persistence("v", null), new Disk.Volume("RW", "data", null), null)));
    }

    @BeforeEach
    void anAgentWithReservations() {
        total = cpus(4).plus(cpus(4, A))
                .plus(cpus(4, A, A_X))
                .plus(cpus(4, STATIC))
                .plus(volume(100))
                .plus(disk(100));
        master.spoke("l", FromAgent.newBuilder().setReregister(agent()));
    }

    private Reregister.Builder agent() {
        return master.reregister("host-l", "cpus:16;disk:200", "A1")
                .addAllTotalResources(ResourceMessages.toMessages(total));
    }

    private static Call.Builder call(Call.Type type) {
        return Call.newBuilder().setType(type);
    }

    private static AgentID.Builder agentId() {
        return AgentID.newBuilder().setValue("A1");
    }

    private static Call.Builder move(Resources source, Resources target) {
        return call(Call.Type.RESERVE_RESOURCES)
                .setReserveResources(Call.ReserveResources.newBuilder()
                        .setAgentId(agentId())
                        .addAllSource(ResourceMessages.toMessages(source))
                        .addAllResources(ResourceMessages.toMessages(target)));
    }

    private static Resource message(Resources resources) {
        return ResourceMessages.toMessages(resources).get(0);
    }

    private static Call.Builder grow(Resources volume, Resources addition) {
        return call(Call.Type.GROW_VOLUME)
                .setGrowVolume(Call.GrowVolume.newBuilder()
                        .setAgentId(agentId())
                        .setVolume(message(volume))
                        .setAddition(message(addition)));
    }

    private static Call.Builder shrink(Resources volume, double mb) {
        return call(Call.Type.SHRINK_VOLUME)
                .setShrinkVolume(Call.ShrinkVolume.newBuilder()
                        .setAgentId(agentId())
                        .setVolume(message(volume))
                        .setSubtract(Value.Scalar.newBuilder().setValue(mb)));
    }

    static Stream<Arguments> moves() {
        return Stream.of(
                Arguments.of("to another role", cpus(1, A), cpus(1, B)),
                Arguments.of("to a sibling", cpus(1, A, A_X), cpus(1, A, A_Y)),
                Arguments.of("deeper", cpus(1, A), cpus(1, A, A_X)),
                Arguments.of("up and away", cpus(1, A, A_X), cpus(1, B)),
                Arguments.of("two levels at once", cpus(1), cpus(1, A, A_X)),
                Arguments.of("above a static one", cpus(1, STATIC), cpus(1, STATIC, A_X)));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("moves")
    void aReservationIsMoved(String name, Resources source, Resources target) {
        assertThat(master.operate(move(source, target)).outcome()).isEqualTo(MasterEffect.Outcome.ACCEPTED);
        assertThat(master.agent("A1").total()).isEqualTo(total.minus(source).plus(target));
        assertThat(master.core().free("A1")).isEqualTo(master.agent("A1").total());
        Offer.Operation.Reserve told = master.sent("l", ToAgent.MessageCase.APPLY_OPERATION)
                .get(0)
                .getApplyOperation()
                .getInfo()
                .getReserve();
        assertThat(ResourceMessages.fromMessages(told.getSourceList())).isEqualTo(source);
        assertThat(ResourceMessages.fromMessages(told.getResourcesList())).isEqualTo(target);
    }

    /** Cpus as nobody has them. */
    private static Resources ranges(Reservation reservation) {
        return Resources.of(cpus(1, reservation).amounts().firstKey(), Ranges.of(List.of(new Ranges.Range(1, 2))));
    }

    static Stream<Arguments> refusals() {
        Rejection.Code invalid = Rejection.Code.INVALID;
        Call.Builder nowhere = grow(volume(100), disk(1));
        nowhere.getGrowVolumeBuilder().clearAgentId();
        return Stream.of(
                Arguments.of("another amount", move(cpus(1, A), cpus(2, B)), invalid, "same amounts"),
                Arguments.of("to where it is", move(cpus(1, A), cpus(1, A)), invalid, "reserved alike"),
                Arguments.of("to nobody", move(cpus(1, A), cpus(1)), invalid, "no dynamic reservation"),
                Arguments.of("away from a static one", move(cpus(1, STATIC), cpus(1, B)), invalid, "static"),
                Arguments.of(
                        "from two stacks",
                        move(cpus(1, A).plus(cpus(1, A, A_X)), cpus(2, B)),
                        invalid,
                        "the same reservations"),
                Arguments.of("not a refinement", move(cpus(1, A), cpus(1, A, B)), invalid, "refine"),
                Arguments.of("more than there is", move(cpus(5, A), cpus(5, B)), Rejection.Code.CONFLICT, "unused"),
                Arguments.of("of another type", move(ranges(A), ranges(B)), Rejection.Code.CONFLICT, "unused"),
                Arguments.of("a volume", move(volume(100), disk(100)), invalid, "volume"),
                Arguments.of("grow by too much", grow(volume(100), disk(101)), Rejection.Code.CONFLICT, "unused"),
                Arguments.of("grow by other things", grow(volume(100), cpus(1, B)), invalid, "addition"),
                Arguments.of("grow on no agent", nowhere, invalid, "No connected agent"),
                Arguments.of("shrink to nothing", shrink(volume(100), 100), invalid, "less"),
                Arguments.of("shrink one of another size", shrink(volume(90), 10), Rejection.Code.CONFLICT, "unused"),
                Arguments.of("shrink what is no volume", shrink(disk(100), 10), invalid, "persistence"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("refusals")
    void aBadCallIsRefusedAndChangesNothing(String name, Call.Builder call, Rejection.Code code, String why) {
        MasterEffect.Answer answer = master.operate(call);
        assertThat(answer.rejection().code()).isEqualTo(code);
        assertThat(answer.rejection().message()).contains(why);
        assertThat(master.agent("A1").total()).isEqualTo(total);
        assertThat(master.sent("l", ToAgent.MessageCase.APPLY_OPERATION)).isEmpty();
    }

    @Test
    void aVolumeGrowsAndShrinksOutOfOffersThatAreTakenBack() {
        master.subscribed("s", frameworkInfo("f", "b"));
        master.settle();
        assertThat(master.operate(grow(volume(100), disk(50))).outcome()).isEqualTo(MasterEffect.Outcome.ACCEPTED);
        assertThat(master.events("s", Event.Type.RESCIND)).hasSize(1);
        assertThat(master.operate(shrink(volume(150), 30)).outcome()).isEqualTo(MasterEffect.Outcome.ACCEPTED);
        assertThat(master.agent("A1").total().contains(volume(120).plus(disk(80))))
                .isTrue();
        List<ToAgent> told = master.sent("l", ToAgent.MessageCase.APPLY_OPERATION);
        assertThat(told).hasSize(2);
        assertThat(master.agent("A1").operations())
                .hasSize(2)
                .allSatisfy(operation -> assertThat(operation.hasFrameworkId()).isFalse());
        ApplyOperation first = told.get(0).getApplyOperation();
        master.spoke(
                "l",
                FromAgent.newBuilder()
                        .setOperationUpdate(OperationUpdate.newBuilder()
                                .setFrameworkId(first.getFrameworkId())
                                .setStatus(OperationStatus.newBuilder().setState(OperationState.OPERATION_FINISHED))
                                .setUuid(first.getUuid())));
        assertThat(master.agent("A1").operations()).hasSize(1);
    }

    @Test
    void anAgentThatCannotResizeIsNotAsked() {
        Reregister.Builder old = agent().clearCapabilities();
        MasterHarness.capabilities().stream()
                .filter(capability -> capability.getType() != AgentInfo.Capability.Type.RESIZE_VOLUME)
                .forEach(old::addCapabilities);
        master.spoke("l2", FromAgent.newBuilder().setReregister(old));
        for (Call.Builder call : List.of(grow(volume(100), disk(1)), shrink(volume(100), 1))) {
            assertThat(master.operate(call).rejection().message()).contains("RESIZE_VOLUME");
        }
    }
}
