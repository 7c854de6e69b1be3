package io.paddock.master.core.allocator;

import io.paddock.common.resources.Resources;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What a framework asks for and can handle.
 *
 * @param roles the roles it is subscribed to, at least one
 * @param suppressedRoles those of them in which it wants no offers for now; others are ignored
 * @param capabilities what it understands
 * @param minAllocatable by role, replaces the allocator's default: an offer must contain at least one of the bags of
 *     scalars (by name, whatever they are reserved to); an empty list accepts anything that is not empty
 * @param constraints by role: the agents it may be offered, all where a role is missing; what is equal must decide alike,
 *     as every agent is asked once, not in every run
 */
public record FrameworkTraits(
        Set<String> roles,
        Set<String> suppressedRoles,
        Set<Capability> capabilities,
        Map<String, List<Resources>> minAllocatable,
        Map<String, ? extends AgentConstraint> constraints) {
    /** The framework capabilities that matter here, named as in the v1 API. */
    public enum Capability {
        REVOCABLE_RESOURCES,
        GPU_RESOURCES,
        SHARED_RESOURCES,
        MULTI_ROLE,
        RESERVATION_REFINEMENT,
        REGION_AWARE
    }

    public FrameworkTraits {
        if (roles.isEmpty()) {
            throw new IllegalArgumentException("a framework needs at least one role");
        }
        roles = Set.copyOf(roles);
        suppressedRoles = Set.copyOf(suppressedRoles);
        capabilities = Set.copyOf(capabilities);
        minAllocatable = Map.copyOf(minAllocatable);
        constraints = Map.copyOf(constraints);
    }

    /** Without constraints. */
    public FrameworkTraits(
            Set<String> roles,
            Set<String> suppressedRoles,
            Set<Capability> capabilities,
            Map<String, List<Resources>> minAllocatable) {
        this(roles, suppressedRoles, capabilities, minAllocatable, Map.of());
    }

    /** Subscribed to these roles, multi-role, nothing suppressed, nothing special. */
    public static FrameworkTraits of(String... roles) {
        return new FrameworkTraits(Set.of(roles), Set.of(), Set.of(Capability.MULTI_ROLE), Map.of());
    }
}
