package io.paddock.master.core.allocator;

import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What of an agent, besides its resources, decides who may be offered it.
 *
 * @param capabilities what the agent understands
 * @param region of its fault domain; null counts as the master's own region
 * @param zone of its fault domain
 * @param attributes texts by name, the first of each name; empty for attributes that are not texts
 */
public record AgentTraits(
        Set<Capability> capabilities,
        @Nullable String region,
        @Nullable String zone,
        String hostname,
        Map<String, Optional<String>> attributes) {
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
        attributes = Map.copyOf(attributes);
    }

    /** Without a name, a zone or attributes. */
    public AgentTraits(Set<Capability> capabilities, @Nullable String region) {
        this(capabilities, region, null, "", Map.of());
    }
}
