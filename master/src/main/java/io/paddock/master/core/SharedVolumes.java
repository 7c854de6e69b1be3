package io.paddock.master.core;

import io.paddock.common.resources.ResourceKey;
import io.paddock.common.resources.Resources;
import io.paddock.master.core.snapshot.OfferView;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Persistent volumes that several may use at once. A shared volume is in every offer of its agent to its role, and each task
 * or executor that uses it holds it once; nobody's use takes it from others.
 */
final class SharedVolumes {
    private SharedVolumes() {}

    private static Set<ResourceKey> keys(Resources resources) {
        return new HashSet<>(resources.unallocated().shared().amounts().keySet());
    }

    private static boolean has(Resources resources, Set<ResourceKey> volumes) {
        return keys(resources).stream().anyMatch(volumes::contains);
    }

    /** Who uses one of these volumes; empty when nobody does, or none is shared. */
    static Optional<String> user(Agent agent, Resources volumes) {
        Set<ResourceKey> shared = keys(volumes);
        if (shared.isEmpty()) {
            return Optional.empty();
        }
        for (TrackedTask task : agent.tasks) {
            if (task.holding && has(task.resources, shared)) {
                return Optional.of("task '" + task.id + "' of framework " + task.frameworkId);
            }
        }
        return agent.executors.entrySet().stream()
                .filter(e -> has(e.getValue().resources(), shared))
                .findFirst()
                .map(e -> "executor '" + e.getKey().executorId() + "' of framework "
                        + e.getKey().frameworkId());
    }

    /** The outstanding offers of an agent with one of these volumes, as far as they are shared. */
    static List<OfferView> offersOf(Agent agent, Resources volumes) {
        Set<ResourceKey> shared = keys(volumes);
        List<OfferView> found = new ArrayList<>();
        if (!shared.isEmpty()) {
            for (OfferView offer : agent.offers.values()) {
                if (has(offer.resources(), shared)) {
                    found.add(offer);
                }
            }
        }
        return found;
    }
}
