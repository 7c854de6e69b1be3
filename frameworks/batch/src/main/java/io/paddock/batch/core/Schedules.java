package io.paddock.batch.core;

import io.paddock.batch.core.Agenda.Due.Kind;
import java.time.Duration;
import java.time.Instant;

/**
 * Fires schedules. The time acted on is remembered with the job in the same write as the run it starts, so that another
 * leader neither fires it again nor, once it was written, loses it. Times missed while nobody led are not caught up.
 */
final class Schedules {
    private final Workbench bench;
    private final RunControl runs;

    Schedules(Workbench bench, RunControl runs) {
        this.bench = bench;
        this.runs = runs;
    }

    /** Notes when a job fires next, if it does. */
    void arm(Instant now, Job job) {
        Schedule schedule = job.schedule();
        bench.agenda().remove(Kind.FIRE, job.id());
        if (schedule != null && schedule.enabled()) {
            Instant slot = job.past().lastSlot();
            Instant after = slot != null && slot.isAfter(now) ? slot : now;
            bench.fireTimes()
                    .next(schedule, after)
                    .ifPresent(next -> bench.agenda().put(Kind.FIRE, job.id(), next));
        }
    }

    void disarm(String jobId) {
        bench.agenda().remove(Kind.FIRE, jobId);
    }

    /** A schedule's time has come. */
    void fire(Instant now, String jobId, Instant slot) {
        Job job = bench.state().job(jobId);
        if (job == null || job.schedule() == null) {
            return;
        }
        Schedule schedule = job.schedule();
        Job fired = job.with(job.past().fired(slot));
        Duration limit = Duration.ofSeconds(schedule.startingDeadlineSeconds());
        boolean busy =
                schedule.forbidConcurrent() && !bench.state().runsOf(jobId).isEmpty();
        if (busy || slot.plus(limit).isBefore(now)) {
            bench.outbox().change(new Change.PutJob(fired));
        } else {
            runs.create(now, fired, limit, RunOverrides.NONE);
        }
        arm(now, fired);
    }
}
