package io.paddock.master.core;

import com.google.protobuf.ByteString;
import io.paddock.common.resources.Resources;
import io.paddock.master.core.snapshot.Count;
import io.paddock.proto.link.AcknowledgeOperation;
import io.paddock.proto.link.ApplyOperation;
import io.paddock.proto.link.OperationUpdate;
import io.paddock.proto.link.Reregister;
import io.paddock.proto.link.ToAgent;
import io.paddock.proto.v1.Offer;
import io.paddock.proto.v1.Operation;
import io.paddock.proto.v1.OperationState;
import io.paddock.proto.v1.OperationStatus;
import io.paddock.proto.v1.scheduler.Call;
import io.paddock.proto.v1.scheduler.Event;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Operations on their way: sent to the agent, answered by it, the answer acknowledged by the framework that asked for it
 * with an operation id.
 *
 * <p>An operation is on the books of its agent until it is answered, with an id until the answer is acknowledged. The agent
 * keeps an answer that waits to be acknowledged on its disk and repeats it, so that neither its restart nor a change of the
 * master loses it. What nobody is left to take, the master acknowledges itself; for a framework it has not heard of it waits
 * as long as for agents after an election. Source: operation feedback of Mesos 1.11.
 */
final class OperationFeedback {
    private final Cluster cluster;
    private final Outbox outbox;
    /** Operations of frameworks that this master has not heard of, by framework id. */
    private final Map<String, List<TrackedOperation>> orphans = new HashMap<>();

    OperationFeedback(Cluster cluster, Outbox outbox) {
        this.cluster = cluster;
        this.outbox = outbox;
    }

