package io.paddock.common;

import java.util.Optional;

/**
 * Role names: {@code *} is the default role, {@code /} separates the levels of a hierarchy. Source: the role rules of the
 * Mesos v1 API.
 */
public final class Roles {
    public static final String DEFAULT = "*";

    private Roles() {}

    /**
     * Checks one role name.
     *
     * @param field the path of the field it was read from, used in the message
     * @return why it is refused, or empty when it is fine
     */
    public static Optional<Rejection> check(String field, String role) {
        if (role.equals(DEFAULT)) {
            return Optional.empty();
        }
        if (role.isEmpty()) {
            return refuse(field, role, "must not be empty");
        }
        for (String part : role.split("/", -1)) {
            if (part.isEmpty()) {
                return refuse(field, role, "must not start or end with '/' or contain '//'");
            }
            if (part.equals(".") || part.equals("..") || part.equals(DEFAULT)) {
                return refuse(field, role, "must not contain '" + part + "' as a level");
            }
            if (part.startsWith("-")) {
                return refuse(field, role, "must not have a level that starts with '-'");
            }
        }
        for (int i = 0; i < role.length(); i++) {
            char c = role.charAt(i);
            if (c == '\\' || c == ' ' || c == 0x7f || (c >= 0x09 && c <= 0x0d)) {
                return refuse(field, role, "must not contain backslashes, spaces or control characters");
            }
        }
        return Optional.empty();
    }

    /** Whether {@code ancestor} is above {@code role} in the hierarchy; a role is not above itself. */
    public static boolean isAncestor(String ancestor, String role) {
        return role.length() > ancestor.length() && role.startsWith(ancestor) && role.charAt(ancestor.length()) == '/';
    }

    private static Optional<Rejection> refuse(String field, String role, String why) {
        return Optional.of(Rejection.invalid(field + ": role '" + role + "' " + why));
    }
}
