package io.paddock.batch.core;

import java.time.Instant;
import java.util.List;

/**
 * A run that is over, as the history keeps it.
 *
 * @param reason why it ended as it did, in words
 */
public record FinishedRun(
        String id,
        String jobId,
        boolean success,
        Instant createdAt,
        Instant finishedAt,
        int attempts,
        String reason,
        List<RunTask> tasks) {}
