package io.paddock.common.resources;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One level of a reservation stack.
 *
 * @param type static (from the agent's flags) or dynamic (by an operation)
 * @param role whom it is reserved to
 * @param principal who reserved it, if known
 * @param labels free labels given with the operation
 */
public record Reservation(Type type, String role, @Nullable String principal, List<Label> labels) {
    /** How the reservation came about. */
    public enum Type {
        STATIC,
        DYNAMIC
    }

    /** A key with an optional value. */
    public record Label(String key, @Nullable String value) {}

    public Reservation {
        labels = List.copyOf(labels);
    }
}
