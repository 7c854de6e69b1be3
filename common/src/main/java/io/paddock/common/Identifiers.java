package io.paddock.common;

import java.util.Optional;

/**
 * The rule every client-chosen identifier obeys (tasks, executors, frameworks, …), which makes it safe as one path
 * segment: non-empty, at most 255 bytes, not {@code .} or {@code ..}, no {@code /}, {@code \} or control character.
 * Source: the identifier rules of the Mesos v1 API.
 */
public final class Identifiers {
    private static final int MAX_BYTES = 255;

    private Identifiers() {}

    /**
     * Checks one identifier.
     *
     * @param field the path of the field it was read from, used in the message
     * @return why it is refused, or empty when it is fine
     */
    public static Optional<Rejection> check(String field, String id) {
        if (id.isEmpty()) {
            return refuse(field, "must not be empty");
        }
        if (id.getBytes(java.nio.charset.StandardCharsets.UTF_8).length > MAX_BYTES) {
            return refuse(field, "must not be longer than " + MAX_BYTES + " bytes");
        }
        if (id.equals(".") || id.equals("..")) {
            return refuse(field, "must not be '" + id + "'");
        }
        for (int i = 0; i < id.length(); i++) {
            char c = id.charAt(i);
            if (c == '/' || c == '\\' || Character.isISOControl(c)) {
                return refuse(field, "must not contain '/', '\\' or control characters");
            }
        }
        return Optional.empty();
    }

    private static Optional<Rejection> refuse(String field, String why) {
        return Optional.of(Rejection.invalid(field + ": " + why));
    }
}
