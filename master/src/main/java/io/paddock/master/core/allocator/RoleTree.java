package io.paddock.master.core.allocator;

import io.paddock.common.resources.Quantity;
import io.paddock.common.resources.Quantity.Scalar;
import io.paddock.common.resources.ResourceKey;
import io.paddock.common.resources.Resources;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The roles that are in use, and their quotas.
 *
 * <p>Two numbers a scalar bound what a role may be given: what is left to the limits of the role and of those above it; and,
 * while any role has a guarantee, the headroom: free unreserved resources of the cluster minus what is lacking to all
 * guarantees together. A role that is owed something may have that in addition to the headroom. What a tree of roles lacks is
 * the larger of its own guarantee's lack and the sum of those below, for what a child is given also counts for its parent.
 */
final class RoleTree {
    private final ShareTree shares;
    private final ScalarNames names;
    private final Map<String, Role> roles = new HashMap<>();
    private int limited;
    private int guaranteed;
    /** The sum of what the top-level roles need. */
    private long[] required = Quantities.NONE;

    RoleTree(ShareTree shares, ScalarNames names) {
        this.shares = shares;
        this.names = names;
    }

    boolean hasGuarantees() {
        return guaranteed > 0;
    }

    boolean hasQuotas() {
        return limited > 0 || guaranteed > 0;
    }

    @Nullable
    Role find(String name) {
        return roles.get(name);
    }

    Collection<Role> all() {
        return roles.values();
    }

    /** The role, created with those above it if it is new. */
    Role role(String name) {
        Role known = roles.get(name);
        if (known != null) {
            return known;
        }
        int slash = name.lastIndexOf('/');
        Role parent = slash < 0 ? null : role(name.substring(0, slash));
        Role role = new Role(name, parent, parent == null ? shares.root : parent.node);
        if (parent != null) {
            parent.below.put(name, role);
        }
        roles.put(name, role);
        return role;
    }

    /** Forgets the role, and then those above it, if nothing is left to remember. */
    void prune(Role role) {
        Role at = role;
        while (at != null
                && at.clients == 0
                && at.below.isEmpty()
                && at.node.weight == 1
                && at.guarantee == null
                && at.limit == null
                && Quantities.isEmpty(at.reserved)
                && Quantities.isEmpty(at.node.allocated)) {
            roles.remove(at.name);
            if (at.parent != null) {
                at.parent.below.remove(at.name);
            }
            at = at.parent;
        }
    }

    void setQuota(Role role, Quota quota) {
        limited += (quota.limits().isEmpty() ? 0 : 1) - (role.limit == null ? 0 : 1);
        guaranteed += (quota.guarantees().isEmpty() ? 0 : 1) - (role.guarantee == null ? 0 : 1);
        role.limit = quota.limits().isEmpty() ? null : amounts(quota.limits(), Long.MAX_VALUE);
        role.guarantee = quota.guarantees().isEmpty() ? null : amounts(quota.guarantees(), 0);
        refreshNeed(role);
    }

    private long[] amounts(Map<String, Scalar> quantities, long absent) {
        quantities.keySet().stream().sorted().forEach(names::id);
        long[] amounts = new long[names.size()];
        Arrays.fill(amounts, absent);
        quantities.forEach((name, scalar) -> amounts[names.id(name)] = scalar.thousandths());
        return amounts;
    }

    /** An agent's total gained ({@code sign} 1) or lost (-1) these. */
    void totalChanged(Resources total, int sign) {
        for (Map.Entry<ResourceKey, Quantity> e : total.amounts().entrySet()) {
            if (e.getValue() instanceof Scalar scalar
                    && !e.getKey().reservations().isEmpty()) {
                long[] amount = new long[names.id(e.getKey().name()) + 1];
                amount[amount.length - 1] = scalar.thousandths();
                Role role = role(e.getKey().reservedTo());
                for (Role at = role; at != null; at = at.parent) {
                    at.reserved = Quantities.add(at.reserved, amount, sign);
                }
                refreshNeed(role);
            }
        }
    }

    /** A framework of the role was given (1) or gave back (-1) the bag; the share tree knows already. */
    void charged(Role role, Bag bag, int sign) {
        long[] apart = bag.apart(names);
        if (apart.length > 0) {
            for (Role at = role; at != null; at = at.parent) {
                at.apart = Quantities.add(at.apart, apart, sign);
            }
        }
        if (guaranteed > 0) {
            refreshNeed(role);
        }
    }

    private void refreshNeed(Role role) {
        for (Role at = role; at != null; at = at.parent) {
            long[] need = new long[names.size()];
            for (Role child : at.below.values()) {
                need = Quantities.add(need, child.need, 1);
            }
            for (int i = 0; i < need.length; i++) {
                need[i] = Math.max(need[i], at.lacking(i));
            }
            if (at.parent == null) {
                required = Quantities.add(Quantities.add(required, at.need, -1), need, 1);
            }
            at.need = need;
        }
    }

    /** Top-level roles with guarantees, theirs or of roles below them, that are not met; by name. */
    List<Role> inNeed() {
        return roles.values().stream()
                .filter(role -> role.parent == null && !Quantities.isEmpty(role.need))
                .sorted(Comparator.comparing((Role role) -> role.name))
                .toList();
    }

    /** The outermost role with a limit among the role and those above it. */
    @Nullable
    Role outermostLimited(Role role) {
        Role outermost = null;
        for (Role at = limited == 0 ? null : role; at != null; at = at.parent) {
            outermost = at.limit == null ? outermost : at;
        }
        return outermost;
    }

    /** What the role may still get before one of its limits; null when there is none. */
    long @Nullable [] untilLimit(Role role) {
        if (outermostLimited(role) == null) {
            return null;
        }
        long[] most = new long[names.size()];
        Arrays.fill(most, Long.MAX_VALUE);
        for (Role at = role; at != null; at = at.parent) {
            for (int i = 0; i < most.length; i++) {
                most[i] = Math.min(most[i], at.untilLimit(i));
            }
        }
        return most;
    }

    /**
     * What the role may be given without touching what others are owed; null when nobody is owed anything.
     *
     * @param free the free unreserved resources of the cluster
     * @param claim whether the role may use what it is owed itself
     */
    long @Nullable [] headroom(Role role, long[] free, boolean claim) {
        if (guaranteed == 0) {
            return null;
        }
        long[] most = new long[names.size()];
        for (int i = 0; i < most.length; i++) {
            most[i] = Math.max(0, Quantities.at(free, i) - Quantities.at(required, i)) + (claim ? owed(role, i) : 0);
        }
        return most;
    }

    /** Whether a guarantee of the role, or of one above it, lacks something of these. */
    boolean isOwed(Role role, long[] scalars) {
        for (int i = 0; i < scalars.length; i++) {
            if (scalars[i] > 0 && owed(role, i) > 0) {
                return true;
            }
        }
        return false;
    }

    private static long owed(Role role, int scalar) {
        long most = 0;
        for (Role at = role; at != null; at = at.parent) {
            most = Math.max(most, at.lacking(scalar));
        }
        return most;
    }
}
