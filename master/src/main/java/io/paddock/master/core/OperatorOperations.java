package io.paddock.master.core;

import io.paddock.common.Rejection;
import io.paddock.common.resources.Resources;
import io.paddock.master.core.snapshot.OfferView;
import io.paddock.proto.domain.ResourceMessages;
import io.paddock.proto.v1.Offer;
import io.paddock.proto.v1.Resource;
import io.paddock.proto.v1.master.Call;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Reservations and volumes by an operator: on resources nobody uses. Those in outstanding offers are taken back, no more
 * offers than needed. The agent is told at once; the answer says that the operation was accepted.
 */
final class OperatorOperations {
    /** As for a DECLINE without filters. */
    private static final double RESCIND_REFUSE_SECONDS = 5.0;

    private final Cluster cluster;
    private final Outbox outbox;
    private final Offers offers;
    private final OperationFeedback feedback;

    OperatorOperations(Cluster cluster, Outbox outbox, Offers offers, OperationFeedback feedback) {
        this.cluster = cluster;
        this.outbox = outbox;
        this.offers = offers;
        this.feedback = feedback;
    }

    /** An operation in the format of agents and what it does to the totals. */
    private record Prepared(Offer.Operation.Builder operation, Conversions.Conversion conversion) {}

    private interface Preparing {
        Prepared prepare(Agent agent);
    }

    @SuppressWarnings("deprecation") // deprecated calls are among the others
    void called(Instant now, String request, @Nullable String principal, Call call) throws RejectedException {
        switch (call.getType()) {
            case RESERVE_RESOURCES:
                apply(
                        now,
                        request,
                        "reserve_resources",
                        call.getReserveResources().getAgentId().getValue(),
                        agent -> reserve(principal, call.getReserveResources()));
                return;
            case UNRESERVE_RESOURCES:
                apply(
                        now,
                        request,
                        "unreserve_resources",
                        call.getUnreserveResources().getAgentId().getValue(),
                        agent -> unreserve(call.getUnreserveResources()));
                return;
            case CREATE_VOLUMES:
                apply(
                        now,
                        request,
                        "create_volumes",
                        call.getCreateVolumes().getAgentId().getValue(),
                        agent -> create(agent, call.getCreateVolumes()));
                return;
            case DESTROY_VOLUMES:
                apply(
                        now,
                        request,
                        "destroy_volumes",
                        call.getDestroyVolumes().getAgentId().getValue(),
                        agent -> destroy(call.getDestroyVolumes()));
                return;
            case GROW_VOLUME:
                apply(
                        now,
                        request,
                        "grow_volume",
                        call.getGrowVolume().getAgentId().getValue(),
                        agent -> grow(agent, call.getGrowVolume()));
                return;
            case SHRINK_VOLUME:
                apply(
                        now,
                        request,
                        "shrink_volume",
                        call.getShrinkVolume().getAgentId().getValue(),
                        agent -> shrink(agent, call.getShrinkVolume()));
                return;
            default:
                throw new IllegalStateException(call.getType() + " is not about resources");
        }
    }

    private static Prepared reserve(@Nullable String principal, Call.ReserveResources call) {
        Resources target = read(call.getResourcesList());
        boolean moves = call.getSourceCount() > 0;
        Conversions.Conversion conversion = moves
                ? Conversions.rereserve(read(call.getSourceList()), target, principal)
                : Conversions.reserve(target, principal);
        Offer.Operation.Builder operation = Offer.Operation.newBuilder().setType(Offer.Operation.Type.RESERVE);
        operation.getReserveBuilder().addAllResources(ResourceMessages.toMessages(conversion.to()));
        if (moves) {
            operation.getReserveBuilder().addAllSource(ResourceMessages.toMessages(conversion.from()));
        }
        return new Prepared(operation, conversion);
    }

    private static Prepared unreserve(Call.UnreserveResources call) {
        Conversions.Conversion conversion = Conversions.unreserve(read(call.getResourcesList()));
        Offer.Operation.Builder operation = Offer.Operation.newBuilder().setType(Offer.Operation.Type.UNRESERVE);
        operation.getUnreserveBuilder().addAllResources(ResourceMessages.toMessages(conversion.from()));
        return new Prepared(operation, conversion);
    }

