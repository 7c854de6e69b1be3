package io.paddock.batch.core;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A job as it is kept.
 *
 * @param schedule at most one; null: started by hand or by dependencies
 */
public record Job(JobSpec spec, @Nullable Schedule schedule, Past past) {
    /**
     * What is remembered of a job's runs as a whole.
     *
     * @param lastStartedAt when its newest run was created
     * @param lastSlot the newest time of its schedule that was acted on; never acted on again
     */
    public record Past(
            long successCount,
            long failureCount,
            @Nullable Instant lastSuccessAt,
            @Nullable Instant lastFailureAt,
            @Nullable Instant lastStartedAt,
            @Nullable Instant lastSlot) {
        public static final Past EMPTY = new Past(0, 0, null, null, null, null);

        Past started(Instant at) {
            return new Past(successCount, failureCount, lastSuccessAt, lastFailureAt, at, lastSlot);
        }

        Past fired(Instant slot) {
            return new Past(successCount, failureCount, lastSuccessAt, lastFailureAt, lastStartedAt, slot);
        }

        Past finished(Instant at, boolean success) {
            return success
                    ? new Past(successCount + 1, failureCount, at, lastFailureAt, lastStartedAt, lastSlot)
                    : new Past(successCount, failureCount + 1, lastSuccessAt, at, lastStartedAt, lastSlot);
        }
    }

    public String id() {
        return spec.id();
    }

    Job with(JobSpec newSpec) {
        return new Job(newSpec, schedule, past);
    }

    Job with(@Nullable Schedule newSchedule) {
        return new Job(spec, newSchedule, past);
    }

    Job with(Past newPast) {
        return new Job(spec, schedule, newPast);
    }
}
