package io.paddock.master.core.allocator;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * For roles that are packed: agents with something free, the fullest first and those that nobody uses last.
 *
 * <p><b>Rule.</b> A client of a packed role is not offered the agent that is being looked at but the fullest it may have, and
 * few at a time, for over what it does not see it cannot spread. At a time it has offers of one agent and an eighth of those
 * it uses already, so that it grows by an eighth in a step and not agent by agent; of agents in use twice as many after each
 * offer it declined, until it accepts one, so that useless rests do not hold it up. It takes its turn by share like everybody,
 * and what it is not offered is there for the others.
 *
 * <p>Kept up to date with every change of what is free, in O(log agents), and only if some role is packed. A run goes through
 * it once for each packed client: what did not suit it does not suit it later in the same run either, for agents only get
 * fuller.
 */
final class FillOrder {
    private static final int GROWTH = 8;
    private static final int MOST_REACH = 1 << 20;

    private record Place(boolean unused, double free, Agent agent) {
        static final Comparator<Place> FULLEST_FIRST = Comparator.comparing(Place::unused)
                .thenComparingDouble(Place::free)
                .thenComparing(place -> place.agent.id);
    }

    private final Books books;
    private final TreeSet<Place> places = new TreeSet<>(Place.FULLEST_FIRST);
    private final Map<Agent, Place> byAgent = new HashMap<>();

    /** How far this round has looked, by client. */
    private final Map<Client, Place> passed = new HashMap<>();

    private final Map<Client, Integer> passedDirty = new HashMap<>();
    private List<Place> dirty = List.of();

    FillOrder(Books books) {
        this.books = books;
    }

    /** @param listed whether it is active and has something free */
    void changed(Agent agent, boolean listed) {
        Place before = byAgent.remove(agent);
        if (before != null) {
            places.remove(before);
        }
        if (listed) {
            Place place = new Place(agent.holders() == 0, freePart(agent), agent);
            places.add(place);
            byAgent.put(agent, place);
        }
    }

    /** What is left of the scalar of which least is left, 0 to 1. */
    private double freePart(Agent agent) {
        long[] total = agent.total.quantities(books.names);
        long[] free = agent.free.quantities(books.names);
        double least = 1;
        for (int i = 0; i < total.length; i++) {
            if (total[i] > 0) {
                least = Math.min(least, (double) Quantities.at(free, i) / total[i]);
            }
        }
        return least;
    }

    void startRound() {
        startOver();
        dirty = new ArrayList<>(books.dirty.size());
        for (int i = 0; i < books.dirty.size(); i++) {
            dirty.add(byAgent.get(books.agent(books.dirty.member(i))));
        }
        dirty.sort(Place.FULLEST_FIRST);
    }

    /** Something is left of an agent that was given away, which those who had passed its old place have not seen. */
    void startOver() {
        passed.clear();
        passedDirty.clear();
    }

    static void offerEnded(Client client, OfferEnd end) {
        boolean declined = end == OfferEnd.DECLINED || end == OfferEnd.DECLINED_FOR_NOW;
        client.reach = declined ? Math.min(MOST_REACH, client.reach * 2) : 1;
    }

    /** Whether the client may have a further agent, given what its offers stand at. */
    static boolean hasRoom(Client client, boolean unused) {
        int outstanding = client.allowance.outstanding();
        int step = 1 + (client.holdings - outstanding) / GROWTH;
        return outstanding < (unused ? step : Math.max(step, client.reach));
    }

    /**
     * The next agent to try for a client in this round, if it may have one.
     *
     * @param onlyDirty of those that changed since the last run: for a client that had no use for the others
     */
    @Nullable
    Agent next(Client client, boolean onlyDirty) {
        if (onlyDirty) {
            int at = passedDirty.getOrDefault(client, 0);
            if (at == dirty.size() || !hasRoom(client, dirty.get(at).unused)) {
                return null;
            }
            passedDirty.put(client, at + 1);
            return dirty.get(at).agent;
        }
        Place last = passed.get(client);
        Place next = last != null ? places.higher(last) : places.isEmpty() ? null : places.first();
        if (next == null || !hasRoom(client, next.unused)) {
            return null;
        }
        passed.put(client, next);
        return next.agent;
    }
}
