package io.paddock.marathon.core.launch;

import io.paddock.marathon.core.model.Rollout;
import java.time.Duration;
import java.time.Instant;

/**
 * How long an app that keeps failing waits before its next start: {@code backoffSeconds} after the first failure,
 * multiplied by {@code backoffFactor} at each further one, never more than {@code maxLaunchDelaySeconds}. Forgotten when
 * the app has been quiet for the longest delay. Launches that go well do not wait. Not kept over a restart.
 *
 * @param delay zero before any failure
 * @param until when the app may be launched again; in the past when it may now
 * @param lastActivity the last failure or launch
 */
public record Backoff(Duration delay, Instant until, Instant lastActivity) {
    public static final Backoff NONE = new Backoff(Duration.ZERO, Instant.EPOCH, Instant.EPOCH);

    /** An instance failed now. */
    public Backoff failed(Rollout rollout, Instant now) {
        Duration cap = rollout.maxLaunchDelay();
        Duration next = isStale(rollout, now)
                ? rollout.backoff()
                : Duration.ofMillis(Math.round(delay.toMillis() * rollout.backoffFactor()));
        Duration capped = next.compareTo(cap) > 0 ? cap : next;
        return new Backoff(capped, now.plus(capped), now);
    }

    /** A launch went on now: the past failures stay remembered. */
    public Backoff launched(Rollout rollout, Instant now) {
        return isStale(rollout, now) ? NONE : new Backoff(delay, until, now);
    }

    private boolean isStale(Rollout rollout, Instant now) {
        Instant quietSince = until.isAfter(lastActivity) ? until : lastActivity;
        return delay.isZero() || quietSince.plus(rollout.maxLaunchDelay()).isBefore(now);
    }
}
