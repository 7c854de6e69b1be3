package io.paddock.master.core.allocator;

import io.paddock.common.resources.Resources;
import io.paddock.master.core.allocator.FrameworkTraits.Capability;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Who has what: agents, frameworks, and the sums kept up to date over them.
 *
 * <p>Invariants: for every agent, free + held by all = total (held may exceed a total that shrank; then nothing is free),
 * except for what is shared: that is always free, and held once for each that uses it;
 * a client's node is charged with what it holds on all agents; {@link #withFree} are the active agents with something free;
 * {@link #freeUnreserved} is the sum of what is divisible there. What may have become possible since the last run is in
 * {@link #dirty} (agents, for everybody) and {@link Clients#woken} (clients, on all agents of {@code withFree}).
 */
final class Books {
    final AllocatorOptions options;
    final ScalarNames names = new ScalarNames();
    final ShareTree shares;
    final RoleTree roles;
    final Clients clients = new Clients();
    final Map<String, Framework> frameworks = new TreeMap<>();
    final IndexSet withFree = new IndexSet();
    final IndexSet dirty = new IndexSet();
    final Deadlines deadlines = new Deadlines();
    final long[][] defaultMinimum;
    long[] freeUnreserved = Quantities.NONE;
    /** Hosts whose agents may be offered; null for all. */
    @Nullable
    Set<String> whitelist;

    final Holds holds;
    final Constraints constraints = new Constraints(this);
    /** Only if some role is packed. */
    final @Nullable FillOrder fillOrder;

    private final Map<String, Agent> agentsById = new HashMap<>();
    private final List<@Nullable Agent> agents = new ArrayList<>();
    private final IndexSet unusedAgents = new IndexSet();

    Books(AllocatorOptions options) {
        this.options = options;
        Bits excluded = new Bits();
        options.fairSharingExcluded().stream().sorted().forEach(name -> excluded.set(names.id(name)));
        shares = new ShareTree(excluded);
        roles = new RoleTree(shares, names);
        defaultMinimum = minimum(options.minAllocatable());
        holds = new Holds(this, options.largeOfferPatience());
        fillOrder = options.packedRoles().isEmpty() ? null : new FillOrder(this);
    }

    long[][] minimum(List<Resources> bags) {
        return bags.stream().map(names::quantities).toArray(long[][]::new);
    }

    @Nullable
    Agent findAgent(String id) {
        return agentsById.get(id);
    }

    Agent agent(String id) {
        Agent agent = agentsById.get(id);
        if (agent == null) {
            throw new IllegalStateException("agent " + id + " is not known to the allocator");
        }
        return agent;
    }

    Agent agent(int index) {
        Agent agent = agents.get(index);
        if (agent == null) {
            throw new IllegalStateException("no agent has index " + index);
        }
        return agent;
    }

    /** Agents have indexes below this. */
    int agentSlots() {
        return agents.size();
    }

    @Nullable
    Agent agentAt(int index) {
        return agents.get(index);
    }

    int agentCount() {
        return agentsById.size();
    }

    List<Agent> allAgents() {
        return agents.stream().filter(agent -> agent != null).toList();
    }

    Agent newAgent(String id) {
        if (agentsById.containsKey(id)) {
            throw new IllegalStateException("agent " + id + " is known to the allocator already");
        }
        int index = agents.size();
        if (unusedAgents.size() > 0) {
            index = unusedAgents.member(0);
            unusedAgents.remove(index);
        } else {
            agents.add(null);
        }
        Agent agent = new Agent(index, id);
        agents.set(index, agent);
        agentsById.put(id, agent);
        return agent;
    }

    void forget(Agent agent) {
        agentsById.remove(agent.id);
        agents.set(agent.index, null);
        unusedAgents.add(agent.index);
    }

    /** Less reserved to a role leaves more until its limit, so with quotas anybody may get something anywhere. */
    void setTotal(Agent agent, Bag total) {
        if (roles.hasQuotas() && (agent.total.isSpecial() || total.isSpecial())) {
            wakeAll();
        }
        shares.totalChanged(agent.total.quantities(names), -1);
        roles.totalChanged(agent.total.rest(), -1);
        shares.totalChanged(total.quantities(names), 1);
        roles.totalChanged(total.rest(), 1);
        agent.total = total;
        agent.kindChanged();
    }

    void setFree(Agent agent, Bag free) {
        if (agent.active) {
            freeUnreserved = Quantities.add(freeUnreserved, agent.free.scalars(), -1);
            freeUnreserved = Quantities.add(freeUnreserved, free.scalars(), 1);
        }
        agent.free = free;
        if (agent.refusals != null) {
            agent.refusals.freeChanged();
        }
        listFree(agent);
    }

    void setAgentActive(Agent agent, boolean activated) {
        agent.activated = activated;
        agent.listed = whitelist == null || whitelist.contains(agent.traits.hostname());
        boolean active = activated && agent.listed;
        if (agent.active != active) {
            agent.active = active;
            freeUnreserved = Quantities.add(freeUnreserved, agent.free.scalars(), active ? 1 : -1);
            listFree(agent);
            holds.restart(agent);
        }
    }

    private void listFree(Agent agent) {
        if (agent.active && !agent.free.exclusive().isEmpty()) {
            withFree.add(agent.index);
        } else {
            withFree.remove(agent.index);
            dirty.remove(agent.index);
        }
        if (fillOrder != null) {
            fillOrder.changed(agent, withFree.contains(agent.index));
        }
    }

    /** What the others see of it is more, or less, than before. */
    void heldChanged(Agent agent) {
        if (agent.refusals != null) {
            agent.refusals.freeChanged();
        }
        markDirty(agent);
    }

    /** Something may be possible on this agent that was not before. */
    void markDirty(Agent agent) {
        if (withFree.contains(agent.index)) {
            dirty.add(agent.index);
        }
    }

    void hold(Client client, Agent agent, Bag bag) {
        Bag counted = countedOnce(bag, agent.held(client.id));
        if (agent.hold(client.id, bag)) {
            client.holdings++;
        }
        shares.charge(client.leaf, counted.quantities(names), 1);
        roles.charged(client.role, counted, 1);
    }

    /** Without what is shared and among the {@code others}: it counts once in a client's share of an agent. */
    private static Bag countedOnce(Bag bag, Bag others) {
        Bag shared = bag.shared();
        return shared.isEmpty()
                ? bag
                : bag.exclusive().plus(new Bag(Quantities.NONE, shared.rest().minus(others.rest())));
    }

    /** Gives back what a client holds; what that makes possible elsewhere, by limits and guarantees, is noted. */
    void release(Client client, Agent agent, Bag bag) {
        if (agent.release(client.id, bag)) {
            client.holdings--;
        }
        Bag counted = countedOnce(bag, agent.held(client.id));
        shares.charge(client.leaf, counted.quantities(names), -1);
        roles.charged(client.role, counted, -1);
        Role limited = roles.outermostLimited(client.role);
        if (limited != null) {
            clients.cutByLimit.forEach(id -> {
                if (limited.covers(clients.get(id).role)) {
                    wake(clients.get(id));
                }
            });
        }
        headroomGrew();
    }

    /** More is free than is lacking to guarantees: for those who had to leave something to them when they were last asked. */
    void headroomGrew() {
        if (roles.hasGuarantees()) {
            clients.cutByHeadroom.forEach(id -> wake(clients.get(id)));
        }
    }

    void allowanceChanged(Client client) {
        clients.limited.set(client.id, client.allowance.isLimited());
    }

    void wake(Client client) {
        if (client.active) {
            clients.woken.set(client.id);
        }
    }

    void wakeAll() {
        clients.woken.copy(clients.active);
    }

    Framework framework(String id) {
        Framework framework = frameworks.get(id);
        if (framework == null || framework.removed) {
            throw new IllegalStateException("framework " + id + " is not known to the allocator");
        }
        return framework;
    }

    /** The framework in this role, whether it is subscribed there or only holds something. */
    Client client(Framework framework, String roleName) {
        Client known = framework.clients.get(roleName);
        if (known != null) {
            return known;
        }
        Role role = roles.role(roleName);
        Client client = new Client(clients.nextId(), framework, role, defaultMinimum, options.packs(roleName));
        client.subscribed = false;
        role.clients++;
        clients.add(client);
        clients.traitsChanged(client, false);
        framework.clients.put(roleName, client);
        return client;
    }

    /** Asks for every constrained client whether it may be offered this agent; refusals of what it was before are void. */
    void describe(Agent agent, AgentTraits traits, Resources total) {
        agent.setBarriers(traits, total, options);
        if (!agent.traits.equals(traits)) {
            agent.traits = traits;
            agent.kindChanged();
            dropRefusals(agent);
        }
        clients.constrained.forEach(id -> agent.judge(id, clients.get(id).constraint));
    }

    /** Puts the client into the share tree or takes it out, as it should be. */
    void refreshActive(Client client) {
        boolean active = client.framework.active && client.subscribed && !client.suppressed;
        if (client.active != active) {
            client.active = active;
            shares.setActive(client.leaf, active);
            clients.active.set(client.id, active);
            if (active) {
                wake(client);
            } else {
                clients.woken.clear(client.id);
            }
            holds.restart(client);
        }
    }

    /** Forgets a client that is neither subscribed nor holds anything, and then a framework that is gone. */
    void forgetIfIdle(Client client) {
        if (!client.subscribed && client.holdings == 0) {
            dropRefusals(client);
            constraints.constrain(client, null);
            holds.restart(client);
            clients.remove(client);
            client.framework.clients.remove(client.role.name);
            client.role.clients--;
            roles.prune(client.role);
            if (client.framework.removed && client.framework.clients.isEmpty()) {
                frameworks.remove(client.framework.id);
            }
        }
    }

    /** All refusals of a client; its free choice is open again. */
    void dropRefusals(Client client) {
        for (int i = 0; client.refusals > 0 && i < agents.size(); i++) {
            Agent agent = agents.get(i);
            if (agent != null && agent.refusals != null) {
                client.refusals -= agent.refusals.remove(client.id);
            }
        }
    }

    void refuse(Client client, Agent agent, Bag bag, long until) {
        Refusals refusals = agent.refusals;
        if (refusals == null) {
            refusals = new Refusals();
            agent.refusals = refusals;
        }
        client.refusals += refusals.put(client.id, bag, until);
        deadlines.set(agent.index, Math.min(deadlines.of(agent.index), until));
    }

    void dropRefusals(Agent agent) {
        if (agent.refusals != null) {
            agent.refusals.forEachClient(id -> clients.get(id).refusals--);
            agent.refusals = null;
            deadlines.set(agent.index, Deadlines.NEVER);
        }
    }

    /** Ends the refusals that are due; their agents are worth a look again. */
    void expireRefusals(long now) {
        while (deadlines.earliest() <= now) {
            Agent agent = agent(deadlines.first());
            Refusals refusals = agent.refusals;
            if (refusals != null) {
                refusals.expire(now, id -> clients.get(id).refusals--);
                deadlines.set(agent.index, refusals.earliest());
                markDirty(agent);
            }
        }
    }

    /** The free part of an agent that this client may be shown by its role and capabilities. */
    Bag visible(Agent agent, Client client) {
        Client holder = agent.heldFor;
        Bag free = agent.free;
        return visibleOf(holder == null || holder == client ? free : free.outOfReach(holder.role.name), client);
    }

    Bag visibleOf(Bag bag, Client client) {
        if (!bag.isSpecial()) {
            return bag;
        }
        Framework framework = client.framework;
        Resources rest = bag.rest()
                .allocatableTo(client.role.name)
                .filter(key -> (!key.revocable() || framework.can(Capability.REVOCABLE_RESOURCES))
                        && (!key.shared() || framework.can(Capability.SHARED_RESOURCES))
                        && (key.reservations().size() < 2 || framework.can(Capability.RESERVATION_REFINEMENT)));
        return rest.amounts().size() == bag.rest().amounts().size() ? bag : new Bag(bag.scalars(), rest);
    }

    /** Of all roles in use. */
    SortedMap<String, AllocatorFigures.RoleFigures> roleFigures() {
        Map<Role, Integer> refusals = new HashMap<>();
        clients.all().forEach(client -> refusals.merge(client.role, client.refusals, Integer::sum));
        SortedMap<String, AllocatorFigures.RoleFigures> figures = new TreeMap<>();
        roles.all()
                .forEach(role -> figures.put(
                        role.name,
                        new AllocatorFigures.RoleFigures(shares.share(role.node), refusals.getOrDefault(role, 0))));
        return figures;
    }

    /** What of these a client may be given by the limits of its role and of those above it. */
    Bag withinLimits(Bag bag, Client client) {
        long[] untilLimit = roles.untilLimit(client.role);
        return untilLimit == null ? bag : bag.capped(untilLimit);
    }
}
