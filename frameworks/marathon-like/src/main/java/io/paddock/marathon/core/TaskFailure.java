package io.paddock.marathon.core;

import io.paddock.marathon.core.model.PathId;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * How a task of an app failed.
 *
 * @param state {@code TASK_FAILED} and the like
 * @param version of the app it was started from
 */
public record TaskFailure(
        PathId app,
        String host,
        String message,
        String state,
        String taskId,
        Instant at,
        Instant version,
        @Nullable String agentId) {}
