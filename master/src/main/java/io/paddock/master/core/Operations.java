package io.paddock.master.core;

import io.paddock.common.Identifiers;
import io.paddock.common.Rejection;
import io.paddock.common.resources.ResourceKey;
import io.paddock.common.resources.Resources;
import io.paddock.proto.domain.ResourceMessages;
import io.paddock.proto.v1.AgentInfo;
import io.paddock.proto.v1.FrameworkInfo;
import io.paddock.proto.v1.Offer;
import io.paddock.proto.v1.OperationState;
import io.paddock.proto.v1.Resource;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Reservation and volume operations. They are speculative: the books change at once, the agent is told and confirms; what
 * it has at its next registration is the truth.
 */
final class Operations {
    /** Per framework: what an agent must keep on its disk until it is acknowledged has to end somewhere. */
    private static final int MAX_OPEN = 1000;

    private static final List<AgentInfo.Capability.Type> FEEDBACK_NEEDS =
            List.of(AgentInfo.Capability.Type.RESOURCE_PROVIDER, AgentInfo.Capability.Type.AGENT_OPERATION_FEEDBACK);

    private static final Set<Offer.Operation.Type> RESIZING =
            EnumSet.of(Offer.Operation.Type.GROW_VOLUME, Offer.Operation.Type.SHRINK_VOLUME);

    private final Cluster cluster;
    private final Offers offers;
    private final OperationFeedback feedback;

    Operations(Cluster cluster, Offers offers, OperationFeedback feedback) {
        this.cluster = cluster;
        this.offers = offers;
        this.feedback = feedback;
    }

    /** An operation of ACCEPT. */
    void apply(Acceptance.Pool pool, Offer.Operation operation) {
        Optional<String> wrong = checkFeedback(pool.framework(), pool.agent(), operation);
        if (wrong.isPresent()) {
            refuse(pool.framework(), operation, wrong.get());
            return;
        }
        Conversions.Conversion conversion;
        try {
            conversion = conversion(operation, pool.role(), pool.framework(), pool.agent());
        } catch (IllegalArgumentException e) {
            refuse(pool.framework(), operation, String.valueOf(e.getMessage()));
            return;
        }
        if (!pool.contains(conversion.from())) {
            refuse(
                    pool.framework(),
                    operation,
                    operation.getType() + " needs " + conversion.from() + ", which is not in the offers");
            return;
        }
        if (operation.getType() == Offer.Operation.Type.DESTROY) {
            Optional<String> user = SharedVolumes.user(pool.agent(), conversion.from());
            if (user.isPresent()) {
                refuse(pool.framework(), operation, "the volume is in use by " + user.get());
                return;
            }
            SharedVolumes.offersOf(pool.agent(), conversion.from()).forEach(offer -> offers.rescind(offer, null));
        }
        pool.convert(conversion);
        if (RESIZING.contains(operation.getType())) {
            pool.resized(conversion.to().filter(Operations::isVolume));
        }
        Conversions.Conversion plain = conversion.unallocated();
        cluster.allocator.convert(pool.framework().id, pool.role(), pool.agent().id, plain.from(), plain.to());
        changeTotal(pool.agent(), plain);
        feedback.send(pool.framework().id, pool.agent(), normalized(operation, conversion), plain);
    }

    void refuse(Framework framework, Offer.Operation operation, String why) {
        feedback.refuse(framework, operation, OperationState.OPERATION_ERROR, why);
    }

    /** Whether the agent can give the feedback that an operation with an id asks for. */
    private static Optional<String> checkFeedback(Framework framework, Agent agent, Offer.Operation operation) {
        if (!operation.hasId()) {
            return Optional.empty();
        }
        String id = operation.getId().getValue();
        Optional<Rejection> invalid = Identifiers.check("operation.id", id);
        if (invalid.isPresent()) {
            return Optional.of(invalid.get().message());
        }
        if (framework.operations.containsKey(id)) {
            return Optional.of("operation.id: '" + id + "' is in use by an operation that is not over");
        }
        if (framework.operations.size() >= MAX_OPEN) {
            return Optional.of(MAX_OPEN + " operations of framework " + framework.id
                    + " are not over; acknowledge their statuses first");
        }
        for (AgentInfo.Capability.Type needed : FEEDBACK_NEEDS) {
            if (!agent.has(needed)) {
                return Optional.of("operation.id: agent " + agent.id + " gives no feedback on operations: it lacks the"
                        + " capability " + needed);
            }
        }
        return Optional.empty();
    }

