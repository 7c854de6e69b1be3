package io.paddock.master.core.allocator;

import io.paddock.master.core.allocator.Explanation.Finding;
import io.paddock.master.core.allocator.Explanation.Reason;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Answers why a framework is offered nothing: asks of each agent what the next run would find first in the way. */
final class Why {
    private final Books books;
    private final long now;

    Why(Books books, long now) {
        this.books = books;
        this.now = now;
    }

    /** What is common to the agents of one reason. */
    private static final class Count {
        int agents;
        long until = Deadlines.NEVER;

        @Nullable
        String example;
    }

    Explanation explain(String frameworkId, String role) {
        List<Agent> agents = books.allAgents();
        Framework framework = books.frameworks.get(frameworkId);
        Client client = framework == null ? null : framework.clients.get(role);
        Finding whole = ofTheFramework(frameworkId, role, framework, client, agents.size());
        if (whole != null || client == null) {
            return new Explanation(frameworkId, role, whole == null ? List.of() : List.of(whole));
        }
        Map<Reason, Count> counts = new EnumMap<>(Reason.class);
        agents.forEach(agent -> judge(client, agent, counts));
        List<Finding> findings = new ArrayList<>();
        counts.forEach((reason, count) -> findings.add(new Finding(
                reason,
                count.agents,
                count.until == Deadlines.NEVER ? null : Allocator.instant(count.until),
                text(reason, client) + ", for example " + count.example)));
        findings.sort((a, b) -> Integer.compare(b.agents(), a.agents()));
        return new Explanation(frameworkId, role, findings);
    }

    private static @Nullable Finding ofTheFramework(
            String id, String role, @Nullable Framework framework, @Nullable Client client, int agents) {
        if (framework == null || framework.removed) {
            return new Finding(Reason.UNKNOWN_FRAMEWORK, agents, null, "framework " + id + " is not registered");
        }
        if (client == null || !client.subscribed) {
            return new Finding(
                    Reason.NOT_SUBSCRIBED,
                    agents,
                    null,
                    "framework " + id + " is not subscribed to role " + role + " but to " + framework.traits.roles());
        }
        if (!framework.active) {
            return new Finding(Reason.DISCONNECTED, agents, null, "framework " + id + " is not connected");
        }
        if (client.suppressed) {
            return new Finding(
                    Reason.SUPPRESSED, agents, null, "framework " + id + " suppressed offers in role " + role);
        }
        return client.allowance.isUsedUp() ? unanswered(client, agents) : null;
    }

    private static Finding unanswered(Client client, int agents) {
        return new Finding(
                Reason.UNANSWERED_OFFERS,
                agents,
                null,
                "framework " + client.framework.id + " let offers expire in role " + client.role.name
                        + ": it has " + client.allowance.outstanding() + " unanswered ones and may have "
                        + client.allowance.most() + " at a time until it answers");
    }

    private void judge(Client client, Agent agent, Map<Reason, Count> counts) {
        Bag visible = books.visible(agent, client);
        Bag offer = withinQuota(client, visible);
        Reason reason = reason(client, agent, visible, offer);
        Count count = counts.computeIfAbsent(reason, r -> new Count());
        count.agents++;
        if (reason == Reason.REFUSED) {
            count.until = Math.min(count.until, refusedUntil(client, agent, offer));
        }
        if (count.example == null) {
            count.example = "agent " + agent.id + " with "
                    + (visible.isEmpty() ? "nothing" : visible.resources(books.names)) + " free for it";
        }
    }

    private Bag withinLimit(Client client, Bag visible) {
        long[] untilLimit = books.roles.untilLimit(client.role);
        return untilLimit == null ? visible : visible.capped(untilLimit);
    }

    private Bag withinQuota(Client client, Bag visible) {
        Bag offer = withinLimit(client, visible);
        long[] headroom = books.roles.headroom(client.role, books.freeUnreserved, true);
        return headroom == null ? offer : offer.capped(headroom);
    }

