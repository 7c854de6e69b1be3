package io.paddock.marathon.core.model;

import org.jspecify.annotations.Nullable;

/**
 * A rule about the agents of an app's instances.
 *
 * @param field {@code hostname}, {@code @hostname}, {@code @region}, {@code @zone} or the name of an attribute
 * @param operator how agents are compared
 * @param value what they are compared with, for the operators that take one
 */
public record Constraint(
        String field, Operator operator, @Nullable String value) {
    /** How agents are compared. */
    public enum Operator {
        /** No two instances on agents with the same value. */
        UNIQUE,
        /** All instances on agents with the same value. */
        CLUSTER,
        /** Instances spread evenly over the values. */
        GROUP_BY,
        /** The value matches a regular expression. */
        LIKE,
        /** The value does not match a regular expression. */
        UNLIKE,
        /** At most so many instances for each value. */
        MAX_PER,
        /** The value equals. */
        IS
    }
}
