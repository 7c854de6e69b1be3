package io.paddock.master.core.allocator;

import io.paddock.common.Roles;
import io.paddock.common.resources.Resources;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.ToDoubleFunction;

/** Judges who has what by the books' definition alone, without asking the allocator. Each answers with what is wrong. */
final class Outcomes {
    private static final double ROUNDING = 1e-9;

    private Outcomes() {}

    static boolean isBelow(String role, String ancestor) {
        return role.equals(ancestor) || Roles.isAncestor(ancestor, role);
    }

    private static Resources sum(Collection<Resources> parts, String... names) {
        Resources sum = Resources.EMPTY;
        for (String name : names) {
            double amount =
                    parts.stream().mapToDouble(part -> part.scalar(name)).sum();
            sum = amount == 0 ? sum : sum.plus(Resources.scalar(name, amount));
        }
        return sum;
    }

    /** The largest part of any scalar of the cluster. */
    static double dominantShare(Collection<Resources> held, Resources total) {
        Resources sum = sum(held, "cpus", "mem");
        return Math.max(sum.scalar("cpus") / total.scalar("cpus"), sum.scalar("mem") / total.scalar("mem"));
    }

    static Resources whole(Collection<Resources> agents) {
        return sum(agents, "cpus", "mem");
    }

    /** What is reserved to the role and below, used or not, and what is allocated there of the unreserved. */
    static double consumed(String role, String scalar, Collection<Allocation> held, Collection<Resources> agents) {
        double reserved = 0;
        for (Resources agent : agents) {
            reserved += agent.filter(key -> !key.reservations().isEmpty() && isBelow(key.reservedTo(), role))
                    .scalar(scalar);
        }
        return reserved + unreserved(role, scalar, held);
    }

    private static double unreserved(String role, String scalar, Collection<Allocation> held) {
        return held.stream()
                .filter(a -> isBelow(a.role(), role))
                .mapToDouble(a -> a.resources().unreserved().scalar(scalar))
                .sum();
    }

    /** What is out of an agent although it does not have it, or no longer. */
    static List<String> givenTwice(Map<String, Resources> agents, Collection<Allocation> held) {
        List<String> twice = new ArrayList<>();
        Map<String, Resources> left = new TreeMap<>(agents);
        for (Allocation a : held) {
            Resources rest = left.getOrDefault(a.agentId(), Resources.EMPTY);
            if (rest.contains(a.resources())) {
                left.put(a.agentId(), rest.minus(a.resources()));
            } else {
                twice.add(a.frameworkId() + " has " + a.resources() + " of " + a.agentId() + ", which has " + rest
                        + " left");
            }
        }
        return twice;
    }

    /** What belongs to a role and was offered to one that is not it nor below it. */
    static List<String> offeredToOthers(Collection<Allocation> offers) {
        return offers.stream()
                .filter(offer -> !offer.resources().allocatableTo(offer.role()).equals(offer.resources()))
                .map(offer -> offer.resources() + " to " + offer.role())
                .toList();
    }

    /** A role beyond its limit that was given more of it just now. */
    static List<String> limitsBroken(
            Map<String, Quota> quotas,
            Collection<Allocation> justOffered,
            Collection<Allocation> held,
            Collection<Resources> agents) {
        List<String> broken = new ArrayList<>();
        quotas.forEach((role, quota) -> quota.limits().forEach((scalar, limit) -> {
            double consumed = consumed(role, scalar, held, agents);
            double given = unreserved(role, scalar, justOffered);
            if (given > 0 && consumed > limit.thousandths() / 1000.0 + ROUNDING) {
                broken.add(role + " consumes " + consumed + " " + scalar + " of " + limit + ", " + given + " are new");
            }
        }));
        return broken;
    }

    /** A role that has less than its guarantee. */
    static List<String> guaranteesUnmet(
            Map<String, Quota> quotas, Collection<Allocation> held, Collection<Resources> agents) {
        List<String> unmet = new ArrayList<>();
        quotas.forEach((role, quota) -> quota.guarantees().forEach((scalar, guarantee) -> {
            double consumed = consumed(role, scalar, held, agents);
            if (consumed < guarantee.thousandths() / 1000.0 - ROUNDING) {
                unmet.add(role + " has " + consumed + " " + scalar + " of " + guarantee);
            }
        }));
        return unmet;
    }

    /**
     * Envy among siblings who all take what they are offered: whoever has more than another by weighted share had the lesser one
     * when it got its last agent, so it is ahead by no more than one agent.
     *
     * @param shares by sibling
     * @param oneAgent the largest share one agent is of the cluster
     */
    static List<String> envy(Map<String, Double> shares, ToDoubleFunction<String> weight, double oneAgent) {
        List<String> envious = new ArrayList<>();
        shares.forEach((poor, less) -> shares.forEach((rich, more) -> {
            double ahead = more / weight.applyAsDouble(rich) - less / weight.applyAsDouble(poor);
            if (ahead > oneAgent / weight.applyAsDouble(rich) + ROUNDING) {
                envious.add(poor + " with " + less + " envies " + rich + " with " + more);
            }
        }));
        return envious;
    }

    /**
     * Sharing incentive: nobody has less than in a cluster divided by weight beforehand, but for one agent of each sibling.
     * Also: nobody starves, whatever its weight, as long as its part is more than that.
     */
    static List<String> worseOffThanAlone(
            Map<String, Double> shares, ToDoubleFunction<String> weight, double oneAgent) {
        double weights = shares.keySet().stream().mapToDouble(weight).sum();
        double given = shares.values().stream().mapToDouble(share -> share).sum();
        List<String> worse = new ArrayList<>();
        shares.forEach((who, share) -> {
            double part = weight.applyAsDouble(who) / weights * given;
            double agents = oneAgent * weight.applyAsDouble(who) / weights * shares.size();
            if (share < part - agents - ROUNDING) {
                worse.add(who + " has " + share + " of its part " + part);
            }
        });
        return worse;
    }

    /** Dominant shares of the children of a role ("" for the top) among which something is divided, frameworks as {@code .}. */
    static Map<String, Double> sharesBelow(String parent, Collection<Allocation> held, Collection<Resources> agents) {
        Map<String, List<Resources>> parts = new TreeMap<>();
        for (Allocation a : held) {
            if (parent.isEmpty() || isBelow(a.role(), parent)) {
                String rest = parent.isEmpty()
                        ? a.role()
                        : a.role().substring(Math.min(a.role().length(), parent.length() + 1));
                String child = rest.isEmpty() ? "." : rest.split("/")[0];
                parts.computeIfAbsent(child, c -> new ArrayList<>()).add(a.resources());
            }
        }
        Map<String, Double> shares = new TreeMap<>();
        parts.forEach((child, has) -> shares.put(child, dominantShare(has, whole(agents))));
        return shares;
    }

    static Map<String, Double> sharesOfFrameworks(
            String role, Collection<Allocation> held, Collection<Resources> agents) {
        Map<String, Double> shares = new TreeMap<>();
        TreeSet<String> ids = new TreeSet<>();
        held.stream().filter(a -> a.role().equals(role)).forEach(a -> ids.add(a.frameworkId()));
        ids.forEach(id -> shares.put(
                id,
                dominantShare(
                        held.stream()
                                .filter(a ->
                                        a.role().equals(role) && a.frameworkId().equals(id))
                                .map(Allocation::resources)
                                .toList(),
                        whole(agents))));
        return shares;
    }
}
