package io.paddock.batch.core;

import org.jspecify.annotations.Nullable;

/** What a user asks. Answered by one {@link Answer}, after everything decided before is durable. */
public sealed interface Request {
    <R> R accept(Handler<R> handler);

    /** @param history whether finished runs are wanted too */
    record ListJobs(boolean history) implements Request {
        @Override
        public <R> R accept(Handler<R> handler) {
            return handler.listJobs(this);
        }
    }

    /** @param history whether finished runs are wanted too */
    record GetJob(String jobId, boolean history) implements Request {
        @Override
        public <R> R accept(Handler<R> handler) {
            return handler.getJob(this);
        }
    }

    record CreateJob(JobSpec spec, @Nullable Schedule schedule) implements Request {
        @Override
        public <R> R accept(Handler<R> handler) {
            return handler.createJob(this);
        }
    }

    /**
     * Replaces a job.
     *
     * @param replaceSchedule whether the schedule is replaced too (or removed), or kept
     */
    record UpdateJob(
            JobSpec spec, boolean replaceSchedule, @Nullable Schedule schedule) implements Request {
        @Override
        public <R> R accept(Handler<R> handler) {
            return handler.updateJob(this);
        }
    }

    record DeleteJob(String jobId, boolean stopRuns) implements Request {
        @Override
        public <R> R accept(Handler<R> handler) {
            return handler.deleteJob(this);
        }
    }

    record AddSchedule(String jobId, Schedule schedule) implements Request {
        @Override
        public <R> R accept(Handler<R> handler) {
            return handler.addSchedule(this);
        }
    }

    record ReplaceSchedule(String jobId, Schedule schedule) implements Request {
        @Override
        public <R> R accept(Handler<R> handler) {
            return handler.replaceSchedule(this);
        }
    }

    record DeleteSchedule(String jobId, String scheduleId) implements Request {
        @Override
        public <R> R accept(Handler<R> handler) {
            return handler.deleteSchedule(this);
        }
    }

    record StartRun(String jobId, RunOverrides overrides) implements Request {
        @Override
        public <R> R accept(Handler<R> handler) {
            return handler.startRun(this);
        }
    }

    record StopRun(String jobId, String runId) implements Request {
        @Override
        public <R> R accept(Handler<R> handler) {
            return handler.stopRun(this);
        }
    }

    record GetQueue() implements Request {
        @Override
        public <R> R accept(Handler<R> handler) {
            return handler.getQueue(this);
        }
    }

    /** One method per request. */
    interface Handler<R> {
        R listJobs(ListJobs request);

        R getJob(GetJob request);

        R createJob(CreateJob request);

        R updateJob(UpdateJob request);

        R deleteJob(DeleteJob request);

        R addSchedule(AddSchedule request);

        R replaceSchedule(ReplaceSchedule request);

        R deleteSchedule(DeleteSchedule request);

        R startRun(StartRun request);

        R stopRun(StopRun request);

        R getQueue(GetQueue request);
    }
}
