package io.paddock.master.core;

import io.paddock.master.core.snapshot.Count;
import io.paddock.master.core.snapshot.PendingRemoval;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Agents whose time is over and that wait until one may be marked unreachable, as an operator bounds how fast that goes. One
 * that answers, or that goes in another way, leaves the queue. Meanwhile nothing is offered of it, and what it runs stands.
 */
final class RemovalQueue {
    private final Cluster cluster;
    private final Outbox outbox;
    private final Offers offers;
    private final LinkedHashMap<String, PendingRemoval> waiting = new LinkedHashMap<>();
    private Instant nextPermit = Instant.MIN;
    private @Nullable Map<String, PendingRemoval> view;

    RemovalQueue(Cluster cluster, Outbox outbox, Offers offers) {
        this.cluster = cluster;
        this.outbox = outbox;
        this.offers = offers;
    }

    boolean contains(String agentId) {
        return waiting.containsKey(agentId);
    }

    /**
     * An agent's time is over.
     *
     * @param why in words, such as that it did not answer
     * @return whether it may be marked unreachable now; otherwise it waits, and {@link #next} will name it
     */
    boolean enter(Instant now, String agentId, String why) {
        cluster.counters.add(Count.SLAVE_UNREACHABLE_SCHEDULED);
        cluster.counters.add(Count.SLAVE_SHUTDOWNS_SCHEDULED);
        Duration pause = cluster.config.removals().pause();
        if (pause == null) {
            return true;
        }
        if (waiting.isEmpty() && !now.isBefore(nextPermit)) {
            nextPermit = now.plus(pause);
            return true;
        }
        if (waiting.isEmpty()) {
            outbox.start(Timer.of(Timer.Kind.AGENT_REMOVAL), Duration.between(now, nextPermit));
        }
        waiting.put(agentId, new PendingRemoval(now, why));
        view = null;
        Agent agent = cluster.agent(agentId);
        if (agent != null) {
            agent.awaitsRemoval(true);
            cluster.allocator.deactivateAgent(agentId);
            offers.rescindAll(agent);
        }
        return false;
    }

    /** The agent has answered, or goes in another way. */
    void withdraw(String agentId) {
        if (waiting.remove(agentId) == null) {
            return;
        }
        view = null;
        cluster.counters.add(Count.SLAVE_UNREACHABLE_CANCELED);
        cluster.counters.add(Count.SLAVE_SHUTDOWNS_CANCELED);
        if (waiting.isEmpty()) {
            outbox.cancel(Timer.of(Timer.Kind.AGENT_REMOVAL));
        }
        Agent agent = cluster.agent(agentId);
        if (agent != null) {
            agent.awaitsRemoval(false);
            if (agent.isActive()) {
                cluster.allocator.activateAgent(agentId);
            }
        }
    }

    /** The time has come for one more: who may be marked unreachable now. */
    Optional<String> next(Instant now) {
        Optional<String> first = waiting.keySet().stream().findFirst();
        Duration pause = cluster.config.removals().pause();
        if (first.isPresent() && pause != null) {
            waiting.remove(first.get());
            view = null;
            nextPermit = now.plus(pause);
            if (!waiting.isEmpty()) {
                outbox.start(Timer.of(Timer.Kind.AGENT_REMOVAL), pause);
            }
        }
        return first;
    }

    /** Those that wait, by id, longest first; immutable. */
    Map<String, PendingRemoval> view() {
        Map<String, PendingRemoval> current = view;
        if (current == null) {
            current = Collections.unmodifiableMap(new LinkedHashMap<>(waiting));
            view = current;
        }
        return current;
    }
}
