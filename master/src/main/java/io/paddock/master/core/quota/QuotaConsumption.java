package io.paddock.master.core.quota;

import io.paddock.common.resources.Quantity.Scalar;
import io.paddock.common.resources.ResourceKey;
import io.paddock.common.resources.Resources;
import io.paddock.master.core.snapshot.AgentView;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;

/**
 * What counts against the quotas of roles, in thousandths: all that is reserved to a role or one below it, used or not, and
 * what these use of unreserved, non-revocable resources. Source: quota of Mesos.
 */
public final class QuotaConsumption {
    private final Map<String, Map<String, Long>> byRole = new HashMap<>();

    /** Of everything that is reserved or in use on these agents; offers do not count. */
    public static QuotaConsumption of(Collection<AgentView> agents) {
        QuotaConsumption consumption = new QuotaConsumption();
        for (AgentView agent : agents) {
            agent.total().amounts().forEach((key, quantity) -> {
                if (!key.reservations().isEmpty() && quantity instanceof Scalar scalar) {
                    consumption.count(key.reservedTo(), key.name(), scalar.thousandths());
                }
            });
            consumption.add(agent.used(), 1);
        }
        return consumption;
    }

    /**
     * Counts what a framework holds more ({@code sign} 1) or less (-1).
     *
     * @param allocated to roles
     */
    public void add(Resources allocated, int sign) {
        allocated.amounts().forEach((key, quantity) -> {
            if (counts(key) && quantity instanceof Scalar scalar) {
                String role = key.allocationRole();
                count(role == null ? "*" : role, key.name(), sign * scalar.thousandths());
            }
        });
    }

    /** Whether an allocated amount counts by itself: what is reserved counts already. */
    static boolean counts(ResourceKey key) {
        return key.reservations().isEmpty() && !key.revocable();
    }

    private void count(String role, String name, long amount) {
        for (String each = role; !each.isEmpty(); each = each.substring(0, Math.max(0, each.lastIndexOf('/')))) {
            byRole.computeIfAbsent(each, r -> new TreeMap<>()).merge(name, amount, Long::sum);
        }
    }

    public long of(String role, String name) {
        return byRole.getOrDefault(role, Map.of()).getOrDefault(name, 0L);
    }

    /** By scalar name, those it has something of. */
    public Map<String, Scalar> of(String role) {
        Map<String, Scalar> amounts = new TreeMap<>();
        byRole.getOrDefault(role, Map.of()).forEach((name, amount) -> amounts.put(name, new Scalar(amount)));
        return amounts;
    }
}
