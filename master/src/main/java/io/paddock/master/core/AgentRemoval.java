package io.paddock.master.core;

import io.paddock.master.core.registry.RegistryRecord;
import io.paddock.master.core.registry.RegistryRecord.MarkGone;
import io.paddock.master.core.registry.RegistryRecord.MarkUnreachable;
import io.paddock.master.core.registry.RegistryRecord.RemoveAgent;
import io.paddock.master.core.snapshot.ClusterChange;
import io.paddock.master.core.snapshot.Count;
import io.paddock.proto.link.Shutdown;
import io.paddock.proto.link.ToAgent;
import io.paddock.proto.v1.OperationState;
import io.paddock.proto.v1.Task;
import io.paddock.proto.v1.TaskState;
import io.paddock.proto.v1.TaskStatus;
import io.paddock.proto.v1.scheduler.Event;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * How an agent goes: unreachable (it may come back with its tasks), gone (an operator said so; it may not), or left.
 *
 * <p>Durable first: only when the registry knows are schedulers told, so that no two masters can tell different stories.
 */
final class AgentRemoval {
    /** Why an agent is removed and what its tasks become. */
    enum Cause {
        UNREACHABLE(
                TaskState.TASK_UNREACHABLE,
                TaskStatus.Reason.REASON_AGENT_REMOVED,
                OperationState.OPERATION_UNREACHABLE,
                "is unreachable",
                Count.SLAVE_REMOVALS_UNHEALTHY),
        GONE(
                TaskState.TASK_GONE_BY_OPERATOR,
                TaskStatus.Reason.REASON_AGENT_REMOVED_BY_OPERATOR,
                OperationState.OPERATION_GONE_BY_OPERATOR,
                "was marked gone by an operator",
                null),
        /** It may come back with its reservations, and then answers what it has not. */
        LEFT(
                TaskState.TASK_GONE,
                TaskStatus.Reason.REASON_AGENT_REMOVED,
                OperationState.OPERATION_UNREACHABLE,
                "has left the cluster",
                Count.SLAVE_REMOVALS_UNREGISTERED),
        MACHINE_DOWN(
                TaskState.TASK_GONE,
                TaskStatus.Reason.REASON_AGENT_REMOVED,
                OperationState.OPERATION_GONE_BY_OPERATOR,
                "is on a machine that is down for maintenance",
                Count.SLAVE_REMOVALS_UNREGISTERED),
        REPLACED(
                TaskState.TASK_GONE,
                TaskStatus.Reason.REASON_AGENT_REMOVED,
                OperationState.OPERATION_UNREACHABLE,
                "has come back under another id",
                Count.SLAVE_REMOVALS_REGISTERED);

        private final TaskState state;
        private final TaskStatus.Reason reason;
        private final OperationState operations;
        private final String text;
        private final @Nullable Count count;

        Cause(
                TaskState state,
                TaskStatus.Reason reason,
                OperationState operations,
                String text,
                @Nullable Count count) {
            this.state = state;
            this.reason = reason;
            this.operations = operations;
            this.text = text;
            this.count = count;
        }
    }

    private final Cluster cluster;
    private final RegistryWriter registry;
    private final Outbox outbox;
    private final Offers offers;
    private final RecoveredAgents recoveredAgents;
    private final RemovalQueue queue;
    private final OperationFeedback feedback;
    /** Agents whose removal is being written. */
    private final Set<String> leaving = new HashSet<>();

    AgentRemoval(
            Cluster cluster,
            RegistryWriter registry,
            Outbox outbox,
            Offers offers,
            RecoveredAgents recoveredAgents,
            RemovalQueue queue,
            OperationFeedback feedback) {
        this.cluster = cluster;
        this.registry = registry;
        this.outbox = outbox;
        this.offers = offers;
        this.recoveredAgents = recoveredAgents;
        this.queue = queue;
        this.feedback = feedback;
    }

    boolean isLeaving(String agentId) {
        return leaving.contains(agentId);
    }

    void unreachable(Instant now, String agentId) {
        remove(agentId, new MarkUnreachable(agentId, now), Cause.UNREACHABLE, () -> {});
    }

    void gone(Instant now, String agentId, Runnable then) {
        remove(agentId, new MarkGone(agentId, now), Cause.GONE, then);
    }

    /** The agent has registered anew without its former id. */
    void replaced(String agentId) {
        remove(agentId, new RemoveAgent(agentId), Cause.REPLACED, () -> {});
    }

    void left(String agentId) {
        remove(agentId, new RemoveAgent(agentId), Cause.LEFT, () -> {});
    }

