package io.paddock.executor.core;

import io.paddock.proto.v1.HealthCheck;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Judges the results of a task's health check.
 *
 * <p>Failures within the grace period after the start do not count until the first success. Every counted failure is
 * reported; a success is reported when it is the first or follows a failure. As many failures in a row as the check allows
 * end the task. Source: the health checker of the Mesos executors.
 */
final class HealthWatch {
    /** What a result means. */
    enum Verdict {
        NOTHING_NEW,
        HEALTHY,
        UNHEALTHY,
        UNHEALTHY_FOR_GOOD
    }

    private final Instant graceUntil;
    private final int failuresAllowed;
    private boolean everPassed;
    private int failures;

    HealthWatch(HealthCheck check, Instant runningSince) {
        this.graceUntil = runningSince.plus(Seconds.of(check.getGracePeriodSeconds()));
        this.failuresAllowed = check.getConsecutiveFailures();
    }

    /** Takes up what was reported before the executor's host went down; how many failures there were is lost. */
    void recover(@Nullable Boolean reportedHealthy) {
        everPassed = Boolean.TRUE.equals(reportedHealthy);
    }

    Verdict judge(Instant now, CheckOutcome outcome) {
        if (outcome.passed()) {
            boolean news = !everPassed || failures > 0;
            everPassed = true;
            failures = 0;
            return news ? Verdict.HEALTHY : Verdict.NOTHING_NEW;
        }
        if (!everPassed && !now.isAfter(graceUntil)) {
            return Verdict.NOTHING_NEW;
        }
        failures++;
        return failures >= failuresAllowed ? Verdict.UNHEALTHY_FOR_GOOD : Verdict.UNHEALTHY;
    }

    int failures() {
        return failures;
    }
}
