package io.paddock.master.core;

import io.paddock.proto.registry.AgentRecord;
import io.paddock.proto.v1.OperationState;
import io.paddock.proto.v1.OperationStatus;
import io.paddock.proto.v1.TaskState;
import io.paddock.proto.v1.TaskStatus;
import io.paddock.proto.v1.scheduler.Call;
import io.paddock.proto.v1.scheduler.Event;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * RECONCILE: what the master knows of tasks. Never answers that a task is lost while an agent that may run it can still
 * come back. Source: the reconciliation rules of the Mesos v1 API.
 */
final class Reconciliation {
    private final Cluster cluster;
    private final RegistryWriter registry;
    private final Outbox outbox;
    private final RecoveredAgents recoveredAgents;

    Reconciliation(Cluster cluster, RegistryWriter registry, Outbox outbox, RecoveredAgents recoveredAgents) {
        this.cluster = cluster;
        this.registry = registry;
        this.outbox = outbox;
        this.recoveredAgents = recoveredAgents;
    }

    void reconcile(Instant now, Framework framework, List<Call.Reconcile.Task> tasks) {
        if (tasks.isEmpty()) {
            framework.tasks.values().forEach(task -> answer(framework, known(now, framework, task)));
        } else {
            tasks.forEach(task -> explicit(now, framework, task));
        }
    }

    /** One task, by the first rule that fits. */
    void explicit(Instant now, Framework framework, Call.Reconcile.Task asked) {
        TrackedTask task = framework.tasks.get(asked.getTaskId().getValue());
        if (task != null) {
            answer(framework, known(now, framework, task));
            return;
        }
        String agentId = asked.hasAgentId() ? asked.getAgentId().getValue() : null;
        if (agentId == null ? recoveredAgents.anyAwaited() : recoveredAgents.isAwaited(agentId)) {
            return;
        }
        AgentRecord record = agentId == null ? null : registry.durable().agent(agentId);
        TaskStatus.Builder status = TaskStatus.newBuilder()
                .setTaskId(asked.getTaskId())
                .setState(FrameworkFormat.state(framework, unknownTask(agentId, record)))
                .setSource(TaskStatus.Source.SOURCE_MASTER)
                .setReason(TaskStatus.Reason.REASON_RECONCILIATION)
                .setMessage("Reconciliation: " + explain(agentId, record))
                .setTimestamp(Ids.seconds(now));
        if (asked.hasAgentId()) {
            status.setAgentId(asked.getAgentId());
        }
        if (record != null && record.getStanding() == AgentRecord.Standing.UNREACHABLE) {
            status.setUnreachableTime(record.getSince());
        }
        answer(framework, status.build());
    }

    private TaskState unknownTask(@Nullable String agentId, @Nullable AgentRecord record) {
        if (agentId != null && cluster.agent(agentId) != null) {
            return TaskState.TASK_GONE;
        }
        if (record == null) {
            return TaskState.TASK_UNKNOWN;
        }
        switch (record.getStanding()) {
            case UNREACHABLE:
                return TaskState.TASK_UNREACHABLE;
            case GONE:
                return TaskState.TASK_GONE_BY_OPERATOR;
            case ADMITTED:
                return TaskState.TASK_UNKNOWN;
        }
        throw new IllegalStateException("standing " + record.getStanding() + " is not known");
    }

    private String explain(@Nullable String agentId, @Nullable AgentRecord record) {
        if (agentId == null) {
            return "the task is unknown";
        }
        if (cluster.agent(agentId) != null) {
            return "the task is unknown to agent " + agentId;
        }
        return record == null
                ? "the task and agent " + agentId + " are unknown"
                : "agent " + agentId + " is " + record.getStanding();
    }

    private static TaskStatus known(Instant now, Framework framework, TrackedTask task) {
        TaskState told = task.message().hasStatusUpdateState() ? task.message().getStatusUpdateState() : task.state();
        TaskStatus.Builder status = Statuses.of(
                now,
                framework,
                task.message(),
                told,
                TaskStatus.Reason.REASON_RECONCILIATION,
                "Reconciliation: Latest task state");
        TaskStatus last = task.lastStatus();
        if (last != null) {
            if (last.hasHealthy()) {
                status.setHealthy(last.getHealthy());
            }
            if (last.hasCheckStatus()) {
                status.setCheckStatus(last.getCheckStatus());
            }
            if (last.hasContainerStatus()) {
                status.setContainerStatus(last.getContainerStatus());
            }
        }
        return status.build();
    }

    private void answer(Framework framework, TaskStatus status) {
        outbox.send(framework, Statuses.event(status));
    }

    void reconcileOperations(Framework framework, List<Call.ReconcileOperations.Operation> operations) {
        if (operations.isEmpty()) {
            List.copyOf(framework.operations.values()).forEach(known -> answer(framework, withoutUuid(known)));
            return;
        }
        for (Call.ReconcileOperations.Operation asked : operations) {
            TrackedOperation known =
                    framework.operations.get(asked.getOperationId().getValue());
            if (known != null) {
                answer(framework, withoutUuid(known));
                continue;
            }
            OperationStatus.Builder status = OperationStatus.newBuilder()
                    .setOperationId(asked.getOperationId())
                    .setState(unknownOperation(asked));
            if (asked.hasAgentId()) {
                status.setAgentId(asked.getAgentId());
            }
            answer(framework, status.build());
        }
    }

    /** An answer to a question need not be acknowledged. */
    private static OperationStatus withoutUuid(TrackedOperation operation) {
        return operation.latest().toBuilder().clearUuid().build();
    }

    private OperationState unknownOperation(Call.ReconcileOperations.Operation asked) {
        String agentId = asked.getAgentId().getValue();
        if (recoveredAgents.isAwaited(agentId)) {
            return OperationState.OPERATION_RECOVERING;
        }
        AgentRecord record = registry.durable().agent(agentId);
        if (record == null) {
            return OperationState.OPERATION_UNKNOWN;
        }
        switch (record.getStanding()) {
            case UNREACHABLE:
                return OperationState.OPERATION_UNREACHABLE;
            case GONE:
                return OperationState.OPERATION_GONE_BY_OPERATOR;
            case ADMITTED:
                return OperationState.OPERATION_UNKNOWN;
        }
        throw new IllegalStateException("standing " + record.getStanding() + " is not known");
    }

    private void answer(Framework framework, OperationStatus status) {
        outbox.send(
                framework,
                Event.newBuilder()
                        .setType(Event.Type.UPDATE_OPERATION_STATUS)
                        .setUpdateOperationStatus(
                                Event.UpdateOperationStatus.newBuilder().setStatus(status)));
    }
}