    private static long refusedUntil(Client client, Agent agent, Bag offer) {
        return agent.refusals == null ? 0 : agent.refusals.refusedUntil(client.id, offer);
    }

    private Reason reason(Client client, Agent agent, Bag visible, Bag offer) {
        if (!agent.active) {
            return agent.activated ? Reason.NOT_WHITELISTED : Reason.AGENT_DEACTIVATED;
        }
        Reason barrier = barrier(client, agent);
        if (barrier != null) {
            return barrier;
        }
        if (visible.isEmpty()) {
            return books.visibleOf(agent.free, client).isEmpty() ? Reason.NOTHING_FREE : Reason.HELD_FOR_LARGE_OFFER;
        }
        if (!client.accepts(visible, books.names)) {
            return Reason.BELOW_MINIMUM;
        }
        if (!client.accepts(offer, books.names)) {
            return client.accepts(withinLimit(client, visible), books.names) ? Reason.HEADROOM : Reason.QUOTA_LIMIT;
        }
        if (refusedUntil(client, agent, offer) > now) {
            return Reason.REFUSED;
        }
        return client.packed && !FillOrder.hasRoom(client, agent.holders() == 0) ? Reason.PACKED : Reason.NEXT_RUN;
    }

    private @Nullable Reason barrier(Client client, Agent agent) {
        Bits one = new Bits();
        one.set(client.id);
        books.clients.retainFitting(one, agent);
        if (!one.isEmpty()) {
            return null;
        }
        if (agent.excluded != null && agent.excluded.get(client.id)) {
            return Reason.CONSTRAINT;
        }
        if (agent.hidesFrom.contains(Agent.Barrier.GPU)
                && !client.framework.can(FrameworkTraits.Capability.GPU_RESOURCES)) {
            return Reason.GPU;
        }
        return agent.hidesFrom.contains(Agent.Barrier.REGION)
                        && !client.framework.can(FrameworkTraits.Capability.REGION_AWARE)
                ? Reason.REGION
                : Reason.AGENT_CAPABILITY;
    }

    private static String text(Reason reason, Client client) {
        String framework = "framework " + client.framework.id;
        String role = "role " + client.role.name;
        switch (reason) {
            case AGENT_DEACTIVATED:
                return "the agent takes no offers: it is disconnected, draining or deactivated";
            case AGENT_CAPABILITY:
                return "the agent does not understand multi-role frameworks or nested roles";
            case CONSTRAINT:
                return "the agent does not meet the offer constraints of " + framework + " for " + role;
            case REGION:
                return "the agent is in another region and " + framework + " is not REGION_AWARE";
            case GPU:
                return "the agent has GPUs and " + framework + " lacks GPU_RESOURCES";
            case NOT_WHITELISTED:
                return "the agent is not in the whitelist";
            case HELD_FOR_LARGE_OFFER:
                return "what is free there is kept for a framework that waits for a large offer";
            case PACKED:
                return role + " is packed and " + framework + " has offers of as many agents as it may have at a time: "
                        + client.allowance.outstanding();
            case NOTHING_FREE:
                return "nothing is free there for " + role;
            case BELOW_MINIMUM:
                return "less is free than the smallest offer that " + framework + " takes";
            case REFUSED:
                return framework + " refused what is free there";
            case QUOTA_LIMIT:
                return "the quota limit of " + role + " or of a role above it is reached";
            case HEADROOM:
                return "what is free is kept for roles whose guarantees are not met";
            case NEXT_RUN:
                return "the next run offers it, to whoever has the smallest share";
            case UNKNOWN_FRAMEWORK:
            case NOT_SUBSCRIBED:
            case DISCONNECTED:
            case SUPPRESSED:
            case UNANSWERED_OFFERS:
                break;
        }
        throw new IllegalStateException(reason + " is no reason of a single agent");
    }
}
