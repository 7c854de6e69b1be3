package io.paddock.marathon.core.model;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where instances may run.
 *
 * @param constraints all must hold
 * @param acceptedResourceRoles which reservations may be used; absent for any
 * @param role the role offers are taken in
 */
public record Placement(
        List<Constraint> constraints, @Nullable List<String> acceptedResourceRoles, String role) {

    public Placement {
        constraints = List.copyOf(constraints);
        acceptedResourceRoles = acceptedResourceRoles == null ? null : List.copyOf(acceptedResourceRoles);
    }

    /** Whether resources reserved to a role ({@code *} for unreserved ones) may be used. */
    public boolean accepts(String reservedTo) {
        return acceptedResourceRoles == null || acceptedResourceRoles.contains(reservedTo);
    }
}
