package io.paddock.master.core;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * While quotas exist, nothing is offered after an election until most of the agents that the registry knows are back: what
 * runs on the others counts for no role yet, so that limits would be exceeded and guarantees seem lacking. Source: Mesos.
 */
final class RecoveryPause {
    private final Cluster cluster;
    private final Outbox outbox;
    private final RecoveredAgents awaited;
    private int mayBeAway;
    private @Nullable Instant until;

    RecoveryPause(Cluster cluster, Outbox outbox, RecoveredAgents awaited) {
        this.cluster = cluster;
        this.outbox = outbox;
        this.awaited = awaited;
    }

    /** Right after the recovery of a registry with quotas. */
    void begin(Instant now) {
        mayBeAway = awaited.count() - (int) Math.ceil(awaited.count() * cluster.config.agentRecoveryFactor());
        until = now.plus(cluster.config.allocationRecoveryTimeout());
        outbox.start(Timer.of(Timer.Kind.RECOVERY_PAUSE), cluster.config.allocationRecoveryTimeout());
    }

    /** Asked after every event; once it does not hold it never does again. */
    boolean holds(Instant now) {
        if (until != null && (awaited.count() <= mayBeAway || !now.isBefore(until))) {
            until = null;
            outbox.cancel(Timer.of(Timer.Kind.RECOVERY_PAUSE));
        }
        return until != null;
    }
}