    /**
     * Sends an operation to its agent.
     *
     * @param frameworkId empty for an operator's operation
     * @param applied what the books have already changed because of it
     */
    void send(String frameworkId, Agent agent, Offer.Operation operation, Conversions.Conversion applied) {
        UUID uuid = UUID.nameUUIDFromBytes(cluster.newOperationName().getBytes(StandardCharsets.UTF_8));
        track(agent, new TrackedOperation(bytes(uuid), frameworkId, agent.id, operation, applied));
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

    private void track(Agent agent, TrackedOperation operation) {
        agent.operations.put(operation.uuid, operation);
        agent.changed();
        Framework framework = cluster.framework(operation.frameworkId);
        if (operation.operationId().isEmpty()) {
            return;
        }
        if (framework != null) {
            framework.operations.put(operation.operationId(), operation);
        } else {
            orphans.computeIfAbsent(operation.frameworkId, id -> new ArrayList<>())
                    .add(operation);
        }
    }

    private void forget(Agent agent, TrackedOperation operation) {
        agent.operations.remove(operation.uuid);
        agent.changed();
        Framework framework = cluster.framework(operation.frameworkId);
        if (framework != null) {
            framework.operations.remove(operation.operationId(), operation);
        }
        List<TrackedOperation> waiting = orphans.get(operation.frameworkId);
        if (waiting != null && waiting.remove(operation) && waiting.isEmpty()) {
            orphans.remove(operation.frameworkId);
        }
    }

    /** A framework's scheduler is there: it is told at once what it has not acknowledged. */
    void connected(Framework framework) {
        List<TrackedOperation> waiting = orphans.remove(framework.id);
        if (waiting != null) {
            waiting.forEach(operation -> framework.operations.put(operation.operationId(), operation));
        }
        framework.operations.values().stream()
                .map(TrackedOperation::latest)
                .filter(OperationStatus::hasUuid)
                .forEach(status -> tell(framework, status));
    }

    private boolean isOver(Instant now, String frameworkId) {
        return cluster.framework(frameworkId) == null
                && (cluster.completedFrameworks.containsKey(frameworkId)
                        || now.isAfter(cluster.electedAt.plus(cluster.config.agentReregisterTimeout())));
    }

    /** The agent answers. An answer to an operation that is not on the books was acknowledged already. */
    void updated(Instant now, Agent agent, OperationUpdate update) {
        OperationStatus status =
                update.getStatus().toBuilder().setAgentId(agent.info().getId()).build();
        TrackedOperation operation = agent.operations.get(update.getUuid());
        Framework framework = cluster.framework(update.getFrameworkId().getValue());
        cluster.counters.add(
                operation != null, Count.VALID_OPERATION_STATUS_UPDATES, Count.INVALID_OPERATION_STATUS_UPDATES);
        boolean over = isOver(now, update.getFrameworkId().getValue());
        if (operation != null) {
            operation.update(status);
            agent.changed();
            if (over || !status.hasUuid()) {
                forget(agent, operation);
            }
        }
        if (over && status.hasUuid()) {
            acknowledge(agent, update.getUuid(), status.getUuid().getValue());
        } else if (framework != null && operation != null && status.hasOperationId()) {
            tell(framework, status);
        }
    }

    private void acknowledge(Agent agent, ByteString operation, ByteString status) {
        outbox.send(
                agent,
                ToAgent.newBuilder()
                        .setAcknowledgeOperation(AcknowledgeOperation.newBuilder()
                                .setOperationUuid(operation)
                                .setStatusUuid(status)));
    }

    /**
     * The framework has taken a status. Without effect when the operation is unknown, has another status by now, or its
     * agent is away: then the agent will repeat the status.
     *
     * @return the agent whose operation is over, null when none is
     */
    @Nullable
    Agent acknowledged(Framework framework, Call.AcknowledgeOperationStatus call) {
        TrackedOperation operation =
                framework.operations.get(call.getOperationId().getValue());
        boolean fits = operation != null
                && operation.agentId.equals(call.getAgentId().getValue())
                && operation.latest().getUuid().getValue().equals(call.getUuid());
        cluster.counters.add(
                fits,
                Count.VALID_OPERATION_STATUS_UPDATE_ACKNOWLEDGEMENTS,
                Count.INVALID_OPERATION_STATUS_UPDATE_ACKNOWLEDGEMENTS);
        if (operation == null || !fits) {
            return null;
        }
        Agent agent = cluster.agent(operation.agentId);
        if (agent == null || !agent.isConnected()) {
            return null;
        }
        forget(agent, operation);
        acknowledge(agent, operation.uuid, call.getUuid());
        return agent;
    }

    /**
     * An agent is back and names the operations whose answers it must repeat. One it does not name did not reach it, or had
     * no id: its totals, which it brings too, show what was applied.
     */
    void returned(Agent agent, Reregister message) {
        Set<ByteString> named = new HashSet<>();
        for (Operation known : message.getOperationsList()) {
            ByteString uuid = known.getUuid().getValue();
            named.add(uuid);
            if (!agent.operations.containsKey(uuid)) {
                track(
                        agent,
                        new TrackedOperation(uuid, known.getFrameworkId().getValue(), agent.id, known.getInfo(), null));
            }
            agent.operations.get(uuid).update(known.getLatestStatus());
        }
        for (TrackedOperation operation : List.copyOf(agent.operations.values())) {
            if (!named.contains(operation.uuid)) {
                end(
                        agent,
                        operation,
                        OperationState.OPERATION_DROPPED,
                        "The operation did not reach agent " + agent.id);
            }
        }
    }

    /** An agent is removed: whatever was not answered by it gets this state. */
    void lost(Agent agent, OperationState state, String why) {
        List.copyOf(agent.operations.values()).forEach(operation -> end(agent, operation, state, why));
    }

    private void end(Agent agent, TrackedOperation operation, OperationState state, String why) {
        forget(agent, operation);
        Framework framework = cluster.framework(operation.frameworkId);
        if (framework != null
                && operation.isPending()
                && !operation.operationId().isEmpty()) {
            tell(
                    framework,
                    operation.latest().toBuilder()
                            .setState(state)
                            .setMessage(why)
                            .build());
        }
    }

    /** A framework is removed: nobody will acknowledge what it has not. */
    void frameworkRemoved(Framework framework) {
        for (TrackedOperation operation : List.copyOf(framework.operations.values())) {
            Agent agent = cluster.agent(operation.agentId);
            if (agent != null && operation.latest().hasUuid()) {
                forget(agent, operation);
                acknowledge(agent, operation.uuid, operation.latest().getUuid().getValue());
            }
        }
    }

    /** Tells the framework about an operation that was not sent to an agent, if it asked for feedback. */
    void refuse(Framework framework, Offer.Operation operation, OperationState state, String why) {
        if (operation.hasId()) {
            tell(
                    framework,
                    OperationStatus.newBuilder()
                            .setOperationId(operation.getId())
                            .setState(state)
                            .setMessage(why)
                            .build());
        }
    }

    void tell(Framework framework, OperationStatus status) {
        outbox.send(
                framework,
                Event.newBuilder()
                        .setType(Event.Type.UPDATE_OPERATION_STATUS)
                        .setUpdateOperationStatus(
                                Event.UpdateOperationStatus.newBuilder().setStatus(status)));
    }

    /** The totals an agent will have once it has applied what it has not answered yet. */
    static Resources expected(Agent agent, Resources told) {
        Resources expected = told;
        for (TrackedOperation operation : agent.operations.values()) {
            Conversions.Conversion applied = operation.applied;
            if (applied != null && operation.isPending() && expected.contains(applied.from())) {
                expected = expected.minus(applied.from()).plus(applied.to());
            }
        }
        return expected;
    }
}
