package io.paddock.master.core;

import io.paddock.master.core.registry.DepartedAgents;
import io.paddock.master.core.registry.Registry;
import io.paddock.master.core.registry.RegistryRecord.ForgetAgents;
import java.time.Instant;
import java.util.List;

/**
 * Forgets agents that are unreachable or gone: those that have been for too long, and the oldest of too many. An agent that was
 * forgotten and comes back is taken in as one that is not known. Source: Mesos.
 */
final class RegistryGc {
    /** Agents forgotten in one write, far below what a write may hold. */
    static final int BATCH = 1_000;

    private final Cluster cluster;
    private final RegistryWriter registry;
    private final Outbox outbox;

    RegistryGc(Cluster cluster, RegistryWriter registry, Outbox outbox) {
        this.cluster = cluster;
        this.registry = registry;
        this.outbox = outbox;
    }

    void plan() {
        outbox.start(Timer.of(Timer.Kind.REGISTRY_GC), cluster.config.memory().gcInterval());
    }

    void due(Instant now) {
        Registry decided = registry.decided();
        forget(now, decided.unreachable());
        forget(now, decided.gone());
        plan();
    }

    private void forget(Instant now, DepartedAgents departed) {
        MasterConfig.Memory memory = cluster.config.memory();
        List<String> surplus = departed.surplus(now.minus(memory.maxAgentAge()), memory.maxAgents());
        for (int from = 0; from < surplus.size(); from += BATCH) {
            List<String> batch = surplus.subList(from, Math.min(from + BATCH, surplus.size()));
            registry.persist(new ForgetAgents(List.copyOf(batch)), at -> {});
        }
    }
}
