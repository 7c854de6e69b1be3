package io.paddock.master.core.allocator;

import io.paddock.common.Roles;
import io.paddock.common.resources.Resources;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * How an allocator is set up.
 *
 * @param minAllocatable an offer must contain at least one of these bags of scalars; empty accepts anything not empty
 * @param filterGpuResources agents with {@code gpus} are offered to frameworks with GPU_RESOURCES only
 * @param fairSharingExcluded scalar names that do not count in shares
 * @param region the master's own; agents elsewhere are offered to REGION_AWARE frameworks only; null: none is elsewhere
 * @param largeOfferPatience how long a framework with a minimum offer of its own may wait before an agent is held for it;
 *     0: for ever
 * @param packedRoles roles, with all below them, whose frameworks are to fill agents up before they use others
 * @param seed decides the order in which agents are looked at; the same seed and events give the same offers
 */
public record AllocatorOptions(
        List<Resources> minAllocatable,
        boolean filterGpuResources,
        Set<String> fairSharingExcluded,
        @Nullable String region,
        Duration largeOfferPatience,
        Set<String> packedRoles,
        long seed) {
    public AllocatorOptions {
        packedRoles = Set.copyOf(packedRoles);
        minAllocatable = List.copyOf(minAllocatable);
        fairSharingExcluded = Set.copyOf(fairSharingExcluded);
    }

    /** The defaults of Mesos: 0.01 cpus or 32 MB, GPUs filtered. */
    public static AllocatorOptions defaults(long seed) {
        return new AllocatorOptions(
                List.of(Resources.scalar("cpus", 0.01), Resources.scalar("mem", 32)),
                true,
                Set.of(),
                null,
                Duration.ofSeconds(30),
                Set.of(),
                seed);
    }

    /** Whether frameworks of this role are to fill agents up. */
    boolean packs(String role) {
        return packedRoles.contains(role) || packedRoles.stream().anyMatch(packed -> Roles.isAncestor(packed, role));
    }
}
