package io.paddock.master.core.snapshot;

import io.paddock.proto.v1.AgentInfo;
import io.paddock.proto.v1.MasterInfo;
import io.paddock.proto.v1.quota.QuotaConfig;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;

/**
 * The whole cluster at one instant, as the leading master knows it.
 *
 * @param master who answers
 * @param electedAt when this master became the leader (its registry was recovered)
 * @param takenAt when this was taken, by the core's clock
 * @param agents registered agents, connected or not, in order of registration with this master; active tasks hang here
 * @param recoveredAgents known from the registry, not yet back since this master leads
 * @param pendingRemovals agents that wait until they may be marked unreachable, by id, longest first; in agents or recoveredAgents too
 * @param unreachableAgents marked unreachable, by id
 * @param goneAgents marked gone by an operator, by id
 * @param frameworks connected, disconnected and recovered ones
 * @param completedFrameworks removed ones, oldest first, bounded
 * @param weights configured weights by role; a role not listed has 1.0
 * @param quotas by role
 * @param maintenance of machines
 * @param whitelist hosts whose agents may be offered; absent when all may
 * @param tally what was counted since this master leads
 */
public record ClusterSnapshot(
        MasterInfo master,
        Instant electedAt,
        Instant takenAt,
        List<AgentView> agents,
        List<AgentInfo> recoveredAgents,
        Map<String, PendingRemoval> pendingRemovals,
        SortedMap<String, Instant> unreachableAgents,
        SortedMap<String, Instant> goneAgents,
        List<FrameworkView> frameworks,
        List<FrameworkView> completedFrameworks,
        SortedMap<String, Double> weights,
        SortedMap<String, QuotaConfig> quotas,
        MaintenanceView maintenance,
        @Nullable Set<String> whitelist,
        Tally tally) {}
