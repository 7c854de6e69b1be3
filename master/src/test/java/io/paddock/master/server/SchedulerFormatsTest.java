package io.paddock.master.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.paddock.common.resources.Resources;
import io.paddock.platform.http.WireFormat;
import io.paddock.proto.domain.ResourceMessages;
import io.paddock.proto.link.FromAgent;
import io.paddock.proto.link.Reregister;
import io.paddock.proto.link.ToAgent;
import io.paddock.proto.v1.AgentID;
import io.paddock.proto.v1.AgentInfo;
import io.paddock.proto.v1.FrameworkInfo;
import io.paddock.proto.v1.FrameworkInfo.Capability;
import io.paddock.proto.v1.Offer;
import io.paddock.proto.v1.Resource;
import io.paddock.proto.v1.TaskInfo;
import io.paddock.proto.v1.TaskState;
import io.paddock.proto.v1.Value;
import io.paddock.proto.v1.Volume;
import io.paddock.proto.v1.scheduler.Call;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Frameworks of before: without RESERVATION_REFINEMENT a reservation is a role and its ReservationInfo, without MULTI_ROLE
 * nothing says to which role it is allocated, without PARTITION_AWARE what is gone is LOST. The agent always sees our format.
 */
@SuppressWarnings("deprecation") // roles of old clients
class SchedulerFormatsTest extends SchedulerContract {
    private static Stream<Arguments> frameworks() {
        return Stream.of(WireFormat.values())
                .flatMap(format -> Stream.of(
                        Arguments.of(format, List.of()),
                        Arguments.of(format, List.of(Capability.Type.MULTI_ROLE)),
                        Arguments.of(format, List.of(Capability.Type.RESERVATION_REFINEMENT)),
                        Arguments.of(
                                format, List.of(Capability.Type.MULTI_ROLE, Capability.Type.RESERVATION_REFINEMENT))));
    }

    private boolean multiRole;
    private boolean refinement;

    private void subscribe(WireFormat format, List<Capability.Type> capabilities) {
        multiRole = capabilities.contains(Capability.Type.MULTI_ROLE);
        refinement = capabilities.contains(Capability.Type.RESERVATION_REFINEMENT);
        role = "old" + roles++;
        FrameworkInfo.Builder info =
                FrameworkInfo.newBuilder().setUser("root").setName("old").setFailoverTimeout(60);
        capabilities.forEach(type -> info.addCapabilitiesBuilder().setType(type));
        info.setPrincipal("me");
        reservingAgent();
        scheduler = ScriptedScheduler.subscribe(
                client, master.port(), format, (multiRole ? info.addRoles(role) : info.setRole(role)).build());
        await().until(() -> scheduler.offers().stream().anyMatch(this::isOfTheReservingAgent));
    }

    private boolean isOfTheReservingAgent(Offer offer) {
        return offer.getAgentId().getValue().equals("agent-" + role);
    }

    private Offer lastOffer() {
        return scheduler.offers().stream()
                .filter(this::isOfTheReservingAgent)
                .reduce((first, second) -> second)
                .orElseThrow();
    }

    /** It has disk for all, disk reserved to the role, and memory reserved to it and once more to a role below. */
    private void reservingAgent() {
        agent.close();
        agent = ScriptedAgent.connect(client, master.port());
        Resource.ReservationInfo.Builder ours = reservation(role).setType(Resource.ReservationInfo.Type.STATIC);
        AgentInfo.Builder info = ScriptedAgent.info("cpus:4;mem:1024;disk:1000")
                .setId(AgentID.newBuilder().setValue("agent-" + role))
                .addResources(scalar("disk", 50).addReservations(ours));
        Reregister.Builder register = Reregister.newBuilder()
                .setAgent(info)
                .setVersion("0.1.0")
                .addAllTotalResources(info.getResourcesList());
        register.addTotalResources(
                scalar("mem", 64).addReservations(ours).addReservations(reservation(role + "/below")));
        for (AgentInfo.Capability.Type type : AgentInfo.Capability.Type.values()) {
            if (type != AgentInfo.Capability.Type.UNKNOWN) {
                register.addCapabilitiesBuilder().setType(type);
            }
        }
        agent.send(FromAgent.newBuilder().setReregister(register));
    }

    private static Resource.Builder scalar(String name, double value) {
        return Resource.newBuilder()
                .setName(name)
                .setType(Value.Type.SCALAR)
                .setScalar(Value.Scalar.newBuilder().setValue(value));
    }

    private static Resource.ReservationInfo.Builder reservation(String role) {
        return Resource.ReservationInfo.newBuilder()
                .setType(Resource.ReservationInfo.Type.DYNAMIC)
                .setRole(role);
    }

