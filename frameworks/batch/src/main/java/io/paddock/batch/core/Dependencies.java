package io.paddock.batch.core;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * When a job with dependencies starts: the latest run of every parent was a success that is newer than the job's own last
 * success, at least one of these is newer than the job's last start, and no run of it is active.
 *
 * <p>With parents a and b: a succeeds (waits for b), b succeeds (starts), a succeeds again (waits for b again).
 */
final class Dependencies {
    private final BatchState state;

    Dependencies(BatchState state) {
        this.state = state;
    }

    /** What the job waits for, in words; empty when it is to be started now. */
    List<String> waitingFor(Job child) {
        List<String> reasons = new ArrayList<>();
        if (!state.runsOf(child.id()).isEmpty()) {
            reasons.add("a run of it is active");
        }
        boolean news = false;
        for (String id : child.spec().dependencies()) {
            Job parent = state.job(id);
            Job.Past past = parent == null ? Job.Past.EMPTY : parent.past();
            Instant success = past.lastSuccessAt();
            if (success == null) {
                reasons.add("job '" + id + "' has not succeeded yet");
            } else if (later(past.lastFailureAt(), success)) {
                reasons.add("the latest run of job '" + id + "' failed");
            } else if (!later(success, child.past().lastSuccessAt())) {
                reasons.add("job '" + id + "' has not succeeded since "
                        + child.past().lastSuccessAt());
            } else {
                news |= later(success, child.past().lastStartedAt());
            }
        }
        if (reasons.isEmpty() && !news) {
            reasons.add("no dependency has succeeded since its last start at "
                    + child.past().lastStartedAt());
        }
        return reasons;
    }

    private static boolean later(@Nullable Instant time, @Nullable Instant than) {
        return time != null && (than == null || time.isAfter(than));
    }
}
