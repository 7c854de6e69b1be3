package io.paddock.agent.core;

import io.paddock.common.resources.Disk;
import io.paddock.common.resources.Quantity;
import io.paddock.common.resources.Reservation;
import io.paddock.common.resources.ResourceKey;
import io.paddock.common.resources.Resources;
import io.paddock.proto.domain.ResourceMessages;
import io.paddock.proto.link.ApplyOperation;
import io.paddock.proto.link.FromAgent;
import io.paddock.proto.link.OperationUpdate;
import io.paddock.proto.v1.Offer;
import io.paddock.proto.v1.OperationState;
import io.paddock.proto.v1.OperationStatus;
import io.paddock.proto.v1.Resource;
import java.util.List;

/**
 * Reservations and persistent volumes: each operation takes some of the totals away and puts other resources in their
 * place. Durable before it is answered; a repeated operation is answered again and not applied twice.
 */
final class Operations {
    private final Decision decision;

    Operations(Decision decision) {
        this.decision = decision;
    }

    /** What an operation does to the totals. */
    private record Conversion(Resources consumed, Resources produced) {}

    /** Whether the agent itself must know of these resources to use them. */
    static boolean needsCheckpoint(ResourceKey key) {
        boolean dynamic = key.reservations().stream().anyMatch(r -> r.type() == Reservation.Type.DYNAMIC);
        return dynamic || (key.disk() != null && key.disk().persistence() != null);
    }

    void apply(ApplyOperation m) {
        OperationStatus done = decision.state.operation(m.getUuid());
        if (done == null) {
            done = applyNew(m);
        }
        decision.toMaster(FromAgent.newBuilder()
                .setOperationUpdate(OperationUpdate.newBuilder()
                        .setFrameworkId(m.getFrameworkId())
                        .setStatus(done)
                        .setUuid(m.getUuid())));
    }

    private OperationStatus applyNew(ApplyOperation m) {
        OperationStatus.Builder status = OperationStatus.newBuilder().setAgentId(decision.agentId());
        if (m.getInfo().hasId()) {
            status.setOperationId(m.getInfo().getId());
        }
        Resources totals = decision.state.totals();
        if (totals == null) {
            throw new IllegalStateException("an operation reached an agent that has not started");
        }
        try {
            Conversion conversion = conversion(m.getInfo());
            if (!totals.contains(conversion.consumed())) {
                status.setState(OperationState.OPERATION_DROPPED)
                        .setMessage("The agent does not have " + conversion.consumed() + "; it has " + totals);
            } else {
                decision.commit(
                        Records.totals(totals.minus(conversion.consumed()).plus(conversion.produced())));
                status.setState(OperationState.OPERATION_FINISHED)
                        .addAllConvertedResources(ResourceMessages.toMessages(conversion.produced()));
            }
        } catch (IllegalArgumentException e) {
            status.setState(OperationState.OPERATION_ERROR).setMessage(String.valueOf(e.getMessage()));
        }
        OperationStatus result = status.build();
        decision.commit(Records.operation(m.getUuid(), result));
        if (result.getState() == OperationState.OPERATION_FINISHED
                && m.getInfo().getType() == Offer.Operation.Type.DESTROY) {
            m.getInfo()
                    .getDestroy()
                    .getVolumesList()
                    .forEach(volume -> decision.effect(new AgentEffect.RemoveVolume(volume)));
        }
        return result;
    }

    private static Conversion conversion(Offer.Operation operation) {
        switch (operation.getType()) {
            case RESERVE -> {
                Resources reserved = totals(operation.getReserve().getResourcesList());
                Resources from = operation.getReserve().getSourceCount() > 0
                        ? totals(operation.getReserve().getSourceList())
                        : reserved.mapKeys(Operations::popReservation);
                return new Conversion(from, reserved);
            }
            case UNRESERVE -> {
                Resources reserved = totals(operation.getUnreserve().getResourcesList());
                return new Conversion(reserved, reserved.mapKeys(Operations::popReservation));
            }
            case CREATE -> {
                Resources volumes = totals(operation.getCreate().getVolumesList());
                return new Conversion(volumes.mapKeys(Operations::plainDisk), volumes);
            }
            case DESTROY -> {
                Resources volumes = totals(operation.getDestroy().getVolumesList());
                return new Conversion(volumes, volumes.mapKeys(Operations::plainDisk));
            }
            case GROW_VOLUME -> {
                Resources volume = totals(List.of(operation.getGrowVolume().getVolume()));
                Resources addition = totals(List.of(operation.getGrowVolume().getAddition()));
                ResourceKey key = volume.amounts().firstKey();
                return new Conversion(volume.plus(addition), volume.plus(addition.mapKeys(k -> key)));
            }
            case SHRINK_VOLUME -> {
                Resources volume = totals(List.of(operation.getShrinkVolume().getVolume()));
                ResourceKey key = volume.amounts().firstKey();
                Resources less = Resources.of(
                        key,
                        Quantity.Scalar.of(
                                operation.getShrinkVolume().getSubtract().getValue()));
                if (!volume.contains(less)) {
                    throw new IllegalArgumentException("shrink_volume.subtract: is more than the volume has");
                }
                return new Conversion(volume, volume.minus(less).plus(less.mapKeys(Operations::plainDisk)));
            }
            case LAUNCH, LAUNCH_GROUP, CREATE_DISK, DESTROY_DISK, UNKNOWN ->
                throw new IllegalArgumentException("operation.type: " + operation.getType() + " is not for this agent");
        }
        throw new IllegalArgumentException("operation.type: not known");
    }

    private static Resources totals(List<Resource> messages) {
        return ResourceMessages.fromMessages(messages).unallocated();
    }

    private static ResourceKey popReservation(ResourceKey key) {
        List<Reservation> stack = key.reservations();
        if (stack.isEmpty()) {
            throw new IllegalArgumentException("resources: " + key.name() + " is not reserved");
        }
        return key.withReservations(stack.subList(0, stack.size() - 1));
    }

    private static ResourceKey plainDisk(ResourceKey key) {
        Disk disk = key.disk();
        if (disk == null || disk.persistence() == null) {
            throw new IllegalArgumentException("volumes: " + key.name() + " has no persistence id");
        }
        Disk plain = disk.source() == null ? null : new Disk(null, null, disk.source());
        return new ResourceKey(
                key.name(), key.reservations(), plain, key.revocable(), false, key.allocationRole(), key.providerId());
    }
}
