package io.paddock.simulation;

import java.time.Duration;
import java.time.Instant;
import java.util.PriorityQueue;
import java.util.Random;

/** Virtual time: what will happen, in order, and the only source of chance. */
final class World {
    static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

    final Random random;
    final Trace trace;
    private final PriorityQueue<Step> steps = new PriorityQueue<>();
    private Instant now = START;
    private long scheduled;
    private long taken;

    private record Step(Instant at, long number, Runnable action) implements Comparable<Step> {
        @Override
        public int compareTo(Step other) {
            int byTime = at.compareTo(other.at);
            return byTime != 0 ? byTime : Long.compare(number, other.number);
        }
    }

    World(long seed, boolean verbose) {
        this.random = new Random(seed);
        this.trace = new Trace(verbose);
    }

    Instant now() {
        return now;
    }

    long stepsTaken() {
        return taken;
    }

    /** Lets something happen later; what is scheduled for the same instant happens in the order of scheduling. */
    void after(Duration delay, Runnable action) {
        steps.add(new Step(now.plus(delay), scheduled++, action));
    }

    /** Takes the next step, if there is one before {@code end}; otherwise moves the time to {@code end}. */
    boolean step(Instant end) {
        Step next = steps.peek();
        if (next == null || next.at.isAfter(end)) {
            now = end;
            return false;
        }
        steps.remove();
        now = next.at;
        taken++;
        next.action.run();
        return true;
    }

    /** Evenly between the two, in milliseconds. */
    Duration between(long minMillis, long maxMillis) {
        return Duration.ofNanos(minMillis * 1_000_000 + (long) (random.nextDouble() * (maxMillis - minMillis) * 1e6));
    }

    boolean chance(double probability) {
        return random.nextDouble() < probability;
    }

    void log(String who, String what) {
        trace.add(now, who, what, null);
    }
}
