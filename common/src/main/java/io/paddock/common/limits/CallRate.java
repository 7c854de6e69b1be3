package io.paddock.common.limits;

import java.util.OptionalLong;

/**
 * Lets calls pass at a steady rate: one that comes too early waits for its turn, and one that would have to wait behind too
 * many others is refused.
 *
 * <p>Needs no queue: whoever asked first has the earlier turn, so the time of the next free turn says how many wait.
 */
public final class CallRate {
    private static final double NANOS = 1e9;

    private final long intervalNanos;
    private final long capacity;
    private long nextTurnNanos;
    private boolean used;

    /**
     * @param callsPerSecond more than 0
     * @param capacity most calls that may wait, at least 0
     */
    public CallRate(double callsPerSecond, long capacity) {
        this.intervalNanos = Math.max(1, Math.round(Math.min(NANOS / callsPerSecond, Long.MAX_VALUE / 4.0)));
        this.capacity = capacity;
    }

    /**
     * One call.
     *
     * @param nowNanos of a clock that never goes back
     * @return how many nanoseconds it has to wait; empty when it is refused, which costs nothing
     */
    public OptionalLong admit(long nowNanos) {
        long wait = used ? Math.max(0, nextTurnNanos - nowNanos) : 0;
        if (ceilDivide(wait, intervalNanos) > capacity) {
            return OptionalLong.empty();
        }
        used = true;
        nextTurnNanos = nowNanos + wait + intervalNanos;
        return OptionalLong.of(wait);
    }

    private static long ceilDivide(long a, long b) {
        return a / b + (a % b == 0 ? 0 : 1);
    }
}