    /** Its machine was taken down for maintenance. */
    void machineDown(String agentId) {
        remove(agentId, new RemoveAgent(agentId), Cause.MACHINE_DOWN, () -> {});
    }

    private void remove(String agentId, RegistryRecord record, Cause cause, Runnable then) {
        if (!leaving.add(agentId)) {
            then.run();
            return;
        }
        queue.withdraw(agentId);
        Agent agent = cluster.agent(agentId);
        if (agent != null) {
            agent.leaving = true;
            agent.changed();
            cluster.allocator.deactivateAgent(agentId);
            offers.rescindAll(agent);
        }
        registry.persist(record, now -> {
            leaving.remove(agentId);
            boolean recovered = recoveredAgents.remove(agentId);
            count(cause, recovered);
            if (agent != null) {
                removed(now, agent, cause);
            }
            tellFrameworks(agentId);
            outbox.publish(new ClusterChange.AgentRemoved(agentId));
            then.run();
        });
    }

    private void count(Cause cause, boolean recovered) {
        cluster.counters.add(Count.SLAVE_REMOVALS);
        if (cause.count != null) {
            cluster.counters.add(cause.count);
        }
        if (cause == Cause.UNREACHABLE) {
            cluster.counters.add(Count.SLAVE_UNREACHABLE_COMPLETED);
            cluster.counters.add(Count.SLAVE_SHUTDOWNS_COMPLETED);
            cluster.counters.add(Count.RECOVERY_SLAVE_REMOVALS, recovered ? 1 : 0);
        }
    }

    private void removed(Instant now, Agent agent, Cause cause) {
        outbox.cancel(Timer.of(Timer.Kind.AGENT_REREGISTRATION, agent.id));
        Set<Framework> losers = new LinkedHashSet<>();
        for (TrackedTask task : new ArrayList<>(agent.tasks)) {
            Framework framework = cluster.framework(task.frameworkId);
            if (framework != null) {
                lose(now, agent, framework, task, cause);
                losers.add(framework);
            }
        }
        agent.executors.forEach((key, executor) -> {
            Framework framework = cluster.framework(key.frameworkId());
            if (framework != null) {
                framework.usesNoMore(executor.resources());
            }
        });
        feedback.lost(agent, cause.operations, "Agent " + agent.id + " " + cause.text);
        offers.inverse.agentRemoved(agent.id);
        cluster.allocator.removeAgent(agent.id);
        cluster.agents.remove(agent.id);
        String link = agent.link();
        if (link != null) {
            if (cause == Cause.GONE || cause == Cause.MACHINE_DOWN) {
                outbox.send(
                        agent,
                        ToAgent.newBuilder()
                                .setShutdown(Shutdown.newBuilder().setMessage("Agent " + agent.id + " " + cause.text)));
            }
            cluster.agentsByLink.remove(link);
            outbox.add(new MasterEffect.CloseLink(link));
        }
        agent.removed();
        losers.forEach(this::waitNoLonger);
    }

    /** A framework that ends with its tasks has nothing left to come back for. */
    private void waitNoLonger(Framework framework) {
        if (framework.isDone() && !recoveredAgents.anyAwaited()) {
            outbox.start(Timer.of(Timer.Kind.FRAMEWORK_FAILOVER, framework.id), Duration.ZERO);
        }
    }

    private void lose(Instant now, Agent agent, Framework framework, TrackedTask task, Cause cause) {
        if (task.holding) {
            framework.usesNoMore(task.resources);
        }
        framework.tasks.remove(task.id);
        framework.changed();
        if (task.isTerminal()) {
            framework.complete(task.message());
            return;
        }
        TaskStatus.Builder status = Statuses.of(
                now,
                framework,
                task.message(),
                cause.state,
                cause.reason,
                "Agent " + agent.info().getHostname() + " (" + agent.id + ") " + cause.text);
        if (cause == Cause.UNREACHABLE) {
            status.setUnreachableTime(Ids.time(now));
        }
        TaskStatus told = status.build();
        Task lost = task.message().toBuilder()
                .setState(told.getState())
                .addStatuses(told)
                .build();
        if (cause == Cause.UNREACHABLE) {
            framework.becameUnreachable(lost);
        } else {
            framework.complete(lost);
        }
        outbox.send(framework, Statuses.event(told));
        outbox.publish(new ClusterChange.TaskUpdated(framework.id, lost.getUser(), told, told.getState()));
    }

    private void tellFrameworks(String agentId) {
        Event failure = Event.newBuilder()
                .setType(Event.Type.FAILURE)
                .setFailure(Event.Failure.newBuilder().setAgentId(Ids.agent(agentId)))
                .build();
        cluster.frameworks.values().forEach(framework -> outbox.send(framework, failure));
    }
}
