package io.paddock.master.core;

import io.paddock.master.core.constraints.RegexLimits;
import java.time.Duration;
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
        RegexLimits regexLimits) {

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
                RegexLimits.DEFAULT);
    }
}
