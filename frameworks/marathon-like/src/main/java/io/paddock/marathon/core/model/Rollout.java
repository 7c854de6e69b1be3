package io.paddock.marathon.core.model;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How instances are started, replaced and stopped.
 *
 * @param backoffSeconds wait after the first failure
 * @param backoffFactor each further failure multiplies the wait
 * @param maxLaunchDelaySeconds the longest wait
 * @param killGracePeriodSeconds between the polite and the hard end of an instance; the agent's default when absent
 * @param unreachable what happens to instances on lost agents; absent means they are waited for without end
 */
public record Rollout(
        UpgradeStrategy upgrade,
        int backoffSeconds,
        double backoffFactor,
        int maxLaunchDelaySeconds,
        @Nullable Integer killGracePeriodSeconds,
        KillSelection killSelection,
        @Nullable Unreachable unreachable) {

    /**
     * Bounds of a rolling replacement, as parts of the number of instances.
     *
     * @param minimumHealthCapacity 0 to 1: how many must stay healthy
     * @param maximumOverCapacity 0 to 1: how many may run on top
     */
    public record UpgradeStrategy(double minimumHealthCapacity, double maximumOverCapacity) {
        public static final UpgradeStrategy DEFAULT = new UpgradeStrategy(1, 1);
    }

    /** Which instances go first when there are too many. */
    public enum KillSelection {
        YOUNGEST_FIRST,
        OLDEST_FIRST
    }

    /**
     * Instances on lost agents.
     *
     * @param inactiveAfterSeconds then a replacement is started
     * @param expungeAfterSeconds then the instance is given up; never before inactiveAfterSeconds
     */
    public record Unreachable(long inactiveAfterSeconds, long expungeAfterSeconds) {
        public static final Unreachable DEFAULT = new Unreachable(0, 0);
    }

    public Duration backoff() {
        return Duration.ofSeconds(backoffSeconds);
    }

    public Duration maxLaunchDelay() {
        return Duration.ofSeconds(maxLaunchDelaySeconds);
    }
}
