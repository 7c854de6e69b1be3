package io.paddock.master.core.allocator;

import io.paddock.master.core.allocator.Explanation.Finding;
import io.paddock.master.core.allocator.Explanation.Reason;
import io.paddock.master.core.allocator.Explanation.Standing;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Answers why a framework is offered nothing: asks of each agent what the next run would find first in the way. O(agents) and
 * changes nothing, so that it may be asked between any two events.
 */
final class Why {
    private final Books books;
    private final long now;
    private final Function<String, Reason> inactive;

    /** @param inactive why an agent that is not activated is not, by its id */
    Why(Books books, long now, Function<String, Reason> inactive) {
        this.books = books;
        this.now = now;
        this.inactive = inactive;
    }

    Explanation explain(String frameworkId, String role) {
        Framework framework = books.frameworks.get(frameworkId);
        Client client = framework == null ? null : framework.clients.get(role);
        Finding whole = ofTheFramework(frameworkId, role, framework, client);
        Standing standing = client == null ? null : standing(client);
        if (whole != null || client == null) {
            return new Explanation(frameworkId, role, standing, whole == null ? List.of() : List.of(whole));
        }
        OneClient view = new OneClient(client);
        for (int i = 0; i < books.agentSlots(); i++) {
            Agent agent = books.agentAt(i);
            if (agent != null) {
                view.judge(agent);
            }
        }
        return new Explanation(frameworkId, role, standing, view.findings());
    }

    private Standing standing(Client client) {
        Bits everybody = new Bits();
        everybody.copy(books.clients.active);
        int competing = everybody.size();
        int[] ahead = {0};
        books.shares.visitInOrder(everybody, id -> {
            boolean found = id == client.id;
            ahead[0] += found ? 0 : 1;
            return found;
        });
        return new Standing(
                books.shares.share(client.leaf),
                books.shares.share(client.role.node),
                client.role.node.weight,
                client.active ? ahead[0] : competing,
                competing);
    }

    private @Nullable Finding ofTheFramework(
            String id, String role, @Nullable Framework framework, @Nullable Client client) {
        if (framework == null || framework.removed) {
            return forAll(Reason.UNKNOWN_FRAMEWORK, "framework " + id + " is not registered");
        }
        if (client == null || !client.subscribed) {
            return forAll(
                    Reason.NOT_SUBSCRIBED,
                    "framework " + id + " is not subscribed to role " + role + " but to " + framework.traits.roles());
        }
        if (!framework.active) {
            return forAll(Reason.DISCONNECTED, "framework " + id + " is not connected");
        }
        if (client.suppressed) {
            return forAll(Reason.SUPPRESSED, "framework " + id + " suppressed offers in role " + role);
        }
        return client.allowance.isUsedUp()
                ? forAll(
                        Reason.UNANSWERED_OFFERS,
                        "framework " + id + " let offers expire in role " + role + ": it has "
                                + client.allowance.outstanding() + " unanswered ones and may have "
                                + client.allowance.most() + " at a time until it answers")
                : null;
    }

    private Finding forAll(Reason reason, String detail) {
        return new Finding(reason, books.agentCount(), null, detail, List.of());
    }

    /** The agents as one client finds them. */
    private final class OneClient {
        private final Client client;
        private final long @Nullable [] untilLimit;
        private final long @Nullable [] headroom;
        private final Map<Reason, WhyCount> counts = new EnumMap<>(Reason.class);

        OneClient(Client client) {
            this.client = client;
            this.untilLimit = books.roles.untilLimit(client.role);
            this.headroom = books.roles.headroom(client.role, books.freeUnreserved, true);
        }

        List<Finding> findings() {
            WhyText text = new WhyText(books, client);
            List<Finding> findings = new ArrayList<>();
            counts.forEach((reason, count) -> findings.add(count.finding(reason, text.of(reason, count))));
            findings.sort((a, b) -> Integer.compare(b.agents(), a.agents()));
            return findings;
        }

        void judge(Agent agent) {
            Bag visible = books.visible(agent, client);
            Bag limited = untilLimit == null ? visible : visible.capped(untilLimit);
            Bag offer = headroom == null ? limited : limited.capped(headroom);
            Reason reason = reason(agent, visible, limited, offer);
            counts.computeIfAbsent(reason, r -> new WhyCount())
                    .add(
                            agent,
                            visible,
                            agent.held(client.id),
                            reason == Reason.REFUSED || reason == Reason.MAINTENANCE
                                    ? refusedUntil(agent, offer)
                                    : Deadlines.NEVER,
                            books.names);
        }

        private Reason reason(Agent agent, Bag visible, Bag limited, Bag offer) {
            if (!agent.active) {
                return agent.activated ? Reason.NOT_WHITELISTED : inactive.apply(agent.id);
            }
            if (!books.clients.fits(client, agent)) {
                return barrier(agent);
            }
            if (visible.exclusive().isEmpty()) {
                return books.visibleOf(agent.free, client).exclusive().isEmpty()
                        ? Reason.NOTHING_FREE
                        : Reason.HELD_FOR_LARGE_OFFER;
            }
            if (!client.accepts(visible, books.names)) {
                return Reason.BELOW_MINIMUM;
            }
            if (!client.accepts(offer, books.names)) {
                return client.accepts(limited, books.names) ? Reason.HEADROOM : Reason.QUOTA_LIMIT;
            }
            if (refusedUntil(agent, offer) > now) {
                return agent.traits.maintenanceAt() == null ? Reason.REFUSED : Reason.MAINTENANCE;
            }
            return client.packed && !FillOrder.hasRoom(client, agent.holders() == 0) ? Reason.PACKED : Reason.NEXT_RUN;
        }

        private long refusedUntil(Agent agent, Bag offer) {
            return agent.refusals == null ? 0 : agent.refusals.refusedUntil(client.id, offer);
        }

        private Reason barrier(Agent agent) {
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
    }
}
