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
    private static final Agent NONE = new Agent(-1, "");

    private final Books books;
    private final Bits candidates = new Bits();
    /** Those that are asked after the others, and those that are not asked at all: see {@link Allowance}. */
    private final Bits last = new Bits();

    private final Bits usedUp = new Bits();
    private final Bits later = new Bits();
    /** Those of the candidates that are being asked. */
    private Bits asked = candidates;

    /** Agents that nobody used before; only if some role is packed. */
    private final IndexSet takenIntoUse = new IndexSet();

    private final TreeMap<String, TreeMap<String, Client>> served = new TreeMap<>();

    private long now;
    private long salt;
    private boolean claims;
    private Agent agent;
    private long agentsVisited;
    private long runs;

    Pass(Books books) {
        this.books = books;
        this.salt = books.options.seed();
        this.agent = NONE;
    }

    /** How many agents were looked at since the beginning. */
    long agentsVisited() {
        return agentsVisited;
    }

    long runs() {
        return runs;
    }

    List<Allocation> run(long time) {
        now = time;
        runs++;
        readAllowances();
        do {
            books.clients.cutByLimit.remove(books.clients.woken);
            books.clients.cutByHeadroom.remove(books.clients.woken);
            serveAll(worthALook());
            books.dirty.clear();
            books.clients.woken.clear();
            noteWhatTheRunItselfMadePossible();
        } while (books.dirty.size() > 0);
        return handOut();
    }

    /** What was held for those who were served now is free for all; what is left of an agent now in use is for packed clients. */
    private void noteWhatTheRunItselfMadePossible() {
        served.values().forEach(roles -> roles.values().forEach(books.holds::restart));
        for (int i = 0; i < takenIntoUse.size(); i++) {
            books.markDirty(books.agent(takenIntoUse.member(i)));
        }
        takenIntoUse.clear();
    }

    private void serveAll(Agent[] agents) {
        if (books.roles.hasGuarantees()) {
            claims = true;
            serve(agents);
        }
        claims = false;
        serve(agents);
    }

    private void readAllowances() {
        last.clear();
        usedUp.clear();
        books.clients.limited.forEach(id -> readAllowance(books.clients.get(id)));
    }

    private void readAllowance(Client client) {
        last.set(client.id, client.allowance.comesLast(now));
        usedUp.set(client.id, client.allowance.isUsedUp());
    }

    /** Packed clients find their agents in the order of their fill and need no look at each. */
    private Agent[] worthALook() {
        candidates.copy(books.clients.woken);
        candidates.remove(books.clients.packed);
        IndexSet source = candidates.isEmpty() ? books.dirty : books.withFree;
        Agent[] agents = new Agent[source.size()];
        for (int i = 0; i < agents.length; i++) {
            agents[i] = books.agent(source.member(i));
        }
        return agents;
    }

    private void serve(Agent[] agents) {
        if (books.fillOrder != null) {
            books.fillOrder.startRound();
        }
        for (Agent next : inRandomOrder(agents)) {
            agent = next;
            agentsVisited++;
            findCandidates();
            askInTurn();
        }
        if (books.fillOrder != null) {
            agent = NONE;
            candidates.copy(books.clients.woken);
            candidates.retain(books.clients.packed);
            candidates.remove(usedUp);
            askInTurn();
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
        if (agent.heldFor != null && !agent.free.isSpecial()) {
            candidates.clear();
            candidates.set(agent.heldFor.id, clients.active.get(agent.heldFor.id));
        } else {
            candidates.copy(clients.active);
        }
        if (!books.dirty.contains(agent.index)) {
            candidates.retain(clients.woken);
        }
        candidates.remove(usedUp);
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

    /** First those in their usual turn, then those who come last. */
    private void askInTurn() {
        later.copy(candidates);
        later.retain(last);
        candidates.remove(later);
        ask(candidates);
        ask(later);
    }

    private void ask(Bits some) {
        asked = some;
        while (!some.isEmpty()
                && (agent == NONE || !agent.free.exclusive().isEmpty())
                && books.shares.visitInOrder(some, this)) {
            // The one served now stands elsewhere: look from the start at who comes next for what is left.
        }
    }

    @Override
    public boolean visit(int clientId) {
        Client client = books.clients.get(clientId);
        FillOrder order = books.fillOrder;
        return order != null && client.packed ? offerFullest(client, order) : offer(client, agent);
    }

    private boolean offerFullest(Client client, FillOrder order) {
        boolean onlyDirty = !books.clients.woken.get(client.id);
        for (Agent next = order.next(client, onlyDirty); next != null; next = order.next(client, onlyDirty)) {
            if (books.clients.fits(client, next) && offer(client, next)) {
                if (!next.free.exclusive().isEmpty()) {
                    order.startOver();
                }
                if (!usedUp.get(client.id)) {
                    (last.get(client.id) ? later : asked).set(client.id);
                }
                return true;
            }
        }
        return agent != NONE && FillOrder.hasRoom(client, agent.holders() == 0) && offer(client, agent);
    }

    private boolean offer(Client client, Agent on) {
        Bag offer = possibleOffer(client, on);
        if (offer.exclusive().isEmpty()
                || !client.accepts(offer, books.names)
                || (on.refusals != null && on.refusals.refusedUntil(client.id, offer) > 0)) {
            return false;
        }
        if (books.fillOrder != null && on.holders() == 0) {
            takenIntoUse.add(on.index);
        }
        books.hold(client, on, offer);
        books.setFree(on, on.free.minus(offer.exclusive()));
        on.lastOffered = offer;
        if (client.given.isEmpty()) {
            served.computeIfAbsent(client.framework.id, id -> new TreeMap<>()).put(client.role.name, client);
        }
        if (client.given.merge(on, offer, Bag::plus) == offer) {
            client.allowance.offered(now);
            if (client.allowance.isLimited()) {
                readAllowance(client);
            }
        }
        return true;
    }

    private Bag possibleOffer(Client client, Agent on) {
        Bag seen = books.visible(on, client);
        Bag visible = client.given.containsKey(on) ? seen.exclusive() : seen;
        Role role = client.role;
        if (claims && !books.roles.isOwed(role, visible.scalars())) {
            return Bag.EMPTY;
        }
        Bag limited = books.withinLimits(visible, client);
        long[] headroom = books.roles.headroom(role, books.freeUnreserved, claims);
        Bag offer = headroom == null ? limited : limited.capped(headroom);
        if (limited != visible) {
            books.clients.cutByLimit.set(client.id);
        }
        if (offer != limited) {
            books.clients.cutByHeadroom.set(client.id);
        }
        return offer;
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
