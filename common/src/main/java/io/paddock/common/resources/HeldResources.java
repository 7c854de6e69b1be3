package io.paddock.common.resources;

import java.util.HashMap;
import java.util.Map;

/** What several hold, added up. What is shared counts once for all of them, as each holds the whole. Not thread-safe. */
public final class HeldResources {
    private final Map<ResourceKey, Integer> holders = new HashMap<>(); // of what is shared
    private Resources sum = Resources.EMPTY;

    public static Resources sum(Iterable<Resources> parts) {
        HeldResources held = new HeldResources();
        parts.forEach(held::add);
        return held.sum();
    }

    public void add(Resources resources) {
        sum = sum.plus(
                hasShared(resources)
                        ? resources.filter(key -> !key.shared() || holders.merge(key, 1, Integer::sum) == 1)
                        : resources);
    }

    /** Takes away what was added before. */
    public void remove(Resources resources) {
        sum = sum.minus(hasShared(resources) ? resources.filter(key -> !key.shared() || isLast(key)) : resources);
    }

    /** Seldom: for each launch of a task, the copy that a filter makes would count. */
    private static boolean hasShared(Resources resources) {
        for (ResourceKey key : resources.amounts().keySet()) {
            if (key.shared()) {
                return true;
            }
        }
        return false;
    }

    private boolean isLast(ResourceKey shared) {
        return holders.computeIfPresent(shared, (key, number) -> number == 1 ? null : number - 1) == null;
    }

    public Resources sum() {
        return sum;
    }
}
