package io.paddock.marathon.core.model;

import org.jspecify.annotations.Nullable;

/**
 * What each instance needs.
 *
 * @param cpus cores
 * @param mem MiB
 * @param disk MiB
 * @param gpus whole devices
 * @param cpusLimit most cores it may use, {@link Double#POSITIVE_INFINITY} for all, absent for the agent's rule
 * @param memLimit most MiB it may use, likewise
 */
public record Sizing(
        double cpus,
        double mem,
        double disk,
        int gpus,
        @Nullable Double cpusLimit,
        @Nullable Double memLimit) {}
