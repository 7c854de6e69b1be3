package io.paddock.master.core.allocator;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Keeps a stream of small tasks from starving a client with a large minimum offer: whatever becomes free is too small for it
 * and goes to others at once, so that enough is never free at one time.
 *
 * <p><b>Rule.</b> A client with a minimum of its own that wants offers and had none for the patience of the options waits too
 * long. Then one agent is held for it, the one that lacks least of those whose total would do: what becomes free there is
 * offered to nobody else until it is enough. Reservations of other roles stay theirs. The hold ends when the client is offered
 * something or no longer wants to be, when the agent cannot serve it any more, or after ten times the patience; then the client
 * waits again, and others come first whose share is smaller. At most one agent in twenty is held, but always one, and one for
 * each client; by share order when more wait. Who refused what would be enough does not wait.
 *
 * <p><b>Bounds.</b> What is lost for the others is what lies free on held agents: less than the minima waited for, on at most
 * a twentieth of the cluster. A client waits for the patience, for its turn, and for the tasks on one agent to end.
 *
 * <p><b>Example.</b> Agents of 8 cpus full of tasks that use 1 cpu for a minute; a client with a minimum of 6 cpus. After 30 s
 * one agent is held; six minutes of its tasks' lives later at the latest (on average much sooner) six of its cpus are free.
 *
 * <p><b>Cost.</b> Only clients with a minimum of their own are watched. The search looks at every agent; at most
 * {@value #SEARCHES} are made in a run.
 */
final class Holds {
    private static final int PATIENCES_HELD = 10;
    private static final int AGENTS_FOR_A_HOLD = 20;
    private static final int SEARCHES = 8;

    private final Books books;
    private final long patience;
    /** By client: when it has waited too long, or when its hold ends. */
    private final Deadlines deadlines = new Deadlines();
    /** Clients whose wait begins with the next run. */
    private final Bits starting = new Bits();

    private final Bits due = new Bits();
    private int held;
    private int searches;

    Holds(Books books, Duration patience) {
        this.books = books;
        this.patience = patience.toNanos();
    }

    /** How many agents are held. */
    int held() {
        return held;
    }

    long earliest() {
        return deadlines.earliest();
    }

    /** The client was offered something, or changed what it wants: it waits from now on, if it wants offers. */
    void restart(Client client) {
        release(client);
        deadlines.set(client.id, Deadlines.NEVER);
        starting.set(client.id, patience > 0 && client.active && books.clients.hasOwnMinimum(client));
    }

    /** Ends the hold of an agent that can no longer be offered, or not in full. */
    void restart(Agent agent) {
        Client client = agent.heldFor;
        if (client != null) {
            restart(client);
        }
    }

    private void release(Client client) {
        Agent agent = client.held;
        if (agent != null) {
            client.held = null;
            agent.heldFor = null;
            held--;
            books.heldChanged(agent);
        }
    }

    /** Ends and begins the holds that are due. */
    void tick(long now) {
        starting.forEach(id -> deadlines.set(id, later(now, patience)));
        starting.clear();
        if (deadlines.earliest() > now) {
            return;
        }
        due.clear();
        while (deadlines.earliest() <= now) {
            int id = deadlines.first();
            Client client = books.clients.get(id);
            due.set(id, client.held == null);
            release(client);
            deadlines.set(id, later(now, patience));
        }
        searches = SEARCHES;
        books.shares.visitInOrder(due, id -> {
            hold(books.clients.get(id), now);
            return held >= limit() || searches == 0;
        });
    }

    private static long later(long now, long nanos) {
        return now > Deadlines.NEVER - 1 - nanos ? Deadlines.NEVER - 1 : now + nanos;
    }

    private int limit() {
        return Math.max(1, books.agentCount() / AGENTS_FOR_A_HOLD);
    }

    private void hold(Client client, long now) {
        if (client.allowance.outstanding() > 0 || held >= limit()) {
            return;
        }
        searches--;
        Agent agent = find(client);
        if (agent != null) {
            agent.heldFor = client;
            client.held = agent;
            held++;
            deadlines.set(client.id, later(now, PATIENCES_HELD * patience));
            books.heldChanged(agent);
        }
    }

    /** The agent that lacks least, or none: when none would do, or the client refused one that does. */
    private @Nullable Agent find(Client client) {
        Agent best = null;
        double least = Double.POSITIVE_INFINITY;
        for (int i = 0; i < books.agentSlots(); i++) {
            Agent agent = books.agentAt(i);
            if (agent == null || !agent.active || agent.heldFor != null || !books.clients.fits(client, agent)) {
                continue;
            }
            Bag free = books.visible(agent, client);
            if (client.accepts(free, books.names)) {
                return null;
            }
            if (suffices(client, agent)) {
                double lacking = client.lacking(free, books.names);
                if (lacking < least || (best != null && lacking == least && agent.id.compareTo(best.id) < 0)) {
                    best = agent;
                    least = lacking;
                }
            }
        }
        return best;
    }

    private boolean suffices(Client client, Agent agent) {
        Bag whole = books.withinLimits(books.visibleOf(agent.total, client), client);
        return client.accepts(whole, books.names)
                && (agent.refusals == null || agent.refusals.refusedUntil(client.id, whole) == 0);
    }
}
