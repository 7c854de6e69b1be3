package io.paddock.platform.security;

import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Whom a request was authenticated as.
 *
 * @param value the name; absent for a token that only carries claims, as executors have
 * @param claims what a token says besides
 */
public record Principal(Optional<String> value, SortedMap<String, String> claims) {
    public static Principal named(String name) {
        return new Principal(Optional.of(name), new TreeMap<>());
    }
}
