package io.paddock.batch.core;

/**
 * Why a request is refused.
 *
 * @param kind decides status and form of the answer
 * @param jobId the job it was about
 * @param subject the unknown schedule's or run's id; empty otherwise
 */
public record Refusal(Kind kind, String message, String jobId, String subject) {
    /** Kinds of refusal. */
    public enum Kind {
        UNKNOWN_JOB,
        UNKNOWN_SCHEDULE,
        UNKNOWN_RUN,
        CONFLICT,
        UNPROCESSABLE
    }

    static Refusal unknownJob(String jobId) {
        return new Refusal(Kind.UNKNOWN_JOB, "Job '" + jobId + "' does not exist", jobId, "");
    }

    public static Refusal unknownSchedule(String jobId, String scheduleId) {
        return new Refusal(
                Kind.UNKNOWN_SCHEDULE, "Job '" + jobId + "' has no schedule '" + scheduleId + "'", jobId, scheduleId);
    }

    public static Refusal unknownRun(String jobId, String runId) {
        return new Refusal(Kind.UNKNOWN_RUN, "Job '" + jobId + "' has no active run '" + runId + "'", jobId, runId);
    }

    static Refusal conflict(String jobId, String message) {
        return new Refusal(Kind.CONFLICT, message, jobId, "");
    }

    static Refusal unprocessable(String jobId, String message) {
        return new Refusal(Kind.UNPROCESSABLE, message, jobId, "");
    }
}
