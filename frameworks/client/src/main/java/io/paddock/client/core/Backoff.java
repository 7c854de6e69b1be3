package io.paddock.client.core;

import java.time.Duration;

/**
 * Truncated exponential backoff with full jitter on its upper half: the n-th delay lies in [d/2, d] where
 * d = min(max, min · 2ⁿ). The spread is drawn from a seed, so that many clients that lost the same master do not come
 * back at once and yet every run can be repeated.
 */
public final class Backoff {
    private final long minNanos;
    private final long maxNanos;
    private final long seed;
    private int attempt;

    /**
     * @param min upper bound of the first delay, positive
     * @param max upper bound of all delays, at least min
     * @param seed what the jitter is drawn from
     */
    public Backoff(Duration min, Duration max, long seed) {
        if (min.isNegative() || min.isZero() || max.compareTo(min) < 0) {
            throw new IllegalArgumentException("backoff needs 0 < min <= max, got min " + min + ", max " + max);
        }
        this.minNanos = min.toNanos();
        this.maxNanos = max.toNanos();
        this.seed = seed;
    }

    /** How long to wait before the next attempt. */
    public Duration next() {
        long bound = attempt >= 62 || minNanos > maxNanos >> attempt ? maxNanos : minNanos << attempt;
        double spread = (mix(seed + attempt) >>> 11) * 0x1.0p-53;
        attempt++;
        return Duration.ofNanos(bound / 2 + (long) (spread * (bound - bound / 2)));
    }

    /** Starts over after a success. */
    public void reset() {
        attempt = 0;
    }

    /** The finaliser of SplitMix64 (Steele, Lea, Flood 2014). */
    private static long mix(long z) {
        long x = z * 0x9E3779B97F4A7C15L;
        x = (x ^ (x >>> 30)) * 0xBF58476D1CE4E5B9L;
        x = (x ^ (x >>> 27)) * 0x94D049BB133111EBL;
        return x ^ (x >>> 31);
    }
}
