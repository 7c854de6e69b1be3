package io.paddock.client.testkit;

import io.paddock.client.testkit.Ledger.Agent;
import io.paddock.client.testkit.Ledger.Filter;
import io.paddock.client.testkit.Ledger.Framework;
import io.paddock.client.testkit.Ledger.OpenOffer;
import io.paddock.common.resources.Resources;
import io.paddock.proto.domain.ResourceMessages;
import io.paddock.proto.v1.Address;
import io.paddock.proto.v1.Filters;
import io.paddock.proto.v1.FrameworkInfo;
import io.paddock.proto.v1.Offer;
import io.paddock.proto.v1.OfferID;
import io.paddock.proto.v1.Resource;
import io.paddock.proto.v1.URL;
import io.paddock.proto.v1.scheduler.Event;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Simple allocation: every free agent goes whole to the framework that was offered something the longest ago. */
final class Offers {
    private static final double DEFAULT_REFUSE_SECONDS = 5;

    private final Ledger ledger;
    private final Map<String, Long> lastTurn = new LinkedHashMap<>();
    private long turn;
    private long nextOffer;

    Offers(Ledger ledger) {
        this.ledger = ledger;
    }

    /** Offers what is free to those who want it. */
    void allocate(String masterId) {
        Map<Framework, List<Offer>> batches = new LinkedHashMap<>();
        for (Agent agent : ledger.agents.values()) {
            Resources free = ledger.free(agent);
            if (agent.registered && (free.thousandths("cpus") > 0 || free.thousandths("mem") > 0)) {
                place(masterId, agent, free, batches);
            }
        }
        batches.forEach((framework, offers) -> framework.stream.send(Event.newBuilder()
                .setType(Event.Type.OFFERS)
                .setOffers(Event.Offers.newBuilder().addAllOffers(offers))
                .build()));
    }

    private void place(String masterId, Agent agent, Resources free, Map<Framework, List<Offer>> batches) {
        List<Framework> byTurn = new ArrayList<>(ledger.frameworks.values());
        byTurn.sort((a, b) ->
                Long.compare(lastTurn.getOrDefault(a.id.getValue(), 0L), lastTurn.getOrDefault(b.id.getValue(), 0L)));
        for (Framework framework : byTurn) {
            for (String role : framework.roles()) {
                Resources wanted = free.allocatableTo(role);
                if (framework.stream != null && !wanted.isEmpty() && wants(framework, role, agent, wanted)) {
                    OfferID id = OfferID.newBuilder()
                            .setValue(masterId + "-O" + nextOffer++)
                            .build();
                    OpenOffer open = new OpenOffer(id, agent, role, wanted);
                    framework.offers.put(id, open);
                    batches.computeIfAbsent(framework, f -> new ArrayList<>()).add(message(framework, open));
                    lastTurn.put(framework.id.getValue(), ++turn);
                    return;
                }
            }
        }
    }

    private static boolean wants(Framework framework, String role, Agent agent, Resources resources) {
        Instant now = Instant.now();
        framework.filters.removeIf(f -> !now.isBefore(f.until()));
        return !framework.suppressed.contains(role)
                && framework.filters.stream()
                        .noneMatch(f -> f.agent().equals(agent.id)
                                && f.role().equals(role)
                                && f.refused().contains(resources));
    }

    private static Offer message(Framework framework, OpenOffer open) {
        boolean multiRole = framework.has(FrameworkInfo.Capability.Type.MULTI_ROLE);
        Resources shown = multiRole ? open.resources().allocatedTo(open.role()) : open.resources();
        List<Resource> resources = framework.has(FrameworkInfo.Capability.Type.RESERVATION_REFINEMENT)
                ? ResourceMessages.toMessages(shown)
                : ResourceMessages.toOldMessages(shown);
        Offer.Builder offer = Offer.newBuilder()
                .setId(open.id())
                .setFrameworkId(framework.id)
                .setAgentId(open.agent().id)
                .setHostname(open.agent().hostname)
                .setUrl(URL.newBuilder()
                        .setScheme("http")
                        .setAddress(Address.newBuilder()
                                .setHostname(open.agent().hostname)
                                .setIp("127.0.0.1")
                                .setPort(open.agent().port))
                        .setPath("/slave(1)"))
                .addAllResources(resources)
                .addAllAttributes(open.agent().attributes);
        if (multiRole) {
            offer.setAllocationInfo(Resource.AllocationInfo.newBuilder().setRole(open.role()));
        }
        return offer.build();
    }

    /**
     * Remembers a refusal; answers how long it lasts. As with the real master what is declined for no time, or for less than is
     * left of this second, comes back when that is over, but for the first time in a second.
     *
     * @param whole whether it is the whole offer, of which nothing was taken
     */
    static Duration refuse(Framework framework, OpenOffer offer, Resources refused, Filters filters, boolean whole) {
        Instant now = Instant.now();
        boolean given = filters.hasRefuseSeconds() && filters.getRefuseSeconds() >= 0;
        double seconds = given ? filters.getRefuseSeconds() : DEFAULT_REFUSE_SECONDS;
        Duration refuse = Duration.ofMillis(Math.round(seconds * 1000));
        Instant batchEnds = now.truncatedTo(ChronoUnit.SECONDS).plusSeconds(1);
        if (whole && now.plus(refuse).isBefore(batchEnds) && !isFirstOfBatch(framework, offer.agent(), batchEnds)) {
            refuse = Duration.between(now, batchEnds);
        }
        if (!refuse.isZero() && !refused.isEmpty()) {
            framework.filters.add(new Filter(offer.agent().id, offer.role(), refused, now.plus(refuse)));
        }
        return refuse;
    }

    private static boolean isFirstOfBatch(Framework framework, Agent agent, Instant batchEnds) {
        if (!batchEnds.equals(framework.batchEnds)) {
            framework.batchEnds = batchEnds;
            framework.declined.clear();
        }
        return framework.declined.add(agent.id);
    }

    /** Takes back every offer of an agent and says so. */
    void rescind(Agent agent) {
        for (Framework framework : ledger.frameworks.values()) {
            List<OpenOffer> gone = framework.offers.values().stream()
                    .filter(offer -> offer.agent() == agent)
                    .toList();
            for (OpenOffer offer : gone) {
                framework.offers.remove(offer.id());
                if (framework.stream != null) {
                    framework.stream.send(Event.newBuilder()
                            .setType(Event.Type.RESCIND)
                            .setRescind(Event.Rescind.newBuilder().setOfferId(offer.id()))
                            .build());
                }
            }
        }
    }
}
