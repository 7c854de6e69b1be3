package io.paddock.master.core.quota;

import io.paddock.common.Roles;
import io.paddock.common.resources.Quantity.Scalar;
import io.paddock.master.core.allocator.Quota;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * All quotas together, nested ones below the nearest role above that has one. Amounts are in thousandths by scalar name.
 *
 * <p>What a role is guaranteed also serves the roles above it. So a subtree is guaranteed the larger of its top's own
 * guarantee and the sum of those directly below; the sums must fit into what their parent is guaranteed, of scalars for which
 * it is guaranteed something, and under its limit. Mesos has no quotas on nested roles.
 */
public final class QuotaTree {
    private final SortedMap<String, Quota> quotas;
    private final Map<String, List<String>> below = new TreeMap<>();
    private final List<String> tops = new ArrayList<>();

    public QuotaTree(SortedMap<String, Quota> quotas) {
        this.quotas = quotas;
        quotas.keySet().forEach(role -> {
            String parent = parent(role);
            if (parent == null) {
                tops.add(role);
            } else {
                below.computeIfAbsent(parent, p -> new ArrayList<>()).add(role);
            }
        });
    }

    private @Nullable String parent(String role) {
        for (int slash = role.lastIndexOf('/'); slash > 0; slash = role.lastIndexOf('/', slash - 1)) {
            String above = role.substring(0, slash);
            if (quotas.containsKey(above)) {
                return above;
            }
        }
        return null;
    }

    /** What the role and those above it are bounded by is exceeded, in words; empty when all guarantees can be held. */
    public Optional<String> misfit() {
        for (Map.Entry<String, List<String>> e : below.entrySet()) {
            Quota parent = quotas.getOrDefault(e.getKey(), Quota.NONE);
            for (Map.Entry<String, Long> sum :
                    sum(e.getValue(), this::guaranteed).entrySet()) {
                Scalar guarantee = parent.guarantees().get(sum.getKey());
                Scalar limit = parent.limits().get(sum.getKey());
                Scalar least = guarantee == null ? limit : guarantee;
                if (least != null && sum.getValue() > least.thousandths()) {
                    return Optional.of("the roles below '" + e.getKey() + "' (" + String.join(", ", e.getValue())
                            + ") are guaranteed " + new Scalar(sum.getValue()) + " " + sum.getKey() + ", but the "
                            + (guarantee == null ? "limit" : "guarantee") + " of '" + e.getKey() + "' is " + least);
                }
            }
        }
        return Optional.empty();
    }

    /** What all roles together are guaranteed. */
    public Map<String, Long> guaranteed() {
        return sum(tops, this::guaranteed);
    }

    /** What all roles together lack to their guarantees. */
    public Map<String, Long> lacking(QuotaConsumption consumption) {
        return sum(tops, role -> lacking(role, consumption));
    }

    private Map<String, Long> guaranteed(String role) {
        Map<String, Long> amounts = sum(below.getOrDefault(role, List.of()), this::guaranteed);
        quotas.getOrDefault(role, Quota.NONE)
                .guarantees()
                .forEach((name, scalar) -> amounts.merge(name, scalar.thousandths(), Math::max));
        return amounts;
    }

    private Map<String, Long> lacking(String role, QuotaConsumption consumption) {
        Map<String, Long> amounts = sum(below.getOrDefault(role, List.of()), each -> lacking(each, consumption));
        quotas.getOrDefault(role, Quota.NONE)
                .guarantees()
                .forEach((name, scalar) ->
                        amounts.merge(name, Math.max(0, scalar.thousandths() - consumption.of(role, name)), Math::max));
        return amounts;
    }

    /** Where roles are beyond their limits. */
    public List<Excess> excesses(QuotaConsumption consumption) {
        List<Excess> excesses = new ArrayList<>();
        quotas.forEach((role, quota) -> new TreeMap<>(quota.limits()).forEach((name, limit) -> {
            long consumed = consumption.of(role, name);
            if (consumed > limit.thousandths()) {
                excesses.add(new Excess(role, name, new Scalar(consumed), limit));
            }
        }));
        return excesses;
    }

    /** A role that has more of a scalar than its limit. */
    public record Excess(String role, String name, Scalar consumed, Scalar limit) {
        boolean concerns(String otherRole) {
            return role.equals(otherRole) || Roles.isAncestor(role, otherRole);
        }
    }

    private interface Amounts {
        Map<String, Long> of(String role);
    }

    private static Map<String, Long> sum(List<String> roles, Amounts amounts) {
        Map<String, Long> sum = new TreeMap<>();
        roles.forEach(role -> amounts.of(role).forEach((name, amount) -> sum.merge(name, amount, Long::sum)));
        return sum;
    }
}
