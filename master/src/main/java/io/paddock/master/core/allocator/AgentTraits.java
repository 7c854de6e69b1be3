package io.paddock.master.core.allocator;

import java.time.Instant;
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
 * @param maintenanceAt when maintenance of its machine begins, if that is planned: the agent is offered until then, with that
 *     time, and frameworks may not want it
 */
public record AgentTraits(
        Set<Capability> capabilities,
        @Nullable String region,
        @Nullable String zone,
        String hostname,
        Map<String, Optional<String>> attributes,
        @Nullable Instant maintenanceAt) {
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

    /** Without planned maintenance. */
    public AgentTraits(
            Set<Capability> capabilities,
            @Nullable String region,
            @Nullable String zone,
            String hostname,
            Map<String, Optional<String>> attributes) {
        this(capabilities, region, zone, hostname, attributes, null);
    }

    /** Without a name, a zone or attributes. */
    public AgentTraits(Set<Capability> capabilities, @Nullable String region) {
        this(capabilities, region, null, "", Map.of());
    }
}
