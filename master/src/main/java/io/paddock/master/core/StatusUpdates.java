package io.paddock.master.core;

import com.google.protobuf.ByteString;
import io.paddock.master.core.snapshot.ClusterChange;
import io.paddock.master.core.snapshot.Count;
import io.paddock.proto.link.AcknowledgeStatusUpdate;
import io.paddock.proto.link.StatusUpdate;
import io.paddock.proto.link.ToAgent;
import io.paddock.proto.v1.TaskID;
import io.paddock.proto.v1.TaskState;
import io.paddock.proto.v1.TaskStatus;
import io.paddock.proto.v1.scheduler.Call;
import java.time.Instant;

/**
 * Reliable status updates: agent to scheduler, acknowledgement back. The agent repeats what is not acknowledged, so nothing
 * is stored here for that purpose.
 *
 * <p>A task gives its resources back when its newest state is terminal, and leaves the books when the scheduler has
 * acknowledged a terminal status.
 */
final class StatusUpdates {
    private final Cluster cluster;
    private final Outbox outbox;
    private final Draining draining;
    private final FrameworkRemoval removal;

    StatusUpdates(Cluster cluster, Outbox outbox, Draining draining, FrameworkRemoval removal) {
        this.cluster = cluster;
        this.outbox = outbox;
        this.draining = draining;
        this.removal = removal;
    }

    void fromAgent(Instant now, Agent agent, StatusUpdate update) {
        String frameworkId = update.getFrameworkId().getValue();
        Framework framework = cluster.framework(frameworkId);
        cluster.counters.add(framework != null, Count.VALID_STATUS_UPDATES, Count.INVALID_STATUS_UPDATES);
        if (framework == null) {
            forgotten(agent, update);
            return;
        }
        TaskStatus status = status(agent, update.getStatus());
        TrackedTask task = framework.tasks.get(status.getTaskId().getValue());
        if (task != null && task.agentId.equals(agent.id)) {
            apply(now, agent, framework, task, status, update.getLatestState());
        }
        outbox.send(framework, Statuses.event(FrameworkFormat.outgoing(framework, status)));
        removal.taskEnded(framework);
    }

    /** A framework that was removed or that nobody knows: the agent may stop repeating and end what it runs for it. */
    private void forgotten(Agent agent, StatusUpdate update) {
        outbox.send(agent, FrameworkRemoval.shutdown(update.getFrameworkId().getValue()));
        if (update.getStatus().hasUuid()) {
            outbox.send(
                    agent,
                    acknowledge(
                            update.getFrameworkId().getValue(),
                            update.getStatus().getTaskId(),
                            update.getStatus().getUuid()));
        }
    }

    private static TaskStatus status(Agent agent, TaskStatus status) {
        return status.hasAgentId()
                ? status
                : status.toBuilder().setAgentId(agent.info().getId()).build();
    }

    private void apply(
            Instant now, Agent agent, Framework framework, TrackedTask task, TaskStatus status, TaskState latest) {
        TaskState before = task.state();
        TaskState beforeStatus = task.message().getStatusUpdateState();
        task.update(status, latest);
        agent.changed();
        framework.changed();
        if (task.isTerminal()) {
            Holdings.release(cluster, agent, framework, task);
        }
        executorSeen(agent, framework, task, status);
        if (before != task.state() || beforeStatus != status.getState()) {
            outbox.publish(
                    new ClusterChange.TaskUpdated(framework.id, task.message().getUser(), status, task.state()));
        }
        if (!status.hasUuid() && TrackedTask.isTerminal(status.getState())) {
            // Nobody will acknowledge it.
            complete(now, agent, framework, task);
        }
    }

    /**
     * An executor whose tasks were all refused by the agent was never started: nothing will report its end, so it is given up
     * here. Any other status shows that it is there.
     */
    private void executorSeen(Agent agent, Framework framework, TrackedTask task, TaskStatus status) {
        if (task.executorId == null) {
            return;
        }
        Agent.ExecutorKey key = new Agent.ExecutorKey(framework.id, task.executorId);
        if (!agent.unconfirmedExecutors.contains(key)) {
            return;
        }
        if (!isRefusal(status)) {
            agent.unconfirmedExecutors.remove(key);
            return;
        }
        boolean awaited = agent.tasks.stream()
                .anyMatch(other -> !other.isTerminal()
                        && other.frameworkId.equals(framework.id)
                        && task.executorId.equals(other.executorId));
        if (!awaited) {
            Holdings.release(cluster, agent, framework, key);
        }
    }

    /** An agent answers without uuid only for tasks it has not taken. */
    private static boolean isRefusal(TaskStatus status) {
        return !status.hasUuid()
                && status.getSource() == TaskStatus.Source.SOURCE_AGENT
                && TrackedTask.isTerminal(status.getState());
    }

    /** Takes a terminal task off the books. */
    void complete(Instant now, Agent agent, Framework framework, TrackedTask task) {
        Holdings.release(cluster, agent, framework, task);
        agent.tasks.remove(task);
        agent.changed();
        framework.tasks.remove(task.id);
        framework.complete(task.message());
        draining.taskEnded(now, agent);
    }

    void acknowledge(Instant now, Framework framework, Call.Acknowledge call) {
        Agent agent = cluster.agent(call.getAgentId().getValue());
        boolean reachable = agent != null && agent.isConnected();
        cluster.counters.add(
                reachable, Count.VALID_STATUS_UPDATE_ACKNOWLEDGEMENTS, Count.INVALID_STATUS_UPDATE_ACKNOWLEDGEMENTS);
        if (agent == null || !reachable) {
            return;
        }
        TrackedTask task = framework.tasks.get(call.getTaskId().getValue());
        if (task != null
                && task.agentId.equals(agent.id)
                && task.message().getStatusUpdateUuid().equals(call.getUuid())
                && TrackedTask.isTerminal(task.message().getStatusUpdateState())) {
            complete(now, agent, framework, task);
        }
        outbox.send(agent, acknowledge(framework.id, call.getTaskId(), call.getUuid()));
    }

    private static ToAgent.Builder acknowledge(String frameworkId, TaskID task, ByteString uuid) {
        return ToAgent.newBuilder()
                .setAcknowledge(AcknowledgeStatusUpdate.newBuilder()
                        .setFrameworkId(Ids.framework(frameworkId))
                        .setTaskId(task)
                        .setUuid(uuid));
    }
}
