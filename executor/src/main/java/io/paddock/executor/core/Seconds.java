package io.paddock.executor.core;

import java.time.Duration;

/** Seconds as checks have them: a double, possibly with a fraction. */
final class Seconds {
    private static final double NANOS = 1e9;

    private Seconds() {}

    static Duration of(double seconds) {
        return Duration.ofNanos(Math.round(seconds * NANOS));
    }
}
