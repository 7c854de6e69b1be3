package io.paddock.marathon.core.health;

import org.jspecify.annotations.Nullable;

/**
 * What is known from the readiness check of one instance.
 *
 * @param last the last answer, when the check preserves it
 */
public record Readiness(
        String name, String taskId, boolean ready, @Nullable CheckOutcome last) {}
