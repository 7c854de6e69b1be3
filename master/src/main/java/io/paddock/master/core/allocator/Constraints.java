package io.paddock.master.core.allocator;

import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Asks each agent once, not in every run, whether it meets the constraint of each client; the answers are bits of the agents.
 *
 * <p>When a constraint is new, agents are asked in as many runs as it takes for none to last longer than about a tenth of a
 * second (a few milliseconds for usual expressions), whatever a framework wrote; an agent that was not asked yet is not offered.
 */
final class Constraints {
    private static final long COST_OF_A_RUN = 100_000;

    private final Books books;
    /** Clients whose constraints not every agent was asked about. */
    private final Set<Client> unjudged = new LinkedHashSet<>();

    Constraints(Books books) {
        this.books = books;
    }

    /** The client's constraint from now on; null for none. */
    void constrain(Client client, @Nullable AgentConstraint constraint) {
        if (Objects.equals(client.constraint, constraint)) {
            return;
        }
        client.constraint = constraint;
        client.judgedBelow = 0;
        books.clients.constrained.set(client.id, constraint != null);
        unjudged.remove(client);
        if (constraint != null) {
            unjudged.add(client);
        }
        for (int i = 0; i < books.agentSlots(); i++) {
            Agent agent = books.agentAt(i);
            if (agent != null) {
                agent.exclude(client.id, constraint != null);
            }
        }
    }

    /** Whether some agents were not asked yet. */
    boolean hasWork() {
        return !unjudged.isEmpty();
    }

    /** Asks as many agents as one run may cost. */
    void judgeSome() {
        long left = COST_OF_A_RUN;
        for (Iterator<Client> i = unjudged.iterator(); i.hasNext() && left > 0; ) {
            Client client = i.next();
            AgentConstraint constraint = client.constraint;
            int cost = constraint == null ? 1 : constraint.cost();
            for (; client.judgedBelow < books.agentSlots() && left > 0; left -= cost) {
                Agent agent = books.agentAt(client.judgedBelow++);
                if (agent != null) {
                    agent.judge(client.id, constraint);
                }
            }
            if (client.judgedBelow >= books.agentSlots()) {
                i.remove();
            }
            books.wake(client);
        }
    }
}
