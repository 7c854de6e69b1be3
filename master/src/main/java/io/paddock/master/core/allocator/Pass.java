package io.paddock.master.core.allocator;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * One run of the allocator over the agents that are worth a look. In agents × (frameworks that are passed over), the latter
 * as words of bits as far as refusals, capabilities and minimum offers go.
 */
final class Pass implements ShareTree.Visitor {
    private final Books books;
    private final Bits candidates = new Bits();
    private final TreeMap<String, TreeMap<String, Client>> served = new TreeMap<>();

    private long salt;
    private boolean claims;
    private Agent agent;
    private long agentsVisited;

    Pass(Books books) {
        this.books = books;
        this.salt = books.options.seed();
        this.agent = new Agent(-1, "");
    }

    /** How many agents were looked at since the beginning. */
    long agentsVisited() {
        return agentsVisited;
    }

    List<Allocation> run() {
        Agent[] agents = worthALook();
        if (books.roles.hasGuarantees()) {
            claims = true;
            serve(agents);
        }
        claims = false;
        serve(agents);
        books.dirty.clear();
        books.clients.woken.clear();
        return handOut();
    }

    private Agent[] worthALook() {
        IndexSet source = books.clients.woken.isEmpty() ? books.dirty : books.withFree;
        Agent[] agents = new Agent[source.size()];
        for (int i = 0; i < agents.length; i++) {
            agents[i] = books.agent(source.member(i));
        }
        return agents;
    }

    private void serve(Agent[] agents) {
        for (Agent next : inRandomOrder(agents)) {
            agent = next;
            agentsVisited++;
            findCandidates();
            while (!candidates.isEmpty() && !agent.free.isEmpty() && books.shares.visitInOrder(candidates, this)) {
                // The one served now stands elsewhere: look from the start at who comes next for what is left.
            }
        }
    }

    /** Shuffled by a hash of their ids, so that neither the order of their arrival nor their number in the books matters. */
    private Agent[] inRandomOrder(Agent[] agents) {
        salt = mix(salt + 0x9E3779B97F4A7C15L);
        long places = Long.highestOneBit(agents.length) * 2 - 1;
        long[] keys = new long[agents.length];
        for (int i = 0; i < keys.length; i++) {
            keys[i] = (mix(agents[i].hash ^ salt) & ~places) | i;
        }
        Arrays.sort(keys);
        Agent[] shuffled = new Agent[agents.length];
        for (int i = 0; i < keys.length; i++) {
            shuffled[i] = agents[(int) (keys[i] & places)];
        }
        return shuffled;
    }

    /** The finalizer of SplitMix64: spreads every bit of the input over the output. */
    private static long mix(long value) {
        long z = (value ^ (value >>> 30)) * 0xBF58476D1CE4E5B9L;
        z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
        return z ^ (z >>> 31);
    }

    private void findCandidates() {
        Clients clients = books.clients;
        candidates.copy(clients.active);
        if (!books.dirty.contains(agent.index)) {
            candidates.retain(clients.woken);
        }
        clients.retainFitting(candidates, agent);
        if (agent.refusals != null) {
            candidates.remove(agent.refusals.blocking(agent.free, id -> books.visible(agent, clients.get(id))));
        }
        if (!acceptableByDefault()) {
            clients.retainOwnMinimum(candidates);
        }
    }

    private boolean acceptableByDefault() {
        long[] free = agent.free.quantities(books.names);
        for (long[] least : books.defaultMinimum) {
            if (Quantities.contains(free, least)) {
                return true;
            }
        }
        return books.defaultMinimum.length == 0;
    }

    @Override
    public boolean visit(int clientId) {
        Client client = books.clients.get(clientId);
        Bag offer = offer(client);
        if (offer.isEmpty()
                || !client.accepts(offer, books.names)
                || (agent.refusals != null && agent.refusals.refusedUntil(clientId, offer) > 0)) {
            return false;
        }
        books.setFree(agent, agent.free.minus(offer));
        books.hold(client, agent, offer);
        agent.lastOffered = offer;
        if (client.given.isEmpty()) {
            served.computeIfAbsent(client.framework.id, id -> new TreeMap<>()).put(client.role.name, client);
        }
        client.given.merge(agent, offer, Bag::plus);
        return true;
    }

    private Bag offer(Client client) {
        Bag visible = books.visible(agent, client);
        Role role = client.role;
        if (claims && !books.roles.isOwed(role, visible.scalars())) {
            return Bag.EMPTY;
        }
        long[] untilLimit = books.roles.untilLimit(role);
        long[] headroom = books.roles.headroom(role, books.freeUnreserved, claims);
        Bag offer = untilLimit == null ? visible : visible.capped(untilLimit);
        return headroom == null ? offer : offer.capped(headroom);
    }

    private List<Allocation> handOut() {
        List<Allocation> offers = new ArrayList<>();
        for (Map<String, Client> roles : served.values()) {
            for (Client client : roles.values()) {
                client.given.forEach((on, bag) -> offers.add(
                        new Allocation(client.framework.id, client.role.name, on.id, bag.resources(books.names))));
                client.given.clear();
            }
        }
        served.clear();
        return offers;
    }
}
