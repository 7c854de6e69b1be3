package io.paddock.master.core.allocator;

import io.paddock.common.resources.Resources;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Divides the free resources of the agents among the frameworks.
 *
 * <p><b>Goal.</b> Whoever has least comes first (dominant resource fairness: Ghodsi et al., NSDI 2011), over a tree of roles
 * with weights; within a role the same among its frameworks. Nothing that somebody may and wants to have stays unoffered.
 *
 * <p><b>Constraints.</b> A resource is held by at most one framework, unless it is shared (a volume for several tasks): that
 * goes with every offer of its agent to its role. Reserved resources go to their role and the roles below
 * it. Quota limits are never exceeded; what is lacking to guarantees is kept free for those they belong to. A framework sees
 * only what its capabilities, its minimum offer and its refusals allow.
 *
 * <p><b>Method.</b> The share of a role or framework is the largest of its allocated/total over the scalars of the cluster,
 * divided by its weight. Agents are taken in random order; each is offered, all that is left on it, to the first client (a
 * framework in a role) in share order that may have it; its share grows at once, so the next agent sees the new order. With
 * guarantees there are two rounds: first each agent goes to those who are owed something, up to that amount, then what is left
 * of it to everybody. Ports and other things that cannot be divided always go whole with the offer.
 *
 * <p>Three rules are not Mesos': who wastes offers gets fewer at a time ({@link Allowance}), an agent is held for who waits too
 * long for a large offer ({@link Holds}), and frameworks of packed roles are offered the fullest agents first ({@link
 * FillOrder}). Each has its rule, bounds and cost in its comment.
 *
 * <p>The method is Mesos'; its cost is not. Events mark what they make possible: an agent on which something became free, or
 * a client that came, revived or changed. A run looks at marked agents with all clients, and for marked clients at agents with
 * something free; everything else was looked at before and has not changed. Clients and agents have dense numbers: who is active,
 * capable and has not refused an agent is a few words of bits. The order is kept sorted, level by level.
 *
 * <p><b>Cost.</b> Per event O(log clients), plus a copy of at most the clients of one role. Per run O(marked agents × (clients / 64
 * + clients passed over)), a thousand agents a millisecond. Adding agents or changing weights makes the next run sort once. A
 * filter costs 16 bytes. Agents are not known to each role, so that the number of roles costs nothing when agents come.
 *
 * <p><b>Example.</b> 9 cpus, 18 GB on three equal agents (3 cpus, 6 GB), the third inactive at
 * first; A's tasks need 1 cpu and 4 GB, B's 3 cpus and 1 GB.
 *
 * <pre>
 *   step                            A holds       B holds       share A        share B        next
 *   start                           -             -             0              0              A (by name)
 *   agent 1 to A                    3 cpu,  6 GB  -             1/3            0              B
 *   agent 2 to B                    3 cpu,  6 GB  3 cpu,  6 GB  1/3            1/3            A (by name)
 *   A launches 1 task, returns rest 1 cpu,  4 GB  3 cpu,  6 GB  2/9 (mem)      1/3 (both)     A
 *   B launches 1 task, returns rest 1 cpu,  4 GB  3 cpu,  1 GB  2/9 (mem)      1/3 (cpu)      A
 *   agent 3 activated, to A         4 cpu, 10 GB  3 cpu,  1 GB  5/9 (mem)      1/3 (cpu)      B
 * </pre>
 *
 * <p>Methods named after events change the books and note what they make possible; {@link #allocate} then looks only at
 * that. The caller runs it a few milliseconds after {@link #hasWork} became true, so that a burst of events costs one run,
 * and at {@link #nextDeadline}. Resources handed in may carry an allocation role, which is ignored; those handed out never
 * do. Not thread safe.
 */
public final class Allocator {
    private final Books books;
    private final FrameworkEvents frameworkEvents;
    private final Pass pass;

    public Allocator(AllocatorOptions options) {
        books = new Books(options);
        frameworkEvents = new FrameworkEvents(books);
        pass = new Pass(books);
    }

    /**
     * A framework subscribed for the first time, or was recovered from agents that run its tasks (then inactive until it
     * subscribes).
     *
     * @throws IllegalStateException if it is known already
     */
    public void addFramework(String frameworkId, FrameworkTraits traits, boolean active) {
        frameworkEvents.added(frameworkId, traits, active);
    }

    public boolean hasFramework(String frameworkId) {
        Framework framework = books.frameworks.get(frameworkId);
        return framework != null && !framework.removed;
    }

    /**
     * A framework subscribed again or changed: the traits replace the former ones, suppressed roles included. Filters of
     * roles it left are dropped; what it holds in them stays its own until recovered.
     */
    public void updateFramework(String frameworkId, FrameworkTraits traits) {
        frameworkEvents.changed(books.framework(frameworkId), traits);
    }

    /** The framework is connected again and wants offers. */
    public void activateFramework(String frameworkId) {
        frameworkEvents.setActive(books.framework(frameworkId), true);
    }

    /** The framework is disconnected: no offers; its filters are dropped, what it holds stays its own until recovered. */
    public void deactivateFramework(String frameworkId) {
        frameworkEvents.disconnected(books.framework(frameworkId));
    }

    /** The framework is gone. What it still holds stays taken until it is recovered piece by piece. */
    public void removeFramework(String frameworkId) {
        frameworkEvents.removed(books.framework(frameworkId));
    }

    /** No offers in these roles from now on; no roles means all roles. */
    public void suppress(String frameworkId, Collection<String> roles) {
        frameworkEvents.suppressed(books.framework(frameworkId), roles);
    }

    /** Offers in these roles again, and their filters are dropped; no roles means all roles. */
    public void revive(String frameworkId, Collection<String> roles) {
        frameworkEvents.revived(books.framework(frameworkId), roles);
    }

    /**
     * An agent registered, or came back with what runs on it.
     *
     * @param total all it has, without allocation roles
     * @param used what frameworks hold there; their agentId is ignored, their frameworks must be known
     * @throws IllegalStateException if the agent is known already or a framework is not
     */
    public void addAgent(
            String agentId, AgentTraits traits, Resources total, Collection<Allocation> used, boolean active) {
        used.forEach(allocation -> books.framework(allocation.frameworkId()));
        Agent agent = books.newAgent(agentId);
        books.describe(agent, traits, total);
        Bag all = books.names.bag(total);
        books.setTotal(agent, all);
        for (Allocation allocation : used) {
            hold(agent, allocation.frameworkId(), allocation.role(), allocation.resources());
        }
        books.setFree(agent, all.minus(agent.held().exclusive()));
        books.setAgentActive(agent, active);
        becameFree(agent);
    }

    public boolean hasAgent(String agentId) {
        return books.findAgent(agentId) != null;
    }

    /** An agent's totals or traits changed. Held resources stay held; what is free is the rest. */
    public void updateAgent(String agentId, AgentTraits traits, Resources total) {
        Agent agent = books.agent(agentId);
        books.describe(agent, traits, total);
        Bag all = books.names.bag(total);
        books.setTotal(agent, all);
        books.setFree(agent, all.minus(agent.held().exclusive()));
        books.setAgentActive(agent, agent.activated);
        books.holds.restart(agent);
        becameFree(agent);
    }

    /** The agent takes offers again (connected, reactivated). */
    public void activateAgent(String agentId) {
        Agent agent = books.agent(agentId);
        books.setAgentActive(agent, true);
        becameFree(agent);
    }

    /** No offers of this agent (disconnected, draining, deactivated); what is held there stays held. */
    public void deactivateAgent(String agentId) {
        books.setAgentActive(books.agent(agentId), false);
    }

    /**
     * Only agents of these hosts are offered from now on; offers already made stay. Source: Mesos.
     *
     * @param hostnames null for all agents, as long as nothing is said
     */
    public void setWhitelist(@Nullable Set<String> hostnames) {
        books.whitelist = hostnames == null ? null : Set.copyOf(hostnames);
        for (Agent agent : books.allAgents()) {
            boolean wasListed = agent.listed;
            books.setAgentActive(agent, agent.activated);
            if (agent.listed && !wasListed) {
                becameFree(agent);
            }
        }
    }

    /** The agent is gone, and with it all that is held there and all filters on it. */
    public void removeAgent(String agentId) {
        Agent agent = books.agent(agentId);
        books.setAgentActive(agent, false);
        books.dropRefusals(agent);
        while (agent.holders() > 0) {
            Client client = books.clients.get(agent.holder(0));
            books.release(client, agent, agent.held(client.id));
            books.forgetIfIdle(client);
        }
        books.setFree(agent, Bag.EMPTY);
        books.setTotal(agent, Bag.EMPTY);
        books.forget(agent);
    }

    /**
     * A framework holds resources that were not offered to it by {@link #allocate}: tasks found on an agent, or resources
     * taken by an operation of the operator.
     *
     * @throws IllegalStateException if the agent or framework is unknown
     */
    public void allocated(String frameworkId, String role, String agentId, Resources resources) {
        Agent agent = books.agent(agentId);
        books.framework(frameworkId);
        hold(agent, frameworkId, role, resources);
        books.setFree(agent, agent.free.minus(books.names.bag(resources).exclusive()));
        becameFree(agent);
    }

    /**
     * Resources are free again: declined, unused part of an accepted offer, rescinded or expired offer, ended task.
     * Nothing happens when the agent or the framework is gone already.
     *
     * @param refusedUntil the framework does not want to see the agent again in this role before that time, as long as
     *     the offer would be a subset of these resources; null for no filter
     * @throws IllegalStateException if the framework does not hold them
     */
    public void recover(
            String frameworkId, String role, String agentId, Resources resources, @Nullable Instant refusedUntil) {
        Agent agent = books.findAgent(agentId);
        Client client = findClient(frameworkId, role);
        if (agent == null || client == null || resources.isEmpty()) {
            return;
        }
        boolean asOffered = resources.equals(agent.lastOffered.resources(books.names));
        Bag bag = asOffered ? agent.lastOffered : books.names.bag(resources);
        requireHeld(client, agent, bag);
        books.release(client, agent, bag);
        books.setFree(agent, agent.free.plus(bag.exclusive()));
        if (refusedUntil != null && client.subscribed && client.framework.active) {
            books.refuse(client, agent, bag, Deadlines.nanos(refusedUntil));
        }
        becameFree(agent);
        books.forgetIfIdle(client);
    }

    /**
     * An offer ended. Comes before its resources are recovered; decides how much the framework is offered from now on, see
     * {@link Allowance}.
     *
     * @param madeAt the time of the run that made it
     */
    public void offerEnded(String frameworkId, String role, OfferEnd end, Instant madeAt, Instant now) {
        Client client = findClient(frameworkId, role);
        if (client == null) {
            return;
        }
        boolean wasUsedUp = client.allowance.isUsedUp();
        client.allowance.ended(end, Deadlines.nanos(madeAt), Deadlines.nanos(now));
        books.allowanceChanged(client);
        if (client.packed) {
            FillOrder.offerEnded(client, end);
        }
        if (client.packed || (wasUsedUp && !client.allowance.isUsedUp())) {
            books.wake(client);
        }
    }

    /**
     * Part of what a framework holds turned into something else (reserve, unreserve, create, destroy): its holding and the
     * agent's total lose {@code from} and gain {@code to}.
     *
     * @throws IllegalStateException if the framework does not hold {@code from}
     */
    public void convert(String frameworkId, String role, String agentId, Resources from, Resources to) {
        Agent agent = books.agent(agentId);
        Client client = findClient(frameworkId, role);
        Bag before = books.names.bag(from);
        Bag after = books.names.bag(to);
        if (client == null) {
            throw new IllegalStateException("framework " + frameworkId + " holds nothing in role " + role);
        }
        requireHeld(client, agent, before);
        books.hold(client, agent, after);
        books.release(client, agent, before);
        books.setTotal(agent, agent.total.minus(before).plus(after));
        if (!before.shared().isEmpty() || !after.shared().isEmpty()) {
            books.setFree(agent, agent.free.minus(before.shared()).plus(after.shared()));
            becameFree(agent);
        }
    }

    /**
     * The same for free resources, asked for by an operator.
     *
     * @return false, and nothing is changed, if {@code from} is not free now: rescind offers first
     */
    public boolean convertFree(String agentId, Resources from, Resources to) {
        Agent agent = books.agent(agentId);
        Bag before = books.names.bag(from);
        Bag after = books.names.bag(to);
        boolean used = !before.shared().minus(agent.held()).contains(before.shared());
        if (used || !agent.free.contains(before)) {
            return false;
        }
        books.setTotal(agent, agent.total.minus(before).plus(after));
        books.setFree(agent, agent.free.minus(before).plus(after));
        becameFree(agent);
        return true;
    }

    /** @param weight positive; 1 when never set; relative to the other roles below the same parent */
    public void setWeight(String role, double weight) {
        if (!(weight > 0) || Double.isInfinite(weight)) {
            throw new IllegalArgumentException(
                    "the weight of role " + role + " must be positive and finite: " + weight);
        }
        Role weighted = books.roles.role(role);
        books.shares.setWeight(weighted.node, weight);
        books.roles.prune(weighted);
    }

    /** {@link Quota#NONE} removes it. Takes effect with the next run; nothing held is taken away. */
    public void setQuota(String role, Quota quota) {
        Role limited = books.roles.role(role);
        books.roles.setQuota(limited, quota);
        books.roles.prune(limited);
        books.wakeAll();
    }

    /** Whether something happened since the last run that may lead to an offer. */
    public boolean hasWork() {
        return books.constraints.hasWork()
                || books.dirty.size() > 0
                || (books.withFree.size() > 0 && !books.clients.woken.isEmpty());
    }

    /** When a filter ends or somebody has waited too long: {@link #allocate} is due although nothing else happened. */
    public Optional<Instant> nextDeadline() {
        long due = Math.min(books.deadlines.earliest(), books.holds.earliest());
        return due == Deadlines.NEVER ? Optional.empty() : Optional.of(Deadlines.instant(due));
    }

    /**
     * Hands out what became possible since the last run.
     *
     * @param now ends the filters and holds that are due; must not go backwards
     * @return the offers to make, those of one framework and role one after the other; they count as held until recovered
     */
    public List<Allocation> allocate(Instant now) {
        books.constraints.judgeSome();
        books.expireRefusals(Deadlines.nanos(now));
        books.holds.tick(Deadlines.nanos(now));
        return pass.run(Deadlines.nanos(now));
    }

    /** Everything is worth a look again, whatever is known about it: for the periodic check that no event was missed. */
    public void lookAtEverything() {
        books.wakeAll();
    }

    /** How many agents are held for frameworks that wait for a large offer. */
    public int agentsHeld() {
        return books.holds.held();
    }

    /**
     * Why the framework is offered nothing in this role as things stand. Looks at every agent once; changes nothing.
     *
     * @param inactive why an agent that takes no offers does not, by its id
     */
    public Explanation why(
            String frameworkId, String role, Instant now, Function<String, Explanation.Reason> inactive) {
        return new Why(books, Deadlines.nanos(now), inactive).explain(frameworkId, role);
    }

    /** The same, where nothing is known about inactive agents but that they are. */
    public Explanation why(String frameworkId, String role, Instant now) {
        return why(frameworkId, role, now, agent -> Explanation.Reason.AGENT_DEACTIVATED);
    }

    /** What nobody holds on an agent; empty when it is unknown. */
    public Resources free(String agentId) {
        Agent agent = books.findAgent(agentId);
        return agent == null ? Resources.EMPTY : agent.free.resources(books.names);
    }

    /** The divisible resources of active agents that nobody holds and that are reserved to nobody. */
    public Resources freeUnreserved() {
        return books.names.resources(books.freeUnreserved, Resources.EMPTY);
    }

    /** What a framework holds in a role on an agent. */
    public Resources held(String frameworkId, String role, String agentId) {
        Agent agent = books.findAgent(agentId);
        Client client = findClient(frameworkId, role);
        return agent == null || client == null
                ? Resources.EMPTY
                : agent.held(client.id).resources(books.names);
    }

    /** The dominant share of a role, with all roles below it, before its weight: 0 to 1. */
    public double share(String role) {
        Role known = books.roles.find(role);
        return known == null ? 0 : books.shares.share(known.node);
    }

    /** How many agents all runs together have looked at: what tests and metrics measure the work by. */
    public long agentsVisited() {
        return pass.agentsVisited();
    }

    /** What metrics tell. Looks at every framework and role. */
    public AllocatorFigures figures() {
        return new AllocatorFigures(
                pass.runs(), pass.agentsVisited(), books.holds.held(), hasWork(), books.roleFigures());
    }

    private @Nullable Client findClient(String frameworkId, String role) {
        Framework framework = books.frameworks.get(frameworkId);
        return framework == null ? null : framework.clients.get(role);
    }

    private void hold(Agent agent, String frameworkId, String role, Resources resources) {
        Bag bag = books.names.bag(resources);
        if (!bag.isEmpty()) {
            books.hold(books.client(books.framework(frameworkId), role), agent, bag);
        }
    }

    private void becameFree(Agent agent) {
        books.markDirty(agent);
        books.headroomGrew();
    }

    private void requireHeld(Client client, Agent agent, Bag bag) {
        Bag held = agent.held(client.id);
        if (!held.contains(bag)) {
            throw new IllegalStateException("framework " + client.framework.id + " cannot give back "
                    + bag.resources(books.names) + " in role " + client.role.name + " on agent " + agent.id
                    + ": it holds " + held.resources(books.names));
        }
    }
}
