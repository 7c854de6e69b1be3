package io.paddock.batch.core;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One run of a job that is not over.
 *
 * @param spec of the job when the run was created, with what is different in this run: a later change of the job does
 *     not touch it
 * @param deadline to have a task running
 * @param attempts how many tasks were launched for it
 * @param failures how many of them failed
 * @param notBefore the next task is not launched earlier
 * @param stopping whether it was told to stop
 * @param tasks the newest last; of many only the last ones are kept
 */
public record Run(
        String id,
        String jobId,
        RunSpec spec,
        Map<String, String> labels,
        RunPhase phase,
        Instant createdAt,
        Instant deadline,
        int attempts,
        int failures,
        Instant notBefore,
        boolean stopping,
        List<RunTask> tasks) {
    private static final int TASKS_KEPT = 20;

    static Run create(String id, JobSpec job, Instant now, Instant deadline) {
        return new Run(
                id, job.id(), job.run(), job.labels(), RunPhase.INITIAL, now, deadline, 0, 0, now, false, List.of());
    }

    Run to(RunPhase next) {
        RunPhase changed = next == phase ? next : RunPhase.LIFECYCLE.require(jobId + " " + id, phase, next);
        return new Run(
                id, jobId, spec, labels, changed, createdAt, deadline, attempts, failures, notBefore, stopping, tasks);
    }

    Run launched(RunTask task) {
        List<RunTask> more = new ArrayList<>(tasks);
        more.add(task);
        List<RunTask> kept = more.subList(Math.max(0, more.size() - TASKS_KEPT), more.size());
        return new Run(
                id,
                jobId,
                spec,
                labels,
                phase,
                createdAt,
                deadline,
                attempts + 1,
                failures,
                notBefore,
                stopping,
                List.copyOf(kept));
    }

    Run with(RunTask last) {
        List<RunTask> changed = new ArrayList<>(tasks);
        changed.set(changed.size() - 1, last);
        return new Run(
                id,
                jobId,
                spec,
                labels,
                phase,
                createdAt,
                deadline,
                attempts,
                failures,
                notBefore,
                stopping,
                List.copyOf(changed));
    }

    Run failedOnce(Instant retryAt) {
        return new Run(
                id, jobId, spec, labels, phase, createdAt, deadline, attempts, failures + 1, retryAt, stopping, tasks);
    }

    /** Back in the queue without a failure. */
    Run putBack(Instant retryAt) {
        return new Run(
                id, jobId, spec, labels, phase, createdAt, deadline, attempts, failures, retryAt, stopping, tasks);
    }

    Run stop() {
        return new Run(id, jobId, spec, labels, phase, createdAt, deadline, attempts, failures, notBefore, true, tasks);
    }

    /** The task launched last, if there was one. */
    public @Nullable RunTask lastTask() {
        return tasks.isEmpty() ? null : tasks.get(tasks.size() - 1);
    }

    /** The task that may still be running, if any. */
    public @Nullable RunTask liveTask() {
        RunTask last = lastTask();
        return last != null && last.alive() ? last : null;
    }
}
