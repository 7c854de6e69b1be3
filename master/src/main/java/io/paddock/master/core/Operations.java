package io.paddock.master.core;

import com.google.protobuf.ByteString;
import io.paddock.common.resources.Resources;
import io.paddock.proto.domain.ResourceMessages;
import io.paddock.proto.link.ApplyOperation;
import io.paddock.proto.link.OperationUpdate;
import io.paddock.proto.link.ToAgent;
import io.paddock.proto.v1.Offer;
import io.paddock.proto.v1.OperationState;
import io.paddock.proto.v1.OperationStatus;
import io.paddock.proto.v1.scheduler.Event;
import java.nio.charset.StandardCharsets;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Reservation and volume operations. They are speculative: the books change at once, the agent is told and confirms; what
 * it has at its next registration is the truth.
 */
final class Operations {
    private final Cluster cluster;
    private final Outbox outbox;

    Operations(Cluster cluster, Outbox outbox) {
        this.cluster = cluster;
        this.outbox = outbox;
    }

    /** An operation of ACCEPT. */
    void apply(Acceptance.Pool pool, Offer.Operation operation) {
        Conversions.Conversion conversion;
        try {
            conversion = conversion(operation, pool.role(), pool.framework(), pool.agent());
        } catch (IllegalArgumentException e) {
            fail(pool.framework(), operation, OperationState.OPERATION_ERROR, e.getMessage());
            return;
        }
        if (!pool.contains(conversion.from())) {
            fail(
                    pool.framework(),
                    operation,
                    OperationState.OPERATION_ERROR,
                    operation.getType() + " needs " + conversion.from() + ", which is not in the offers");
            return;
        }
        pool.convert(conversion);
        Conversions.Conversion plain = conversion.unallocated();
        cluster.allocator.convert(pool.framework().id, pool.role(), pool.agent().id, plain.from(), plain.to());
        changeTotal(pool.agent(), plain);
        send(pool.framework().id, pool.agent(), normalized(operation, conversion));
    }

    private static Conversions.Conversion conversion(
            Offer.Operation operation, String role, Framework framework, Agent agent) {
        String principal = framework.info().hasPrincipal() ? framework.info().getPrincipal() : null;
        switch (operation.getType()) {
            case RESERVE:
                return Conversions.reserve(
                        FrameworkFormat.incoming(operation.getReserve().getResourcesList(), role), principal);
            case UNRESERVE:
                return Conversions.unreserve(
                        FrameworkFormat.incoming(operation.getUnreserve().getResourcesList(), role));
            case CREATE:
                return Conversions.create(
                        FrameworkFormat.incoming(operation.getCreate().getVolumesList(), role), agent.total());
            case DESTROY:
                return Conversions.destroy(
                        FrameworkFormat.incoming(operation.getDestroy().getVolumesList(), role));
            case UNKNOWN:
            case LAUNCH:
            case LAUNCH_GROUP:
            case GROW_VOLUME:
            case SHRINK_VOLUME:
            case CREATE_DISK:
            case DESTROY_DISK:
                break;
        }
        throw new IllegalStateException(operation.getType() + " is not a conversion");
    }

    static void changeTotal(Agent agent, Conversions.Conversion plain) {
        agent.total(agent.total().minus(plain.from()).plus(plain.to()));
    }

    /** With resources in our format and without allocation, whatever the framework used. */
    private static Offer.Operation normalized(Offer.Operation operation, Conversions.Conversion conversion) {
        Conversions.Conversion plain = conversion.unallocated();
        Offer.Operation.Builder normalized = operation.toBuilder();
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
            case UNKNOWN:
            case LAUNCH:
            case LAUNCH_GROUP:
            case GROW_VOLUME:
            case SHRINK_VOLUME:
            case CREATE_DISK:
            case DESTROY_DISK:
                break;
        }
        return normalized.build();
    }

    /** @param frameworkId empty for an operator's operation */
    void send(String frameworkId, Agent agent, Offer.Operation operation) {
        UUID uuid = UUID.nameUUIDFromBytes(cluster.newOperationName().getBytes(StandardCharsets.UTF_8));
        outbox.send(
                agent,
                ToAgent.newBuilder()
                        .setApplyOperation(ApplyOperation.newBuilder()
                                .setFrameworkId(Ids.framework(frameworkId))
                                .setInfo(operation)
                                .setUuid(bytes(uuid))));
    }

    private static ByteString bytes(UUID uuid) {
        byte[] bytes = new byte[2 * Long.BYTES];
        for (int i = 0; i < Long.BYTES; i++) {
            int shift = 8 * (Long.BYTES - 1 - i);
            bytes[i] = (byte) (uuid.getMostSignificantBits() >>> shift);
            bytes[Long.BYTES + i] = (byte) (uuid.getLeastSignificantBits() >>> shift);
        }
        return ByteString.copyFrom(bytes);
    }

    /** Tells the framework about an operation that was not applied, if it asked for feedback. */
    void fail(Framework framework, Offer.Operation operation, OperationState state, @Nullable String why) {
        if (!operation.hasId()) {
            return;
        }
        OperationStatus.Builder status =
                OperationStatus.newBuilder().setOperationId(operation.getId()).setState(state);
        if (why != null) {
            status.setMessage(why);
        }
        tell(framework, status.build());
    }

    /** The agent confirmed or refused. */
    void updated(Agent agent, OperationUpdate update) {
        Framework framework = cluster.framework(update.getFrameworkId().getValue());
        OperationStatus status = update.getStatus();
        if (framework == null || !status.hasOperationId()) {
            return;
        }
        // Without a uuid the scheduler need not acknowledge: the agent does not repeat it.
        tell(
                framework,
                status.toBuilder().clearUuid().setAgentId(agent.info().getId()).build());
    }

    private void tell(Framework framework, OperationStatus status) {
        framework.operations.put(status.getOperationId().getValue(), status);
        if (framework.operations.size() > cluster.config.maxCompletedTasks()) {
            String oldest = framework.operations.keySet().iterator().next();
            framework.operations.remove(oldest);
        }
        outbox.send(
                framework,
                Event.newBuilder()
                        .setType(Event.Type.UPDATE_OPERATION_STATUS)
                        .setUpdateOperationStatus(
                                Event.UpdateOperationStatus.newBuilder().setStatus(status)));
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
