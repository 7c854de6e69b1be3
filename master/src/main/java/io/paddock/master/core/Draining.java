package io.paddock.master.core;

import io.paddock.master.core.registry.RegistryRecord.MarkDrained;
import io.paddock.proto.registry.AgentRecord;
import io.paddock.proto.v1.DrainInfo;
import io.paddock.proto.v1.DrainState;
import io.paddock.proto.v1.KillPolicy;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Emptying an agent for maintenance: no offers, its tasks are killed (each with no more grace than the operator allows),
 * and when none is left, acknowledgements included, the agent is drained.
 */
final class Draining {
    private final RegistryWriter registry;
    private final Kills kills;
    private final AgentRemoval removal;

    Draining(RegistryWriter registry, Kills kills, AgentRemoval removal) {
        this.registry = registry;
        this.kills = kills;
        this.removal = removal;
    }

    /** What the operator decided earlier holds for an agent that registers; a drain goes on. */
    void reregistered(Instant now, Agent agent) {
        AgentRecord record = registry.durable().agent(agent.id);
        if (record == null) {
            return;
        }
        agent.decidedByOperator(record.getDeactivated(), record.hasDrain() ? record.getDrain() : null);
        if (isDraining(agent.drain())) {
            start(now, agent);
        }
    }

    void start(Instant now, Agent agent) {
        DrainInfo drain = agent.drain();
        for (TrackedTask task : agent.tasks) {
            if (task.isTerminal()) {
                continue;
            }
            task.killAsked = true;
            if (drain != null && drain.getConfig().hasMaxGracePeriod()) {
                task.killPolicy =
                        shorter(task, drain.getConfig().getMaxGracePeriod().getNanoseconds());
            }
            kills.send(agent, task);
        }
        taskEnded(now, agent);
    }

    private static KillPolicy shorter(TrackedTask task, long maxNanos) {
        KillPolicy own =
                task.killPolicy != null ? task.killPolicy : task.message().getKillPolicy();
        if (own.hasGracePeriod() && own.getGracePeriod().getNanoseconds() <= maxNanos) {
            return own;
        }
        KillPolicy.Builder shorter = KillPolicy.newBuilder();
        shorter.getGracePeriodBuilder().setNanoseconds(maxNanos);
        return shorter.build();
    }

    /** Called whenever a task left the agent's books. */
    void taskEnded(Instant now, Agent agent) {
        DrainInfo drain = agent.drain();
        if (drain == null || !isDraining(drain) || !agent.tasks.isEmpty() || removal.isLeaving(agent.id)) {
            return;
        }
        DrainInfo drained = drain.toBuilder().setState(DrainState.DRAINED).build();
        agent.decidedByOperator(true, drained);
        if (drain.getConfig().getMarkGone()) {
            removal.gone(now, agent.id, () -> {});
        } else {
            registry.persist(new MarkDrained(agent.id), at -> {});
        }
    }

    static boolean isDraining(@Nullable DrainInfo drain) {
        return drain != null && drain.getState() == DrainState.DRAINING;
    }
}
