package io.paddock.master.core.maintenance;

import io.paddock.proto.v1.FrameworkID;
import io.paddock.proto.v1.TimeInfo;
import io.paddock.proto.v1.Unavailability;
import io.paddock.proto.v1.allocator.InverseOfferStatus;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Which frameworks are asked to leave which agents.
 *
 * <p>Every framework that uses an agent with planned unavailability is asked once; after its answer, whatever it was, again
 * when the filter of the answer has ended, as long as it still uses the agent. An answer moves nothing; the last one of each
 * framework is kept for the operator. A changed plan makes all that was asked and answered void.
 */
public final class InverseOfferBook {
    /** A framework to ask. */
    public record Ask(String frameworkId, String agentId, Unavailability unavailability) {}

    /** An inverse offer that was not answered yet. */
    public record Outstanding(String id, String frameworkId, String agentId, Unavailability unavailability) {}

    private static final class Plan {
        private final Unavailability unavailability;
        private final TreeMap<String, Talk> talks = new TreeMap<>();

        Plan(Unavailability unavailability) {
            this.unavailability = unavailability;
        }
    }

    /** With one framework about one agent. */
    private static final class Talk {
        private @Nullable Outstanding outstanding;
        private @Nullable Instant quietUntil;
        private @Nullable InverseOfferStatus status;
    }

    private final TreeMap<String, Plan> plans = new TreeMap<>();
    private final TreeMap<String, Outstanding> outstanding = new TreeMap<>();
    private long changes;

    /** Grows with everything that {@link #statuses} or {@link #outstanding} can show. */
    public long changes() {
        return changes;
    }

    /** What is planned for an agent, or null; nothing happens when it was planned before. What was asked about it has to be withdrawn first. */
    public void planned(String agentId, @Nullable Unavailability unavailability) {
        Plan before = plans.get(agentId);
        if (before != null && before.unavailability.equals(unavailability)) {
            return;
        }
        changes++;
        if (unavailability == null) {
            plans.remove(agentId);
        } else {
            plans.put(agentId, new Plan(unavailability));
        }
    }

    public Collection<String> agents() {
        return plans.keySet();
    }

    /**
     * Whom to ask about one agent now.
     *
     * @param users the frameworks that use it and can be asked
     */
    public List<Ask> due(Instant now, String agentId, Collection<String> users) {
        Plan plan = plans.get(agentId);
        List<Ask> asks = new ArrayList<>();
        if (plan != null) {
            for (String frameworkId : users) {
                Talk talk = plan.talks.get(frameworkId);
                if (talk == null
                        || (talk.outstanding == null && (talk.quietUntil == null || !talk.quietUntil.isAfter(now)))) {
                    asks.add(new Ask(frameworkId, agentId, plan.unavailability));
                }
            }
        }
        return asks;
    }

    public void asked(Instant now, String id, Ask ask) {
        Plan plan = plans.get(ask.agentId());
        if (plan == null) {
            throw new IllegalStateException("agent " + ask.agentId() + " has no planned unavailability");
        }
        Talk talk = plan.talks.computeIfAbsent(ask.frameworkId(), f -> new Talk());
        talk.outstanding = new Outstanding(id, ask.frameworkId(), ask.agentId(), ask.unavailability());
        talk.quietUntil = null;
        if (talk.status == null) {
            talk.status = status(now, ask.frameworkId(), InverseOfferStatus.Status.UNKNOWN);
        }
        outstanding.put(id, talk.outstanding);
        changes++;
    }

    /**
     * A framework answered; nothing happens when the offer is not there or another's.
     *
     * @param quietUntil it shall not be asked again before
     */
    public void answered(
            Instant now,
            String frameworkId,
            String id,
            InverseOfferStatus.Status answer,
            @Nullable Instant quietUntil) {
        Outstanding offer = outstanding.get(id);
        if (offer != null && offer.frameworkId().equals(frameworkId)) {
            Talk talk = end(offer);
            talk.status = status(now, frameworkId, answer);
            talk.quietUntil = quietUntil;
        }
    }

    /** The framework wants to be asked again at once. */
    public void revived(String frameworkId) {
        plans.values().forEach(plan -> {
            Talk talk = plan.talks.get(frameworkId);
            if (talk != null) {
                talk.quietUntil = null;
            }
        });
    }

    /** Takes back what was asked about an agent. */
    public List<Outstanding> withdraw(String agentId) {
        return withdraw(outstanding.values().stream()
                .filter(offer -> offer.agentId().equals(agentId))
                .toList());
    }

    /** Takes back what a framework was asked. */
    public List<Outstanding> withdrawFrom(String frameworkId) {
        return withdraw(outstanding.values().stream()
                .filter(offer -> offer.frameworkId().equals(frameworkId))
                .toList());
    }

    private List<Outstanding> withdraw(List<Outstanding> offers) {
        offers.forEach(this::end);
        return offers;
    }

    /** The framework is gone; its answers with it. */
    public void forget(String frameworkId) {
        withdrawFrom(frameworkId);
        plans.values().forEach(plan -> plan.talks.remove(frameworkId));
        changes++;
    }

    private Talk end(Outstanding offer) {
        outstanding.remove(offer.id());
        changes++;
        Plan plan = plans.get(offer.agentId());
        Talk talk = plan == null ? null : plan.talks.get(offer.frameworkId());
        if (talk == null) {
            throw new IllegalStateException("inverse offer " + offer.id() + " is about agent " + offer.agentId()
                    + ", which has no planned unavailability");
        }
        talk.outstanding = null;
        return talk;
    }

    /** When the next filter ends after which somebody may have to be asked again. */
    public Optional<Instant> nextDeadline(Instant now) {
        Instant earliest = null;
        for (Plan plan : plans.values()) {
            for (Talk talk : plan.talks.values()) {
                Instant until = talk.quietUntil;
                if (until != null && until.isAfter(now) && (earliest == null || until.isBefore(earliest))) {
                    earliest = until;
                }
            }
        }
        return Optional.ofNullable(earliest);
    }

    /** The last answers about an agent, UNKNOWN of those that were asked and have not answered yet. */
    public List<InverseOfferStatus> statuses(String agentId) {
        Plan plan = plans.get(agentId);
        List<InverseOfferStatus> statuses = new ArrayList<>();
        if (plan != null) {
            for (Talk talk : plan.talks.values()) {
                if (talk.status != null) {
                    statuses.add(talk.status);
                }
            }
        }
        return statuses;
    }

    public Collection<Outstanding> outstanding() {
        return outstanding.values();
    }

    private static InverseOfferStatus status(Instant now, String frameworkId, InverseOfferStatus.Status status) {
        return InverseOfferStatus.newBuilder()
                .setStatus(status)
                .setFrameworkId(FrameworkID.newBuilder().setValue(frameworkId))
                .setTimestamp(
                        TimeInfo.newBuilder().setNanoseconds(now.getEpochSecond() * 1_000_000_000L + now.getNano()))
                .build();
    }
}
