package io.paddock.master.core;

import io.paddock.master.core.registry.Registry;
import io.paddock.master.core.snapshot.AgentView;
import io.paddock.master.core.snapshot.ClusterSnapshot;
import io.paddock.master.core.snapshot.FrameworkView;
import io.paddock.proto.registry.AgentRecord;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/** Puts the cached views of agents and frameworks together. */
final class Snapshots {
    private final Cluster cluster;
    private final Registry registry;
    private final RecoveredAgents recoveredAgents;
    private final Maintenance maintenance;
    private long standingsAsOf;
    private SortedMap<String, Instant> unreachable = Collections.emptySortedMap();
    private SortedMap<String, Instant> gone = Collections.emptySortedMap();

    Snapshots(Cluster cluster, Registry registry, RecoveredAgents recoveredAgents, Maintenance maintenance) {
        this.cluster = cluster;
        this.registry = registry;
        this.recoveredAgents = recoveredAgents;
        this.maintenance = maintenance;
    }

    ClusterSnapshot take(Instant now) {
        if (standingsAsOf != registry.agentChanges()) {
            standingsAsOf = registry.agentChanges();
            unreachable = standing(AgentRecord.Standing.UNREACHABLE);
            gone = standing(AgentRecord.Standing.GONE);
        }
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
                unreachable,
                gone,
                List.copyOf(frameworks),
                List.copyOf(cluster.completedFrameworks.values()),
                new TreeMap<>(registry.weights()),
                registry.quotas(),
                maintenance.view(),
                cluster.whitelist,
                cluster.counters.tally());
    }

    private SortedMap<String, Instant> standing(AgentRecord.Standing standing) {
        SortedMap<String, Instant> result = new TreeMap<>();
        registry.agents().forEach(record -> {
            if (record.getStanding() == standing) {
                result.put(record.getInfo().getId().getValue(), Ids.instant(record.getSince()));
            }
        });
        return Collections.unmodifiableSortedMap(result);
    }
}
