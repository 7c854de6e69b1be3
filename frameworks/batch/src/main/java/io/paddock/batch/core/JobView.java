package io.paddock.batch.core;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A job with all that is known about it.
 *
 * @param nextRunAt when its schedule fires next; null: it does not
 * @param activeRuns oldest first
 * @param finishedRuns newest first; empty when they were not asked for
 * @param waitingFor why it does not start by itself yet, for a job with dependencies; empty otherwise
 */
public record JobView(
        Job job,
        @Nullable Instant nextRunAt,
        List<RunView> activeRuns,
        List<FinishedRun> finishedRuns,
        List<String> waitingFor) {}
