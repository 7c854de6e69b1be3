package io.paddock.master.core;

import io.paddock.master.core.maintenance.InverseOfferBook;
import io.paddock.master.core.maintenance.InverseOfferBook.Ask;
import io.paddock.master.core.maintenance.InverseOfferBook.Outstanding;
import io.paddock.proto.v1.InverseOffer;
import io.paddock.proto.v1.OfferID;
import io.paddock.proto.v1.allocator.InverseOfferStatus;
import io.paddock.proto.v1.allocator.InverseOfferStatus.Status;
import io.paddock.proto.v1.scheduler.Event;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Asks frameworks to leave agents whose machines will be under maintenance, and keeps what they answer. Whatever may make an
 * inverse offer due calls {@link #mayBeDue}; like offers they are sent a moment later, several to a framework in one event.
 */
final class InverseOffers {
    private final Cluster cluster;
    private final Outbox outbox;
    private final InverseOfferBook book = new InverseOfferBook();
    private boolean mayBeDue;
    private @Nullable Instant plannedAt;
    private long deadlinesAsOf = -1;

    InverseOffers(Cluster cluster, Outbox outbox) {
        this.cluster = cluster;
        this.outbox = outbox;
    }

    /** Grows with everything that changes what this tells. */
    long changes() {
        return book.changes();
    }

    /** The agent registered, or what is planned for it has changed; what was asked is withdrawn already. */
    void planned(Agent agent) {
        if (agent.unavailability() != null || book.agents().contains(agent.id)) {
            book.planned(agent.id, agent.unavailability());
            mayBeDue = true;
        }
    }

    void agentRemoved(String agentId) {
        if (book.agents().contains(agentId)) {
            book.planned(agentId, null);
        }
    }

    /** A framework came, began to use an agent or was offered one whose unavailability is planned. */
    void mayBeDue() {
        mayBeDue = true;
    }

    void revived(Framework framework) {
        book.revived(framework.id);
        mayBeDue = true;
    }

    void answered(Instant now, Framework framework, List<OfferID> ids, Status answer, @Nullable Instant quietUntil) {
        ids.forEach(id -> book.answered(now, framework.id, id.getValue(), answer, quietUntil));
    }

    /** Takes back what was asked about an agent. */
    void rescind(Agent agent) {
        for (Outstanding offer : book.withdraw(agent.id)) {
            Framework framework = cluster.framework(offer.frameworkId());
            if (framework != null) {
                outbox.send(
                        framework,
                        Event.newBuilder()
                                .setType(Event.Type.RESCIND_INVERSE_OFFER)
                                .setRescindInverseOffer(Event.RescindInverseOffer.newBuilder()
                                        .setInverseOfferId(Ids.offer(offer.id()))));
            }
        }
    }

    /** Takes back what a framework was asked that cannot answer any more. */
    void discard(Framework framework) {
        book.withdrawFrom(framework.id);
    }

    void frameworkRemoved(Framework framework) {
        book.forget(framework.id);
    }

    /** After every event: plans when to look next, if there is anything to look for. */
    void plan(Instant now) {
        if (mayBeDue) {
            mayBeDue = false;
            if (!book.agents().isEmpty()) {
                planAt(now, now.plus(cluster.config.allocationDelay()));
            }
        }
        if (deadlinesAsOf != book.changes()) {
            deadlinesAsOf = book.changes();
            book.nextDeadline(now).ifPresent(deadline -> planAt(now, deadline));
        }
    }

    private void planAt(Instant now, Instant at) {
        if (plannedAt == null || at.isBefore(plannedAt)) {
            plannedAt = at;
            outbox.start(Timer.of(Timer.Kind.INVERSE_OFFERS), Duration.between(now, at));
        }
    }

    void due(Instant now) {
        plannedAt = null;
        deadlinesAsOf = -1;
        Map<Framework, Event.InverseOffers.Builder> made = new LinkedHashMap<>();
        for (String agentId : List.copyOf(book.agents())) {
            Agent agent = cluster.agent(agentId);
            if (agent == null || !agent.isConnected()) {
                continue;
            }
            Map<String, Framework> users = users(agent);
            for (Ask ask : book.due(now, agentId, new TreeSet<>(users.keySet()))) {
                Outstanding offer =
                        new Outstanding(cluster.newOfferId(), ask.frameworkId(), ask.agentId(), ask.unavailability());
                book.asked(now, offer.id(), ask);
                made.computeIfAbsent(users.get(ask.frameworkId()), f -> Event.InverseOffers.newBuilder())
                        .addInverseOffers(message(offer, agent));
            }
        }
        made.forEach((framework, offers) -> outbox.send(
                framework, Event.newBuilder().setType(Event.Type.INVERSE_OFFERS).setInverseOffers(offers)));
    }

    /** The connected frameworks that have tasks, executors or an offer of the agent. */
    private Map<String, Framework> users(Agent agent) {
        Map<String, Framework> users = new LinkedHashMap<>();
        agent.tasks.forEach(task -> {
            if (task.holding) {
                addConnected(users, task.frameworkId);
            }
        });
        agent.executors.keySet().forEach(key -> addConnected(users, key.frameworkId()));
        agent.offers.values().forEach(offer -> addConnected(users, offer.frameworkId()));
        return users;
    }

    private void addConnected(Map<String, Framework> users, String frameworkId) {
        Framework framework = cluster.framework(frameworkId);
        if (framework != null && framework.isConnected() && !framework.leaving) {
            users.put(frameworkId, framework);
        }
    }

    private static InverseOffer message(Outstanding offer, Agent agent) {
        return InverseOffer.newBuilder()
                .setId(Ids.offer(offer.id()))
                .setUrl(Offers.url(agent))
                .setFrameworkId(Ids.framework(offer.frameworkId()))
                .setAgentId(agent.info().getId())
                .setUnavailability(offer.unavailability())
                .build();
    }

    List<InverseOfferStatus> statuses(String agentId) {
        return book.statuses(agentId);
    }

    /** All that wait for an answer. */
    List<InverseOffer> outstanding() {
        Collection<Outstanding> all = book.outstanding();
        List<InverseOffer> messages = new ArrayList<>(all.size());
        for (Outstanding offer : all) {
            Agent agent = cluster.agent(offer.agentId());
            if (agent != null) {
                messages.add(message(offer, agent));
            }
        }
        return messages;
    }
}
