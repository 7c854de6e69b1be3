package io.paddock.master.core.allocator;

import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What of an agent, besides its resources, decides who may be offered it.
 *
 * @param capabilities what the agent understands
 * @param region of its fault domain; null counts as the master's own region
 */
public record AgentTraits(
        Set<Capability> capabilities, @Nullable String region) {
    /** The agent capabilities that matter here, named as in the v1 API. */
    public enum Capability {
        MULTI_ROLE,
        HIERARCHICAL_ROLE,
        RESERVATION_REFINEMENT
    }

    /** An agent of our own kind, in the master's region. */
    public static final AgentTraits MODERN = new AgentTraits(Set.of(Capability.values()), null);

    public AgentTraits {
        capabilities = Set.copyOf(capabilities);
    }
}
