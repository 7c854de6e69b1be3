package io.paddock.master.core;

import io.paddock.common.Identifiers;
import io.paddock.common.Rejection;
import io.paddock.common.Roles;
import io.paddock.common.resources.Quantity;
import io.paddock.common.resources.ResourceKey;
import io.paddock.common.resources.Resources;
import io.paddock.master.core.allocator.FrameworkTraits;
import io.paddock.proto.v1.FrameworkInfo;
import io.paddock.proto.v1.OfferFilters;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What a FrameworkInfo must and may say, and what it means for the allocator. */
final class FrameworkDescriptions {
    private static final double MAX_TIMEOUT_SECONDS = Long.MAX_VALUE / 1e9;

    private FrameworkDescriptions() {}

    /** The roles it is subscribed to: role or roles, by its MULTI_ROLE capability. */
    @SuppressWarnings("deprecation") // frameworks without MULTI_ROLE use the role field
    static List<String> rolesOf(FrameworkInfo info) {
        return has(info, FrameworkInfo.Capability.Type.MULTI_ROLE)
                ? List.copyOf(info.getRolesList())
                : List.of(info.getRole());
    }

    static boolean has(FrameworkInfo info, FrameworkInfo.Capability.Type type) {
        return info.getCapabilitiesList().stream().anyMatch(c -> c.getType() == type);
    }

    /**
     * Checks a description given with SUBSCRIBE or UPDATE_FRAMEWORK.
     *
     * @param path of the FrameworkInfo in the call
     * @param principal whom the connection was authenticated as
     */
    static Optional<Rejection> check(String path, FrameworkInfo info, @Nullable String principal) {
        if (info.hasId()) {
            Optional<Rejection> badId =
                    Identifiers.check(path + ".id.value", info.getId().getValue());
            if (badId.isPresent()) {
                return badId;
            }
        }
        double timeout = info.getFailoverTimeout();
        if (!(Math.abs(timeout) <= MAX_TIMEOUT_SECONDS)) {
            return refuse(path + ".failover_timeout: " + timeout + " seconds are not within ±292 years");
        }
        if (info.hasPrincipal() && principal != null && !info.getPrincipal().equals(principal)) {
            return refuse(path + ".principal: '" + info.getPrincipal() + "' is not the authenticated principal '"
                    + principal + "'");
        }
        return checkRoles(path, info);
    }

    @SuppressWarnings("deprecation")
    private static Optional<Rejection> checkRoles(String path, FrameworkInfo info) {
        if (has(info, FrameworkInfo.Capability.Type.MULTI_ROLE)) {
            if (info.hasRole()) {
                return refuse(path + ".role: must not be set by a framework with MULTI_ROLE; use roles");
            }
            Set<String> seen = new HashSet<>();
            for (int i = 0; i < info.getRolesCount(); i++) {
                Optional<Rejection> bad = Roles.check(path + ".roles[" + i + "]", info.getRoles(i));
                if (bad.isPresent()) {
                    return bad;
                }
                if (!seen.add(info.getRoles(i))) {
                    return refuse(path + ".roles[" + i + "]: role '" + info.getRoles(i) + "' is given twice");
                }
            }
            return Optional.empty();
        }
        if (info.getRolesCount() > 0) {
            return refuse(path + ".roles: needs the capability MULTI_ROLE; without it use role");
        }
        return Roles.check(path + ".role", info.getRole());
    }

    /** What the allocator has to know. */
    static FrameworkTraits traits(Framework framework) {
        EnumSet<FrameworkTraits.Capability> capabilities = EnumSet.noneOf(FrameworkTraits.Capability.class);
        for (FrameworkTraits.Capability capability : FrameworkTraits.Capability.values()) {
            if (framework.has(FrameworkInfo.Capability.Type.valueOf(capability.name()))) {
                capabilities.add(capability);
            }
        }
        Map<String, List<Resources>> minimum = new HashMap<>();
        framework.info().getOfferFiltersMap().forEach((role, filters) -> {
            if (filters.hasMinAllocatableResources()) {
                minimum.put(role, minimum(filters));
            }
        });
        // A framework subscribed to no role gets no offers; its tasks in former roles stay its own.
        List<String> roles = framework.roles().isEmpty() ? List.of(Roles.DEFAULT) : framework.roles();
        List<String> suppressed = framework.roles().isEmpty() ? roles : framework.suppressedRoles();
        return new FrameworkTraits(
                Set.copyOf(roles),
                Set.copyOf(suppressed),
                capabilities,
                minimum,
                framework.terms().byRole());
    }

    private static List<Resources> minimum(OfferFilters filters) {
        List<Resources> bags = new ArrayList<>();
        for (OfferFilters.ResourceQuantities quantities :
                filters.getMinAllocatableResources().getQuantitiesList()) {
            Map<ResourceKey, Quantity> bag = new HashMap<>();
            quantities
                    .getQuantitiesMap()
                    .forEach((name, scalar) ->
                            bag.put(ResourceKey.of(name), Quantity.Scalar.of(Math.max(0, scalar.getValue()))));
            bags.add(Resources.of(bag));
        }
        return bags;
    }

    private static Optional<Rejection> refuse(String message) {
        return Optional.of(Rejection.invalid(message));
    }
}
