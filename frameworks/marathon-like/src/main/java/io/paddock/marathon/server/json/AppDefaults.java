package io.paddock.marathon.server.json;

import org.jspecify.annotations.Nullable;

/**
 * What is filled in where an app says nothing.
 *
 * @param role the role offers are taken in
 * @param networkName of container networks without a name; absent when such are refused
 */
public record AppDefaults(String role, @Nullable String networkName) {}