    private static Conversions.Conversion conversion(
            Offer.Operation operation, String role, Framework framework, Agent agent) {
        String principal = framework.info().hasPrincipal() ? framework.info().getPrincipal() : null;
        switch (operation.getType()) {
            case RESERVE:
                if (operation.getReserve().getSourceCount() > 0) {
                    throw new IllegalArgumentException(
                            "reserve.source: reservations are moved by operators only (RESERVE_RESOURCES)");
                }
                return Conversions.reserve(
                        FrameworkFormat.incoming(operation.getReserve().getResourcesList(), role), principal);
            case UNRESERVE:
                return Conversions.unreserve(
                        FrameworkFormat.incoming(operation.getUnreserve().getResourcesList(), role));
            case CREATE:
                requireSharing(framework, operation.getCreate());
                return Conversions.create(
                        FrameworkFormat.incoming(operation.getCreate().getVolumesList(), role), agent.total());
            case DESTROY:
                return Conversions.destroy(
                        FrameworkFormat.incoming(operation.getDestroy().getVolumesList(), role));
            case GROW_VOLUME:
                requireResizing(agent);
                return Conversions.grow(
                        FrameworkFormat.incoming(
                                List.of(operation.getGrowVolume().getVolume()), role),
                        FrameworkFormat.incoming(
                                List.of(operation.getGrowVolume().getAddition()), role));
            case SHRINK_VOLUME:
                requireResizing(agent);
                return Conversions.shrink(
                        FrameworkFormat.incoming(
                                List.of(operation.getShrinkVolume().getVolume()), role),
                        operation.getShrinkVolume().getSubtract().getValue());
            case UNKNOWN:
            case LAUNCH:
            case LAUNCH_GROUP:
            case CREATE_DISK:
            case DESTROY_DISK:
                break;
        }
        throw new IllegalStateException(operation.getType() + " is not a conversion");
    }

    private static void requireSharing(Framework framework, Offer.Operation.Create create) {
        if (create.getVolumesList().stream().anyMatch(Resource::hasShared)
                && !framework.has(FrameworkInfo.Capability.Type.SHARED_RESOURCES)) {
            throw new IllegalArgumentException("framework " + framework.id
                    + " cannot create shared volumes: it lacks the capability SHARED_RESOURCES");
        }
    }

    private static boolean isVolume(ResourceKey key) {
        return key.disk() != null && key.disk().persistence() != null;
    }

    static void requireResizing(Agent agent) {
        if (!agent.has(AgentInfo.Capability.Type.RESIZE_VOLUME)) {
            throw new IllegalArgumentException(
                    "agent " + agent.id + " cannot resize volumes: it lacks the capability RESIZE_VOLUME");
        }
    }

    static void changeTotal(Agent agent, Conversions.Conversion plain) {
        agent.total(agent.total().minus(plain.from()).plus(plain.to()));
    }

    /** What belongs to its type, with resources in our format and without allocation, whatever the framework used. */
    private static Offer.Operation normalized(Offer.Operation operation, Conversions.Conversion conversion) {
        Conversions.Conversion plain = conversion.unallocated();
        Offer.Operation.Builder normalized = Offer.Operation.newBuilder().setType(operation.getType());
        if (operation.hasId()) {
            normalized.setId(operation.getId());
        }
        switch (operation.getType()) {
            case RESERVE:
                normalized.setReserve(
                        Offer.Operation.Reserve.newBuilder().addAllResources(ResourceMessages.toMessages(plain.to())));
                break;
            case UNRESERVE:
                normalized.setUnreserve(Offer.Operation.Unreserve.newBuilder()
                        .addAllResources(ResourceMessages.toMessages(plain.from())));
                break;
            case CREATE:
                normalized.setCreate(
                        Offer.Operation.Create.newBuilder().addAllVolumes(ResourceMessages.toMessages(plain.to())));
                break;
            case DESTROY:
                normalized.setDestroy(
                        Offer.Operation.Destroy.newBuilder().addAllVolumes(ResourceMessages.toMessages(plain.from())));
                break;
            case GROW_VOLUME:
                Resources volume = plain.from().filter(Operations::isVolume);
                normalized.setGrowVolume(Offer.Operation.GrowVolume.newBuilder()
                        .setVolume(ResourceMessages.toMessages(volume).get(0))
                        .setAddition(ResourceMessages.toMessages(plain.from().minus(volume))
                                .get(0)));
                break;
            case SHRINK_VOLUME:
                normalized.setShrinkVolume(operation.getShrinkVolume().toBuilder()
                        .setVolume(ResourceMessages.toMessages(plain.from()).get(0)));
                break;
            case UNKNOWN:
            case LAUNCH:
            case LAUNCH_GROUP:
            case CREATE_DISK:
            case DESTROY_DISK:
                break;
        }
        return normalized.build();
    }

    /** The agent's own totals replace ours; offers that promise what it does not have are taken back. */
    static void adopt(Cluster cluster, Offers offers, Agent agent, Resources total) {
        if (total.equals(agent.total())) {
            return;
        }
        if (!total.contains(agent.total())) {
            offers.rescindAll(agent);
        }
        agent.total(total);
        cluster.allocator.updateAgent(agent.id, AgentAdmission.traits(agent), total);
    }
}
