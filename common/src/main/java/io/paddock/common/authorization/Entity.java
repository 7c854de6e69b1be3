package io.paddock.common.authorization;

import io.paddock.common.Roles;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One side of a rule: whom, or what, it is about.
 *
 * @param kind everything, nothing, or what is named
 * @param values the names; {@code a/%} stands for every role below {@code a}, not for {@code a} itself
 */
public record Entity(Kind kind, Set<String> values) {
    /** How much an entity covers. */
    public enum Kind {
        ANY,
        NONE,
        SOME
    }

    public static final Entity ANY = new Entity(Kind.ANY, Set.of());
    public static final Entity NONE = new Entity(Kind.NONE, Set.of());

    private static final String BELOW = "/%";

    public static Entity some(String... values) {
        return new Entity(Kind.SOME, Set.of(values));
    }

    /** Whether a rule with this side is about the asked one; NONE is about all, to refuse them. */
    boolean concerns(@Nullable String asked, boolean roles) {
        return kind != Kind.SOME || (asked != null && names(asked, roles));
    }

    boolean allows() {
        return kind != Kind.NONE;
    }

    private boolean names(String asked, boolean roles) {
        if (values.contains(asked)) {
            return true;
        }
        if (roles) {
            for (String value : values) {
                if (value.endsWith(BELOW)
                        && Roles.isAncestor(value.substring(0, value.length() - BELOW.length()), asked)) {
                    return true;
                }
            }
        }
        return false;
    }
}
