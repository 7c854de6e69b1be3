package io.paddock.agent.core;

import com.google.protobuf.ByteString;
import io.paddock.common.resources.Disk;
import io.paddock.common.resources.Quantity;
import io.paddock.common.resources.Reservation;
import io.paddock.common.resources.ResourceKey;
import io.paddock.common.resources.Resources;
import io.paddock.proto.checkpoint.OperationApplied;
import io.paddock.proto.domain.ResourceMessages;
import io.paddock.proto.link.AcknowledgeOperation;
import io.paddock.proto.link.AgentTotals;
import io.paddock.proto.link.ApplyOperation;
import io.paddock.proto.link.FromAgent;
import io.paddock.proto.link.OperationUpdate;
import io.paddock.proto.v1.FrameworkID;
import io.paddock.proto.v1.Offer;
import io.paddock.proto.v1.OperationState;
import io.paddock.proto.v1.OperationStatus;
import io.paddock.proto.v1.Resource;
import io.paddock.proto.v1.UUID;
import java.util.List;

/**
 * Reservations and persistent volumes: each operation takes some of the totals away and puts other resources in their
 * place. Durable before it is answered; a repeated operation is answered again and not applied twice.
 *
 * <p>The answer to an operation with an id has a uuid and is sent again, as status updates of tasks are, until it is
 * acknowledged; any other is sent once. After an operation that could not be applied the master, whose books have it
 * applied already, is told what there really is.
 */
final class Operations {
    private final Decision decision;
    private final Registration registration;

    Operations(Decision decision, Registration registration) {
        this.decision = decision;
        this.registration = registration;
    }

    /** What an operation does to the totals. */
    private record Conversion(Resources consumed, Resources produced) {}

    /** Whether the agent itself must know of these resources to use them. */
    static boolean needsCheckpoint(ResourceKey key) {
        boolean dynamic = key.reservations().stream().anyMatch(r -> r.type() == Reservation.Type.DYNAMIC);
        return dynamic || (key.disk() != null && key.disk().persistence() != null);
    }

    void apply(ApplyOperation m) {
        PendingOperation pending = decision.state.pendingOperations.get(m.getUuid());
        OperationStatus settled = decision.state.settledOperation(m.getUuid());
        if (pending != null) {
            send(pending);
        } else if (settled != null) {
            decision.toMaster(update(m.getFrameworkId(), settled, m.getUuid()));
        } else {
            OperationStatus status = applyNew(m);
            PendingOperation added = decision.state.pendingOperations.get(m.getUuid());
            if (added != null) {
                send(added);
            } else {
                decision.toMaster(update(m.getFrameworkId(), status, m.getUuid()));
            }
            if (status.getState() != OperationState.OPERATION_FINISHED) {
                decision.toMaster(FromAgent.newBuilder()
                        .setAgentTotals(
                                AgentTotals.newBuilder().addAllTotalResources(ResourceMessages.toMessages(totals()))));
            }
        }
    }

    private static FromAgent.Builder update(FrameworkID framework, OperationStatus status, ByteString uuid) {
        return FromAgent.newBuilder()
                .setOperationUpdate(OperationUpdate.newBuilder()
                        .setFrameworkId(framework)
                        .setStatus(status)
                        .setUuid(uuid));
    }

    private void send(PendingOperation operation) {
        if (registration.registered()) {
            decision.toMaster(update(operation.applied.getFrameworkId(), operation.status(), operation.uuid()));
            decision.after(
                    StatusUpdates.resendDelay(operation.attempts++), new Deadline.ResendOperation(operation.uuid()));
        }
    }

    void resend(ByteString uuid) {
        PendingOperation operation = decision.state.pendingOperations.get(uuid);
        if (operation != null) {
            send(operation);
        }
    }

    /** Sends every status that was not acknowledged again, as after a registration. */
    void resendAll() {
        decision.state.pendingOperations.values().forEach(operation -> {
            operation.attempts = 0;
            send(operation);
        });
    }

    void acknowledged(AcknowledgeOperation m) {
        PendingOperation operation = decision.state.pendingOperations.get(m.getOperationUuid());
        if (operation != null && operation.status().getUuid().getValue().equals(m.getStatusUuid())) {
            decision.deadlines.cancel(new Deadline.ResendOperation(operation.uuid()));
            decision.note(Records.operationAcknowledged(operation.uuid()));
        }
    }

    private Resources totals() {
        Resources totals = decision.state.totals();
        if (totals == null) {
            throw new IllegalStateException("an operation reached an agent that has not started");
        }
        return totals;
    }

    private OperationStatus applyNew(ApplyOperation m) {
        OperationStatus.Builder status = OperationStatus.newBuilder().setAgentId(decision.agentId());
        if (m.getInfo().hasId()) {
            status.setOperationId(m.getInfo().getId()).setUuid(UUID.newBuilder().setValue(decision.ids.updateId()));
        }
        Resources totals = totals();
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
        decision.commit(Records.operation(OperationApplied.newBuilder()
                .setUuid(m.getUuid())
                .setStatus(result)
                .setFrameworkId(m.getFrameworkId())
                .setInfo(m.getInfo())));
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
                if (volume.thousandths(key.name()) < less.thousandths(key.name())) {
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
