package io.paddock.master.core;

import io.paddock.master.core.registry.Registry;
import io.paddock.master.core.snapshot.ClusterSnapshot;
import java.time.Instant;
import java.util.List;
import java.util.TreeMap;

/** Puts the cached views of agents and frameworks together. */
final class Snapshots {
    private final Cluster cluster;
    private final Registry registry;
    private final RecoveredAgents recoveredAgents;
    private final RemovalQueue removals;
    private final Maintenance maintenance;

    Snapshots(
            Cluster cluster,
            Registry registry,
            RecoveredAgents recoveredAgents,
            RemovalQueue removals,
            Maintenance maintenance) {
        this.cluster = cluster;
        this.registry = registry;
        this.recoveredAgents = recoveredAgents;
        this.removals = removals;
        this.maintenance = maintenance;
    }

    ClusterSnapshot take(Instant now) {
        return new ClusterSnapshot(
                cluster.master,
                cluster.electedAt,
                now,
                cluster.agents.values().stream().map(Agent::view).toList(),
                recoveredAgents.view(),
                removals.view(),
                registry.unreachable().view(),
                registry.gone().view(),
                cluster.frameworks.values().stream().map(Framework::view).toList(),
                List.copyOf(cluster.completedFrameworks.values()),
                new TreeMap<>(registry.weights()),
                registry.quotas(),
                maintenance.view(),
                cluster.whitelist,
                cluster.counters.tally());
    }
}
