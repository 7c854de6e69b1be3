package io.paddock.master.core;

import io.paddock.master.core.registry.RegistryRecord.MarkDrained;
import io.paddock.proto.link.Drain;
import io.paddock.proto.link.ToAgent;
import io.paddock.proto.registry.AgentRecord;
import io.paddock.proto.v1.DrainInfo;
import io.paddock.proto.v1.DrainState;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Emptying an agent for maintenance: no offers, the agent kills its tasks (each with no more grace than the operator allows),
 * and when none is left, acknowledgements included, the agent is drained.
 */
final class Draining {
    private final RegistryWriter registry;
    private final Outbox outbox;
    private final AgentRemoval removal;

    Draining(RegistryWriter registry, Outbox outbox, AgentRemoval removal) {
        this.registry = registry;
        this.outbox = outbox;
        this.removal = removal;
    }

    /** What the operator decided while an agent was away holds when it comes back; a drain goes on. */
    void reregistered(Instant now, Agent agent) {
        AgentRecord record = registry.durable().agent(agent.id);
        if (record == null) {
            return;
        }
        agent.decidedByOperator(
                record.getDeactivated(),
                record.hasDrain() ? record.getDrain() : null,
                record.hasDrainSince() ? Ids.instant(record.getDrainSince()) : null);
        tell(agent);
        taskEnded(now, agent);
    }

    void start(Instant now, Agent agent) {
        tell(agent);
        taskEnded(now, agent);
    }

    /** Tells the agent to drain, or that it need not any more. */
    void tell(Agent agent) {
        Drain.Builder drain = Drain.newBuilder();
        DrainInfo decided = agent.drain();
        if (decided != null) {
            drain.setConfig(decided.getConfig());
            Instant since = agent.drainSince();
            if (since != null) {
                drain.setSince(Ids.time(since));
            }
        }
        outbox.send(agent, ToAgent.newBuilder().setDrain(drain));
    }

    /** Called whenever a task or an operation left the agent's books. */
    void taskEnded(Instant now, Agent agent) {
        DrainInfo drain = agent.drain();
        if (drain == null
                || !isDraining(drain)
                || !agent.tasks.isEmpty()
                || !agent.operations.isEmpty()
                || removal.isLeaving(agent.id)) {
            return;
        }
        DrainInfo drained = drain.toBuilder().setState(DrainState.DRAINED).build();
        agent.decidedByOperator(true, drained, agent.drainSince());
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
