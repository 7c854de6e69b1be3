package io.paddock.master.core.allocator;

import io.paddock.common.resources.Quantity.Scalar;
import java.util.Map;

/**
 * The quota of a role and all roles below it.
 *
 * @param guarantees by scalar name: kept free for the role while it has less; absent is none
 * @param limits by scalar name: the role never gets more; absent is no limit
 */
public record Quota(Map<String, Scalar> guarantees, Map<String, Scalar> limits) {
    public static final Quota NONE = new Quota(Map.of(), Map.of());

    public Quota {
        guarantees = Map.copyOf(guarantees);
        limits = Map.copyOf(limits);
    }
}
