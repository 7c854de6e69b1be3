package io.paddock.master.core;

import io.paddock.common.resources.Resources;
import io.paddock.master.core.snapshot.Count;
import io.paddock.proto.domain.ResourceMessages;
import io.paddock.proto.link.AgentTotals;
import io.paddock.proto.link.ExecutorMessage;
import io.paddock.proto.link.ExecutorTerminated;
import io.paddock.proto.link.FromAgent;
import io.paddock.proto.v1.scheduler.Event;
import java.time.Instant;

/** What a registered agent says. Anything it says shows that it is there. */
final class AgentMessages {
    private final Cluster cluster;
    private final Outbox outbox;
    private final Offers offers;
    private final OperationFeedback feedback;
    private final Draining draining;
    private final StatusUpdates statusUpdates;
    private final AgentRemoval removal;
    private final RemovalQueue removals;

    AgentMessages(
            Cluster cluster,
            Outbox outbox,
            Offers offers,
            OperationFeedback feedback,
            Draining draining,
            StatusUpdates statusUpdates,
            AgentRemoval removal,
            RemovalQueue removals) {
        this.cluster = cluster;
        this.outbox = outbox;
        this.offers = offers;
        this.feedback = feedback;
        this.draining = draining;
        this.statusUpdates = statusUpdates;
        this.removal = removal;
        this.removals = removals;
    }

    void received(Instant now, String link, FromAgent message) {
        Agent agent = cluster.agentsByLink.get(link);
        if (agent == null || agent.leaving) {
            cluster.counters.add(Count.DROPPED_MESSAGES);
            return;
        }
        agent.lastHeard = now;
        if (agent.awaitsRemoval()) {
            removals.withdraw(agent.id);
        }
        switch (message.getMessageCase()) {
            case STATUS_UPDATE:
                statusUpdates.fromAgent(now, agent, message.getStatusUpdate());
                return;
            case EXECUTOR_MESSAGE:
                forward(agent, message.getExecutorMessage());
                return;
            case EXECUTOR_TERMINATED:
                executorTerminated(agent, message.getExecutorTerminated());
                return;
            case AGENT_TOTALS:
                totals(agent, message.getAgentTotals());
                return;
            case OPERATION_UPDATE:
                feedback.updated(now, agent, message.getOperationUpdate());
                draining.taskEnded(now, agent);
                return;
            case LEAVING:
                removal.left(agent.id);
                return;
            case HEARTBEAT:
            case REGISTER:
            case REREGISTER:
            case MESSAGE_NOT_SET:
                return;
        }
        throw new IllegalStateException("message " + message.getMessageCase() + " is not known");
    }

    private void forward(Agent agent, ExecutorMessage message) {
        Framework framework = cluster.framework(message.getFrameworkId().getValue());
        cluster.counters.add(
                framework != null,
                Count.VALID_EXECUTOR_TO_FRAMEWORK_MESSAGES,
                Count.INVALID_EXECUTOR_TO_FRAMEWORK_MESSAGES);
        if (framework != null) {
            outbox.send(
                    framework,
                    Event.newBuilder()
                            .setType(Event.Type.MESSAGE)
                            .setMessage(Event.Message.newBuilder()
                                    .setAgentId(agent.info().getId())
                                    .setExecutorId(message.getExecutorId())
                                    .setData(message.getData())));
        }
    }

    private void executorTerminated(Agent agent, ExecutorTerminated terminated) {
        Framework framework = cluster.framework(terminated.getFrameworkId().getValue());
        if (framework == null) {
            return;
        }
        Holdings.release(
                cluster,
                agent,
                framework,
                new Agent.ExecutorKey(framework.id, terminated.getExecutorId().getValue()));
        Event.Failure.Builder failure =
                Event.Failure.newBuilder().setAgentId(agent.info().getId()).setExecutorId(terminated.getExecutorId());
        if (terminated.hasStatus()) {
            failure.setStatus(terminated.getStatus());
        }
        outbox.send(framework, Event.newBuilder().setType(Event.Type.FAILURE).setFailure(failure));
    }

    private void totals(Agent agent, AgentTotals totals) {
        Resources total;
        try {
            total = ResourceMessages.fromMessages(totals.getTotalResourcesList());
        } catch (IllegalArgumentException e) {
            // An agent of another version may know resources that we do not: its former totals stay.
            return;
        }
        Operations.adopt(cluster, offers, agent, OperationFeedback.expected(agent, total));
    }
}
