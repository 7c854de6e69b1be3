package io.paddock.master.server;

import io.paddock.master.core.Timer;
import io.paddock.platform.metrics.Metrics;
import io.paddock.platform.metrics.Timings;
import java.time.Duration;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/**
 * How long allocations take, with the offers they make, and how long after the first reason for one it runs ({@code
 * --allocation-delay} included). Owned by the actor.
 */
final class AllocationTimings {
    private static final Set<Timer.Kind> ALLOCATIONS =
            EnumSet.of(Timer.Kind.ALLOCATE, Timer.Kind.FILTER_EXPIRY, Timer.Kind.ALLOCATION_CHECK);

    private final Timings run;
    private final Timings latency;
    private final Map<Timer, Long> wanted = new HashMap<>();

    AllocationTimings(Metrics metrics) {
        run = new Timings(metrics.registry(), "allocator/mesos/allocation_run");
        latency = new Timings(metrics.registry(), "allocator/mesos/allocation_run_latency");
    }

    void started(Timer timer, Duration delay) {
        if (timer.kind() == Timer.Kind.ALLOCATE) {
            wanted.put(timer, System.nanoTime());
        } else if (ALLOCATIONS.contains(timer.kind())) {
            wanted.put(timer, System.nanoTime() + delay.toNanos());
        }
    }

    /** A timer fired and was acted upon. */
    void done(Timer timer, long firedAtNanos) {
        if (ALLOCATIONS.contains(timer.kind())) {
            run.record(System.nanoTime() - firedAtNanos);
            Long since = wanted.remove(timer);
            if (since != null) {
                latency.record(Math.max(0, firedAtNanos - since));
            }
        }
    }
}
