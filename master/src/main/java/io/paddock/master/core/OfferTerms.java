package io.paddock.master.core;

import io.paddock.master.core.constraints.ConstraintReader;
import io.paddock.master.core.constraints.RegexLimits;
import io.paddock.master.core.constraints.RoleConstraint;
import io.paddock.proto.v1.FrameworkInfo;
import io.paddock.proto.v1.scheduler.Call;
import io.paddock.proto.v1.scheduler.OfferConstraints;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Which offers a framework wants, besides what stands in its FrameworkInfo. Given anew with each SUBSCRIBE and
 * UPDATE_FRAMEWORK, and not remembered by the registry: a scheduler that comes back says it again.
 *
 * @param suppressedRoles roles in which it wants none
 * @param constraints as the scheduler wrote them; null when it wrote none
 * @param byRole the same, compiled
 */
record OfferTerms(
        List<String> suppressedRoles, @Nullable OfferConstraints constraints, Map<String, RoleConstraint> byRole) {
    static final OfferTerms NONE = new OfferTerms(List.of(), null, Map.of());

    OfferTerms {
        suppressedRoles = List.copyOf(suppressedRoles);
        byRole = Map.copyOf(byRole);
    }

    /** @throws IllegalArgumentException naming the field that does not fit */
    static OfferTerms of(Call.Subscribe call, RegexLimits limits) {
        return of(
                "subscribe",
                call.getFrameworkInfo(),
                call.getSuppressedRolesList(),
                call.hasOfferConstraints() ? call.getOfferConstraints() : null,
                limits);
    }

    /** @throws IllegalArgumentException naming the field that does not fit */
    static OfferTerms of(Call.UpdateFramework call, RegexLimits limits) {
        return of(
                "update_framework",
                call.getFrameworkInfo(),
                call.getSuppressedRolesList(),
                call.hasOfferConstraints() ? call.getOfferConstraints() : null,
                limits);
    }

    private static OfferTerms of(
            String path,
            FrameworkInfo info,
            List<String> suppressed,
            @Nullable OfferConstraints constraints,
            RegexLimits limits) {
        List<String> roles = FrameworkDescriptions.rolesOf(info);
        for (int i = 0; i < suppressed.size(); i++) {
            if (!roles.contains(suppressed.get(i))) {
                throw new IllegalArgumentException(path + ".suppressed_roles[" + i + "]: role '" + suppressed.get(i)
                        + "' is not one of the framework's roles " + roles);
            }
        }
        return new OfferTerms(
                suppressed,
                constraints,
                constraints == null
                        ? Map.of()
                        : ConstraintReader.read(path + ".offer_constraints", constraints, roles, limits));
    }

    OfferTerms suppressing(List<String> roles) {
        return new OfferTerms(roles, constraints, byRole);
    }
}