    /** Dynamically reserved to the role, as this framework says it. */
    private Resource.Builder reserved(String name, double value) {
        return refinement
                ? scalar(name, value).addReservations(reservation(role).setPrincipal("me"))
                : scalar(name, value)
                        .setRole(role)
                        .setReservation(Resource.ReservationInfo.newBuilder().setPrincipal("me"));
    }

    private Resource.Builder volume() {
        Resource.Builder volume = reserved("disk", 10);
        volume.getDiskBuilder().getPersistenceBuilder().setId("v");
        volume.getDiskBuilder().getVolumeBuilder().setContainerPath("data").setMode(Volume.Mode.RW);
        return volume;
    }

    private static Offer.Operation.Builder operation(Offer.Operation.Type type) {
        return Offer.Operation.newBuilder().setType(type);
    }

    private void accept(Offer offer, Offer.Operation.Builder... operations) {
        Call.Accept.Builder accept = Call.Accept.newBuilder().addOfferIds(offer.getId());
        Stream.of(operations).forEach(accept::addOperations);
        accepted(call(Call.Type.ACCEPT).setAccept(accept));
    }

    /** Reserved, made a volume, used, given back: by each framework in its own words. */
    @ParameterizedTest
    @MethodSource("frameworks")
    void eachFrameworkHasItsFormat(WireFormat format, List<Capability.Type> capabilities) {
        subscribe(format, capabilities);
        Offer first = lastOffer();
        looksRight(first);
        assertThat(first.getResourcesList())
                .filteredOn(r -> r.getName().equals("mem"))
                .as("what is refined is not for who does not know it, nor for the role above")
                .hasSize(1);
        assertThat(find(first, "disk", 50)).satisfies(ours -> {
            assertThat(ours.hasReservation()).isFalse();
            assertThat(refinement ? ours.getReservations(0).getRole() : ours.getRole())
                    .isEqualTo(role);
        });
        TaskInfo.Builder task = task("t", first).addResources(volume()).addResources(reserved("cpus", 1));
        Offer.Operation.Builder reserve = operation(Offer.Operation.Type.RESERVE);
        reserve.getReserveBuilder().addResources(reserved("cpus", 3)).addResources(reserved("disk", 10));
        Offer.Operation.Builder create = operation(Offer.Operation.Type.CREATE);
        create.getCreateBuilder().addVolumes(volume());
        accept(first, reserve, create, launch(task));
        await().until(() -> !agent.launched().isEmpty());
        assertThat(scheduler.updates()).isEmpty();
        assertThat(ResourceMessages.fromMessages(agent.launched().get(0).getResourcesList())
                        .allocatedTo(role))
                .isEqualTo(
                        ResourceMessages.fromMessages(task.getResourcesList()).allocatedTo(role));
        assertThat(agent.launched().get(0).getResourcesList())
                .allSatisfy(r -> assertThat(r.hasRole() || r.hasReservation()).isFalse())
                .allSatisfy(r -> assertThat(r.getAllocationInfo().getRole()).isEqualTo(role));
        await().until(() -> lastOffer() != first);
        Offer second = lastOffer();
        looksRight(second);
        Resource left = find(second, "cpus", 2);
        assertThat(
                        refinement
                                ? left.getReservations(0).getPrincipal()
                                : left.getReservation().getPrincipal())
                .isEqualTo("me");
        Offer.Operation.Builder unreserve = operation(Offer.Operation.Type.UNRESERVE);
        unreserve.getUnreserveBuilder().addResources(reserved("cpus", 1));
        accept(second, unreserve);
        await().until(() -> agent.received(ToAgent.MessageCase.APPLY_OPERATION).size() == 3);
        accept(second, launch(task("late", second)));
        await().until(() -> !scheduler.updates().isEmpty());
        assertThat(scheduler.updates().get(0).getState()).isEqualTo(TaskState.TASK_LOST);
    }

    private static Resource find(Offer offer, String name, double amount) {
        return offer.getResourcesList().stream()
                .filter(r -> r.getName().equals(name) && r.getScalar().getValue() == amount)
                .findFirst()
                .orElseThrow();
    }

    private void looksRight(Offer offer) {
        assertThat(offer.hasAllocationInfo()).isEqualTo(multiRole);
        assertThat(offer.getResourcesList()).isNotEmpty().allSatisfy(r -> {
            assertThat(r.hasAllocationInfo()).isEqualTo(multiRole);
            assertThat(r.hasRole()).isEqualTo(!refinement);
            assertThat(r.getReservationsCount() > 0 && !refinement).isFalse();
        });
        assertThat(ResourceMessages.fromMessages(offer.getResourcesList()).equals(Resources.EMPTY))
                .isFalse();
    }
}
