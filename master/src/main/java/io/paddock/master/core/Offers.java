package io.paddock.master.core;

import io.paddock.common.resources.Resources;
import io.paddock.master.core.allocator.Allocation;
import io.paddock.master.core.allocator.OfferEnd;
import io.paddock.master.core.snapshot.Count;
import io.paddock.master.core.snapshot.OfferView;
import io.paddock.proto.v1.Address;
import io.paddock.proto.v1.FrameworkInfo.Capability;
import io.paddock.proto.v1.Offer;
import io.paddock.proto.v1.OfferID;
import io.paddock.proto.v1.Resource;
import io.paddock.proto.v1.URL;
import io.paddock.proto.v1.Unavailability;
import io.paddock.proto.v1.scheduler.Event;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Offers from the allocation to their end.
 *
 * <p>Invariant: an outstanding offer is on the books of cluster, agent and framework, and the allocator counts it as held;
 * {@link #takeOff} takes it from the books at once. Offers expire by default, so that a scheduler that forgot an offer, or
 * never got it, does not hold resources for ever.
 */
final class Offers {
    private static final double DEFAULT_REFUSE_SECONDS = 5.0;
    private static final ChronoUnit BATCH = ChronoUnit.SECONDS;
    private static final double MAX_REFUSE_SECONDS = 365.0 * 24 * 3600;

    private final Cluster cluster;
    private final Outbox outbox;
    private final RecoveryPause pause;
    /** What is asked back: where offers of an agent or to a framework end, inverse ones do too. */
    final InverseOffers inverse;

    private boolean allocationPlanned;
    private boolean expiryPlanned;
    private @Nullable Instant filterDeadline;

    Offers(Cluster cluster, Outbox outbox, RecoveryPause pause, InverseOffers inverse) {
        this.cluster = cluster;
        this.outbox = outbox;
        this.pause = pause;
        this.inverse = inverse;
    }

    /** After every event: plans the next allocation if there is a reason for one. */
    void plan(Instant now) {
        if (pause.holds(now)) {
            return;
        }
        if (!allocationPlanned && cluster.allocator.hasWork()) {
            allocationPlanned = true;
            outbox.start(Timer.of(Timer.Kind.ALLOCATE), cluster.config.allocationDelay());
        }
        Optional<Instant> deadline = cluster.allocator.nextDeadline();
        if (deadline.isPresent() && (filterDeadline == null || deadline.get().isBefore(filterDeadline))) {
            filterDeadline = deadline.get();
            outbox.start(Timer.of(Timer.Kind.FILTER_EXPIRY), Duration.between(now, filterDeadline));
        }
    }

    void allocationDue(Instant now) {
        allocationPlanned = false;
        allocate(now);
    }

    void planCheck() {
        outbox.start(Timer.of(Timer.Kind.ALLOCATION_CHECK), cluster.config.allocationInterval());
    }

    /** Looks at everything although no event asks for it; offers that this makes are counted: an event was missed. */
    void checkDue(Instant now) {
        if (!pause.holds(now)) {
            allocate(now);
            cluster.allocator.lookAtEverything();
            cluster.counters.add(Count.MISSED_OFFERS, allocate(now));
        }
        planCheck();
    }

    void filterEnded(Instant now) {
        filterDeadline = null;
        allocate(now);
    }

    /** Answers how many offers it made. */
    private int allocate(Instant now) {
        Map<Framework, Event.Offers.Builder> made = new LinkedHashMap<>();
        List<Allocation> allocations = cluster.allocator.allocate(now);
        for (Allocation allocation : allocations) {
            Framework framework = cluster.frameworks.get(allocation.frameworkId());
            Agent agent = cluster.agents.get(allocation.agentId());
            if (framework == null || agent == null) {
                throw new IllegalStateException("the allocator offers agent " + allocation.agentId() + " to framework "
                        + allocation.frameworkId() + ", but the master does not know both");
            }
            made.computeIfAbsent(framework, f -> Event.Offers.newBuilder())
                    .addOffers(make(now, allocation, framework, agent));
        }
        made.forEach((framework, offers) -> outbox.send(
                framework, Event.newBuilder().setType(Event.Type.OFFERS).setOffers(offers)));
        planExpiry(now);
        return allocations.size();
    }

    private Offer make(Instant now, Allocation allocation, Framework framework, Agent agent) {
        Duration timeout = cluster.config.offerTimeout();
        OfferView offer = new OfferView(
                cluster.newOfferId(),
                framework.id,
                agent.id,
                allocation.role(),
                allocation.resources().allocatedTo(allocation.role()),
                now,
                timeout == null ? null : now.plus(timeout));
        cluster.offers.put(offer.id(), offer);
        framework.offered(offer);
        framework.counters.offered();
        agent.offered(offer);
        if (agent.unavailability() != null) {
            inverse.mayBeDue();
        }
        return message(offer, framework, agent);
    }

    private static Offer message(OfferView offer, Framework framework, Agent agent) {
        Resources visible = offer.resources().filter(key -> !key.name().equals("ephemeral_ports"));
        Offer.Builder message = Offer.newBuilder()
                .setId(Ids.offer(offer.id()))
                .setFrameworkId(framework.info().getId())
                .setAgentId(agent.info().getId())
                .setHostname(agent.info().getHostname())
                .setUrl(url(agent))
                .addAllResources(FrameworkFormat.outgoing(framework, visible))
                .addAllAttributes(agent.info().getAttributesList());
        if (agent.info().hasDomain()) {
            message.setDomain(agent.info().getDomain());
        }
        Unavailability unavailability = agent.unavailability();
        if (unavailability != null) {
            message.setUnavailability(unavailability);
        }
        if (framework.has(Capability.Type.MULTI_ROLE)) {
            message.setAllocationInfo(Resource.AllocationInfo.newBuilder().setRole(offer.role()));
        }
        agent.executors.keySet().forEach(key -> {
            if (key.frameworkId().equals(framework.id)) {
                message.addExecutorIds(Ids.executor(key.executorId()));
            }
        });
        return message.build();
    }

    /** Where an agent is reached. */
    static URL url(Agent agent) {
        String hostname = agent.info().getHostname();
        return URL.newBuilder()
                .setScheme(agent.https() ? "https" : "http")
                .setAddress(Address.newBuilder()
                        .setHostname(hostname)
                        .setIp(agent.ip().isEmpty() ? hostname : agent.ip())
                        .setPort(agent.info().getPort()))
                .setPath("/slave(1)")
                .build();
    }

    private void planExpiry(Instant now) {
        if (expiryPlanned || cluster.offers.isEmpty()) {
            return;
        }
        Instant expiresAt = cluster.offers.values().iterator().next().expiresAt();
        if (expiresAt != null) {
            expiryPlanned = true;
            outbox.start(Timer.of(Timer.Kind.OFFER_EXPIRY), Duration.between(now, expiresAt));
        }
    }

    /** Rescinds what is due; the framework sees the agent again only after a while, so that others get their turn. */
    void expiryDue(Instant now) {
        expiryPlanned = false;
        Instant refusedUntil = refusedUntil(now, DEFAULT_REFUSE_SECONDS);
        List<OfferView> due = new ArrayList<>();
        for (OfferView offer : cluster.offers.values()) {
            if (offer.expiresAt() == null || offer.expiresAt().isAfter(now)) {
                break;
            }
            due.add(offer);
        }
        due.forEach(offer -> {
            end(offer, OfferEnd.EXPIRED, now);
            giveBack(offer, offer.resources(), refusedUntil);
            tellRescinded(offer);
        });
        planExpiry(now);
    }

    void decline(Instant now, Framework framework, List<OfferID> ids, double refuseSeconds) {
        for (OfferID id : ids) {
            OfferView offer = framework.offers.get(id.getValue());
            if (offer != null) {
                end(offer, declined(refuseSeconds), now);
                giveBack(offer, offer.resources(), declinedUntil(now, framework, offer.agentId(), refuseSeconds));
            }
        }
    }

    /** How an offer ends of which nothing is taken. */
    static OfferEnd declined(double refuseSeconds) {
        return refuseSeconds >= 0 && refuseSeconds < 1 ? OfferEnd.DECLINED_FOR_NOW : OfferEnd.DECLINED;
    }

    /**
     * When an offer of which nothing was taken may come again; absent: at once, so that all who want the resources share them
     * anew. That is so once in each {@link #BATCH} for an agent: a scheduler that goes on to decline it waits for the next one
     * even without a filter, or it would be asked without end. All such refusals end together, with one allocation.
     */
    static @Nullable Instant declinedUntil(Instant now, Framework framework, String agentId, double refuseSeconds) {
        Instant asked = refusedUntil(now, refuseSeconds);
        Instant nextBatch = now.truncatedTo(BATCH).plus(BATCH.getDuration());
        if (asked != null && !asked.isBefore(nextBatch)) {
            return asked;
        }
        return framework.declines.isFirst(agentId, nextBatch) ? asked : nextBatch;
    }

    /** When a refusal of that many seconds ends; absent when it does not last at all. */
    static @Nullable Instant refusedUntil(Instant now, double refuseSeconds) {
        double seconds = refuseSeconds >= 0 ? Math.min(refuseSeconds, MAX_REFUSE_SECONDS) : DEFAULT_REFUSE_SECONDS;
        return seconds == 0 ? null : now.plusNanos((long) (seconds * 1e9));
    }

    private void takeBack(OfferView offer) {
        end(offer, OfferEnd.TAKEN_BACK, offer.madeAt());
    }

    private void end(OfferView offer, OfferEnd how, Instant now) {
        takeOff(offer);
        judge(offer, how, now);
    }

    /** Before its resources are given back: what its end says about the framework. */
    void judge(OfferView offer, OfferEnd how, Instant now) {
        cluster.allocator.offerEnded(offer.frameworkId(), offer.role(), how, offer.madeAt(), now);
        Framework framework = cluster.frameworks.get(offer.frameworkId());
        if (framework != null) {
            framework.counters.offerEnded(how);
        }
    }

    /** Takes an offer off the books; its resources are still held in the allocator's. */
    void takeOff(OfferView offer) {
        cluster.offers.remove(offer.id());
        Framework framework = cluster.frameworks.get(offer.frameworkId());
        if (framework != null) {
            framework.offeredNoMore(offer);
        }
        Agent agent = cluster.agents.get(offer.agentId());
        if (agent != null) {
            agent.offeredNoMore(offer);
        }
    }

    void giveBack(OfferView offer, Resources resources, @Nullable Instant refusedUntil) {
        if (!resources.isEmpty()) {
            cluster.allocator.recover(offer.frameworkId(), offer.role(), offer.agentId(), resources, refusedUntil);
        }
    }

    /** Takes back all offers of a framework that cannot use them any more, without telling it. */
    void discard(Framework framework) {
        inverse.discard(framework);
        for (OfferView offer : new ArrayList<>(framework.offers.values())) {
            takeBack(offer);
            giveBack(offer, offer.resources(), null);
        }
    }

    /** Takes back all offers of an agent, and all inverse ones. */
    void rescindAll(Agent agent) {
        inverse.rescind(agent);
        for (OfferView offer : new ArrayList<>(agent.offers.values())) {
            rescind(offer, null);
        }
    }

    void rescind(OfferView offer, @Nullable Instant refusedUntil) {
        takeBack(offer);
        giveBack(offer, offer.resources(), refusedUntil);
        tellRescinded(offer);
    }

    private void tellRescinded(OfferView offer) {
        Framework framework = cluster.frameworks.get(offer.frameworkId());
        if (framework != null) {
            framework.counters.rescinded();
            outbox.send(
                    framework,
                    Event.newBuilder()
                            .setType(Event.Type.RESCIND)
                            .setRescind(Event.Rescind.newBuilder().setOfferId(Ids.offer(offer.id()))));
        }
    }
}
