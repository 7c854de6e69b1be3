package io.paddock.agent.core;

import com.google.protobuf.ByteString;
import io.paddock.proto.checkpoint.OperationApplied;
import io.paddock.proto.v1.AgentID;
import io.paddock.proto.v1.Operation;
import io.paddock.proto.v1.OperationStatus;
import io.paddock.proto.v1.UUID;

/** An operation that was decided about and whose status the framework has not acknowledged. */
final class PendingOperation {
    final OperationApplied applied;
    /** How often its status was sent since the last registration; soft. */
    int attempts;

    /** @param applied with a status that has a uuid */
    PendingOperation(OperationApplied applied) {
        this.applied = applied;
    }

    ByteString uuid() {
        return applied.getUuid();
    }

    OperationStatus status() {
        return applied.getStatus();
    }

    /** As the API shows it. */
    Operation message(AgentID agent) {
        return Operation.newBuilder()
                .setFrameworkId(applied.getFrameworkId())
                .setAgentId(agent)
                .setInfo(applied.getInfo())
                .setLatestStatus(status())
                .addStatuses(status())
                .setUuid(UUID.newBuilder().setValue(uuid()))
                .build();
    }
}
