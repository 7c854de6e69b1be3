package io.paddock.batch.core;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Something others may want to know as it happens.
 *
 * @param run as it is after the news; null for news of a job
 * @param detail why, in words; may be empty
 */
public record News(
        Kind kind, Instant at, String jobId, @Nullable Run run, String detail) {
    /** What has happened. */
    public enum Kind {
        JOB_CREATED,
        JOB_UPDATED,
        JOB_DELETED,
        RUN_CREATED,
        TASK_LAUNCHED,
        TASK_STATUS,
        RUN_SUCCEEDED,
        RUN_FAILED
    }

    static News ofJob(Kind kind, Instant at, String jobId) {
        return new News(kind, at, jobId, null, "");
    }

    static News ofRun(Kind kind, Instant at, Run run, String detail) {
        return new News(kind, at, run.jobId(), run, detail);
    }
}
