package io.paddock.master.core;

import com.google.protobuf.ByteString;
import io.paddock.proto.v1.AgentID;
import io.paddock.proto.v1.Offer;
import io.paddock.proto.v1.Operation;
import io.paddock.proto.v1.OperationState;
import io.paddock.proto.v1.OperationStatus;
import io.paddock.proto.v1.UUID;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An operation on an agent that is not over: the agent has not answered, or its last status waits to be acknowledged.
 */
final class TrackedOperation {
    final ByteString uuid;
    /** Empty for an operator's operation. */
    final String frameworkId;

    final String agentId;
    private final Offer.Operation info;
    private final List<OperationStatus> statuses = new ArrayList<>();
    private OperationStatus latest;
    /** What our books have already changed because of it; null when the agent told us of the operation. */
    final Conversions.@Nullable Conversion applied;

    TrackedOperation(
            ByteString uuid,
            String frameworkId,
            String agentId,
            Offer.Operation info,
            Conversions.@Nullable Conversion applied) {
        this.uuid = uuid;
        this.frameworkId = frameworkId;
        this.agentId = agentId;
        this.info = info;
        this.applied = applied;
        OperationStatus.Builder status = OperationStatus.newBuilder()
                .setState(OperationState.OPERATION_PENDING)
                .setAgentId(Ids.agent(agentId));
        if (info.hasId()) {
            status.setOperationId(info.getId());
        }
        this.latest = status.build();
    }

    /** The id the framework gave; empty when it wants no feedback. */
    String operationId() {
        return info.getId().getValue();
    }

    OperationStatus latest() {
        return latest;
    }

    boolean isPending() {
        return latest.getState() == OperationState.OPERATION_PENDING;
    }

    void update(OperationStatus status) {
        if (!status.equals(latest)) {
            latest = status;
            statuses.add(status);
        }
    }

    /** As the API shows it. */
    Operation message() {
        Operation.Builder operation = Operation.newBuilder()
                .setAgentId(AgentID.newBuilder().setValue(agentId))
                .setInfo(info)
                .setLatestStatus(latest)
                .addAllStatuses(statuses)
                .setUuid(UUID.newBuilder().setValue(uuid));
        if (!frameworkId.isEmpty()) {
            operation.setFrameworkId(Ids.framework(frameworkId));
        }
        return operation.build();
    }
}
