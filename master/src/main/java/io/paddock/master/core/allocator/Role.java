package io.paddock.master.core.allocator;

import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A role with its place in the share tree and its quota. Amounts count the roles below it too.
 *
 * <p>Consumed is what the role has a claim on: all that is reserved to it, used or not, and what is allocated to it of
 * unreserved, non-revocable resources. Source: quota of the Mesos allocator; there for top-level roles only.
 */
final class Role {
    final String name;
    final @Nullable Role parent;
    final Node node;
    /** The frameworks of this very role, a sibling of the roles below it. */
    final Node frameworks;

    /** Frameworks that are subscribed here or still hold something. */
    int clients;

    final TreeMap<String, Role> below = new TreeMap<>();
    long[] reserved = Quantities.NONE;
    /** Allocated but reserved or revocable. */
    long[] apart = Quantities.NONE;

    long @Nullable [] guarantee;
    /** Long.MAX_VALUE where there is no limit. */
    long @Nullable [] limit;
    /** What is lacking to the guarantees of this role and those below. */
    long[] need = Quantities.NONE;

    Role(String name, @Nullable Role parent, Node above) {
        this.name = name;
        this.parent = parent;
        this.node = new Node(parent == null ? name : name.substring(parent.name.length() + 1), above, -1);
        this.frameworks = new Node(".", node, -1);
    }

    long consumed(int scalar) {
        return Quantities.at(reserved, scalar) + Quantities.at(node.allocated, scalar) - Quantities.at(apart, scalar);
    }

    long lacking(int scalar) {
        return guarantee == null ? 0 : Math.max(0, Quantities.at(guarantee, scalar) - consumed(scalar));
    }

    /** What the role may still get of a scalar before its limit; Long.MAX_VALUE without one. */
    long untilLimit(int scalar) {
        if (limit == null || scalar >= limit.length || limit[scalar] == Long.MAX_VALUE) {
            return Long.MAX_VALUE;
        }
        return Math.max(0, limit[scalar] - consumed(scalar));
    }

    /** Whether {@code other} is this role or below it. */
    boolean covers(@Nullable Role other) {
        Role role = other;
        while (role != null && role != this) {
            role = role.parent;
        }
        return role == this;
    }
}
