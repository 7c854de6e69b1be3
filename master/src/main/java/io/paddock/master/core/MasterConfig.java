package io.paddock.master.core;

import io.paddock.common.Roles;
import io.paddock.master.core.constraints.RegexLimits;
import java.time.Duration;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;

/**
 * What an operator can set about the core's behaviour.
 *
 * @param allocationDelay how long changes are collected before an allocation
 * @param allocationInterval how often it is checked that no event was missed, by a look at everything
 * @param offerTimeout how long a scheduler may hold an offer; absent: for ever
 * @param agentHeartbeat interval of heartbeats on agents' links
 * @param silentHeartbeats how many intervals an agent may be silent before it is unreachable
 * @param agentReregisterTimeout how long a disconnected agent may stay away before it is unreachable, also after an election
 * @param maxCompletedFrameworks removed frameworks remembered
 * @param maxCompletedTasks completed tasks remembered per framework
 * @param maxUnreachableTasks tasks on unreachable agents remembered per framework
 * @param agentRecoveryFactor which part of the known agents must be back after an election before anything is offered, while
 *     there are quotas: 0 to 1
 * @param allocationRecoveryTimeout when offers are made nevertheless
 * @param regexLimits of offer constraints
 * @param memory of agents that departed
 * @param removals of agents that do not answer
 * @param admissions of agents and frameworks
 * @param weights of roles, for as long as the registry has none
 */
public record MasterConfig(
        Duration allocationDelay,
        Duration allocationInterval,
        @Nullable Duration offerTimeout,
        Duration agentHeartbeat,
        int silentHeartbeats,
        Duration agentReregisterTimeout,
        int maxCompletedFrameworks,
        int maxCompletedTasks,
        int maxUnreachableTasks,
        double agentRecoveryFactor,
        Duration allocationRecoveryTimeout,
        RegexLimits regexLimits,
        Memory memory,
        Removals removals,
        Admissions admissions,
        SortedMap<String, Double> weights) {

    /**
     * How long agents that are unreachable or gone are remembered.
     *
     * @param gcInterval how often those that were for too long are looked for
     * @param maxAgentAge for how long one is remembered
     * @param maxAgents how many unreachable ones, and how many gone ones
     */
    public record Memory(Duration gcInterval, Duration maxAgentAge, int maxAgents) {
        public static final Memory DEFAULT = new Memory(Duration.ofMinutes(15), Duration.ofDays(14), 102_400);
    }

    /**
     * How agents are marked unreachable.
     *
     * @param pause the least time between two of them; absent: none
     * @param recoveryLimit which part of the known agents may be missing when those that did not come back after an election
     *     are marked: 0 to 1
     */
    public record Removals(@Nullable Duration pause, double recoveryLimit) {
        public static final Removals DEFAULT = new Removals(null, 1);
    }

    /**
     * Who is let in.
     *
     * @param agentsNeedDomain whether an agent must have a fault domain
     * @param roles the roles that frameworks, weights and quotas may have; empty: all
     */
    public record Admissions(boolean agentsNeedDomain, Set<String> roles) {
        public static final Admissions DEFAULT = new Admissions(false, Set.of());

        /** Why some roles may not be used, if they may not. */
        public Optional<String> refused(Collection<String> wanted) {
            List<String> unknown = roles.isEmpty()
                    ? List.of()
                    : wanted.stream()
                            .filter(role -> !role.equals(Roles.DEFAULT) && !roles.contains(role))
                            .toList();
            return unknown.isEmpty()
                    ? Optional.empty()
                    : Optional.of("roles " + unknown + " are not among those of this master's --roles");
        }
    }

    /** Interval of heartbeats on scheduler streams, told to schedulers in SUBSCRIBED. */
    public static final Duration SCHEDULER_HEARTBEAT = Duration.ofSeconds(15);

    public static MasterConfig defaults() {
        return new MasterConfig(
                Duration.ofMillis(5),
                Duration.ofSeconds(30),
                Duration.ofMinutes(2),
                Duration.ofSeconds(15),
                5,
                Duration.ofMinutes(10),
                50,
                1000,
                1000,
                0.8,
                Duration.ofMinutes(10),
                RegexLimits.DEFAULT,
                Memory.DEFAULT,
                Removals.DEFAULT,
                Admissions.DEFAULT,
                Collections.emptySortedMap());
    }
}
