package io.paddock.master.core;

import io.paddock.master.core.allocator.AgentTraits;
import io.paddock.proto.v1.AgentInfo;
import io.paddock.proto.v1.Attribute;
import io.paddock.proto.v1.DomainInfo.FaultDomain;
import io.paddock.proto.v1.Unavailability;
import io.paddock.proto.v1.Value;
import java.util.Collection;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What an agent's description means for the allocator. */
public final class AgentDescriptions {
    private AgentDescriptions() {}

    /** @param unavailability what is planned for its machine; null when nothing is */
    public static AgentTraits traits(
            AgentInfo info, Collection<AgentInfo.Capability> given, @Nullable Unavailability unavailability) {
        EnumSet<AgentTraits.Capability> capabilities = EnumSet.noneOf(AgentTraits.Capability.class);
        for (AgentTraits.Capability capability : AgentTraits.Capability.values()) {
            if (given.stream().anyMatch(c -> c.getType().name().equals(capability.name()))) {
                capabilities.add(capability);
            }
        }
        FaultDomain domain =
                info.getDomain().hasFaultDomain() ? info.getDomain().getFaultDomain() : null;
        Map<String, Optional<String>> attributes = new HashMap<>();
        for (Attribute attribute : info.getAttributesList()) {
            attributes.putIfAbsent(
                    attribute.getName(),
                    attribute.getType() == Value.Type.TEXT
                            ? Optional.of(attribute.getText().getValue())
                            : Optional.empty());
        }
        return new AgentTraits(
                capabilities,
                domain == null ? null : domain.getRegion().getName(),
                domain == null ? null : domain.getZone().getName(),
                info.getHostname(),
                attributes,
                unavailability == null ? null : Ids.instant(unavailability.getStart()));
    }
}
