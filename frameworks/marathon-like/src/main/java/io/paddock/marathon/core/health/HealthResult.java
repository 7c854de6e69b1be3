package io.paddock.marathon.core.health;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** What is known from one health check of one instance. */
public record HealthResult(
        int consecutiveFailures,
        @Nullable Instant firstSuccess,
        @Nullable Instant lastSuccess,
        @Nullable Instant lastFailure,
        @Nullable String lastFailureCause) {

    public static final HealthResult UNKNOWN = new HealthResult(0, null, null, null, null);

    /** What was known before a restart of marathon, until there is a new result. */
    public static HealthResult remembered(boolean healthy, Instant since) {
        return healthy
                ? new HealthResult(0, since, since, null, null)
                : new HealthResult(1, null, null, since, "known from before marathon's restart");
    }

    public boolean isKnown() {
        return lastSuccess != null || lastFailure != null;
    }

    /** Whether the last result was good. */
    public boolean isAlive() {
        return lastSuccess != null && (lastFailure == null || lastSuccess.isAfter(lastFailure));
    }

    public HealthResult succeeded(Instant now) {
        return new HealthResult(0, firstSuccess == null ? now : firstSuccess, now, lastFailure, lastFailureCause);
    }

    public HealthResult failed(Instant now, String cause) {
        return new HealthResult(consecutiveFailures + 1, firstSuccess, lastSuccess, now, cause);
    }
}
