package io.paddock.master.core;

import io.paddock.master.core.registry.Registry;
import io.paddock.master.core.snapshot.AgentView;
import io.paddock.master.core.snapshot.ClusterSnapshot;
import io.paddock.master.core.snapshot.FrameworkView;
import java.time.Instant;
import java.util.ArrayList;
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
        List<AgentView> agents = new ArrayList<>(cluster.agents.size());
        cluster.agents.values().forEach(agent -> agents.add(agent.view()));
        List<FrameworkView> frameworks = new ArrayList<>(cluster.frameworks.size());
        cluster.frameworks.values().forEach(framework -> frameworks.add(framework.view()));
        return new ClusterSnapshot(
                cluster.master,
                cluster.electedAt,
                now,
                List.copyOf(agents),
                recoveredAgents.view(),
                removals.view(),
                registry.unreachable().view(),
                registry.gone().view(),
                List.copyOf(frameworks),
                List.copyOf(cluster.completedFrameworks.values()),
                new TreeMap<>(registry.weights()),
                registry.quotas(),
                maintenance.view(),
                cluster.whitelist,
                cluster.counters.tally());
    }
}
