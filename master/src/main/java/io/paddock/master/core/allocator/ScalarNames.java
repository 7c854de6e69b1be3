package io.paddock.master.core.allocator;

import io.paddock.common.resources.Quantity;
import io.paddock.common.resources.Quantity.Scalar;
import io.paddock.common.resources.ResourceKey;
import io.paddock.common.resources.Resources;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Dense numbers for the names of scalars, in the order in which they are first seen, and the way in and out of bags. */
final class ScalarNames {
    static final int GPUS = 3;

    private final Map<String, Integer> ids = new HashMap<>();
    private final List<ResourceKey> keys = new ArrayList<>();

    ScalarNames() {
        List.of("cpus", "mem", "disk", "gpus").forEach(this::id);
    }

    int id(String name) {
        Integer known = ids.get(name);
        if (known != null) {
            return known;
        }
        ids.put(name, keys.size());
        keys.add(ResourceKey.of(name));
        return keys.size() - 1;
    }

    int size() {
        return keys.size();
    }

    String name(int id) {
        return keys.get(id).name();
    }

    Bag bag(Resources resources) {
        long[] scalars = new long[keys.size()];
        Resources.Builder rest = null;
        for (Map.Entry<ResourceKey, Quantity> e : resources.amounts().entrySet()) {
            ResourceKey key = e.getKey();
            if (e.getValue() instanceof Scalar scalar && isPlain(key)) {
                int id = id(key.name());
                if (id >= scalars.length) {
                    scalars = java.util.Arrays.copyOf(scalars, id + 1);
                }
                scalars[id] += scalar.thousandths();
            } else {
                rest = rest == null ? new Resources.Builder() : rest;
                rest.add(key.allocationRole() == null ? key : key.withAllocationRole(null), e.getValue());
            }
        }
        return new Bag(scalars, rest == null ? Resources.EMPTY : rest.build());
    }

    Resources resources(long[] scalars, Resources rest) {
        Resources.Builder builder = new Resources.Builder().add(rest);
        for (int i = 0; i < scalars.length; i++) {
            if (scalars[i] != 0) {
                builder.add(keys.get(i), new Scalar(scalars[i]));
            }
        }
        return builder.build();
    }

    /** The sums of scalars by name, whatever they are reserved to. */
    long[] quantities(Resources resources) {
        long[] sums = new long[keys.size()];
        for (Map.Entry<ResourceKey, Quantity> e : resources.amounts().entrySet()) {
            if (e.getValue() instanceof Scalar scalar) {
                int id = id(e.getKey().name());
                sums = id < sums.length ? sums : java.util.Arrays.copyOf(sums, id + 1);
                sums[id] += scalar.thousandths();
            }
        }
        return sums;
    }

    private static boolean isPlain(ResourceKey key) {
        return key.reservations().isEmpty()
                && key.disk() == null
                && !key.revocable()
                && !key.shared()
                && key.providerId() == null;
    }
}