    private static Prepared create(Agent agent, Call.CreateVolumes call) {
        Conversions.Conversion conversion = Conversions.create(read(call.getVolumesList()), agent.total());
        Offer.Operation.Builder operation = Offer.Operation.newBuilder().setType(Offer.Operation.Type.CREATE);
        operation.getCreateBuilder().addAllVolumes(ResourceMessages.toMessages(conversion.to()));
        return new Prepared(operation, conversion);
    }

    private static Prepared destroy(Call.DestroyVolumes call) {
        Conversions.Conversion conversion = Conversions.destroy(read(call.getVolumesList()));
        Offer.Operation.Builder operation = Offer.Operation.newBuilder().setType(Offer.Operation.Type.DESTROY);
        operation.getDestroyBuilder().addAllVolumes(ResourceMessages.toMessages(conversion.from()));
        return new Prepared(operation, conversion);
    }

    private static Prepared grow(Agent agent, Call.GrowVolume call) {
        Operations.requireResizing(agent);
        Resources volume = read(List.of(call.getVolume()));
        Resources addition = read(List.of(call.getAddition()));
        Conversions.Conversion conversion = Conversions.grow(volume, addition);
        Offer.Operation.Builder operation = Offer.Operation.newBuilder().setType(Offer.Operation.Type.GROW_VOLUME);
        operation
                .getGrowVolumeBuilder()
                .setVolume(ResourceMessages.toMessages(volume).get(0))
                .setAddition(ResourceMessages.toMessages(addition).get(0));
        return new Prepared(operation, conversion);
    }

    private static Prepared shrink(Agent agent, Call.ShrinkVolume call) {
        Operations.requireResizing(agent);
        Resources volume = read(List.of(call.getVolume()));
        Conversions.Conversion conversion =
                Conversions.shrink(volume, call.getSubtract().getValue());
        Offer.Operation.Builder operation = Offer.Operation.newBuilder().setType(Offer.Operation.Type.SHRINK_VOLUME);
        operation
                .getShrinkVolumeBuilder()
                .setVolume(ResourceMessages.toMessages(volume).get(0))
                .setSubtract(call.getSubtract());
        return new Prepared(operation, conversion);
    }

    private static Resources read(List<Resource> messages) {
        return ResourceMessages.fromMessages(messages).unallocated();
    }

    private void apply(Instant now, String request, String path, String agentId, Preparing preparing)
            throws RejectedException {
        Agent agent = cluster.agent(agentId);
        if (agent == null || !agent.isConnected()) {
            throw new RejectedException(Rejection.Code.INVALID, "No connected agent found with ID '" + agentId + "'");
        }
        Prepared prepared;
        try {
            prepared = preparing.prepare(agent);
        } catch (IllegalArgumentException e) {
            throw new RejectedException(Rejection.Code.INVALID, path + ": " + e.getMessage());
        }
        Conversions.Conversion conversion = prepared.conversion();
        requireUnused(now, agent, conversion.from());
        if (!cluster.allocator.convertFree(agent.id, conversion.from(), conversion.to())) {
            throw new IllegalStateException("agent " + agent.id + " has " + cluster.allocator.free(agent.id)
                    + " free, but " + conversion.from() + " could not be converted");
        }
        Operations.changeTotal(agent, conversion);
        feedback.send("", agent, prepared.operation().build(), conversion);
        outbox.accepted(request);
    }

    /** Rescinds just enough offers for the resources to be free. */
    private void requireUnused(Instant now, Agent agent, Resources wanted) throws RejectedException {
        Optional<String> user = SharedVolumes.user(agent, wanted);
        if (user.isPresent()) {
            throw new RejectedException(Rejection.Code.CONFLICT, "The volume is in use by " + user.get());
        }
        Resources reachable = cluster.allocator.free(agent.id);
        List<OfferView> needed = SharedVolumes.offersOf(agent, wanted);
        for (OfferView offer : needed) {
            reachable = reachable.plus(offer.resources().unallocated());
        }
        for (OfferView offer : agent.offers.values()) {
            if (reachable.contains(wanted)) {
                break;
            }
            if (!needed.contains(offer)) {
                reachable = reachable.plus(offer.resources().unallocated());
                needed.add(offer);
            }
        }
        if (!reachable.contains(wanted)) {
            throw new RejectedException(
                    Rejection.Code.CONFLICT,
                    "Agent '" + agent.id + "' has " + reachable + " unused, but " + wanted + " is needed");
        }
        needed.forEach(offer -> offers.rescind(offer, Offers.refusedUntil(now, RESCIND_REFUSE_SECONDS)));
    }
}
