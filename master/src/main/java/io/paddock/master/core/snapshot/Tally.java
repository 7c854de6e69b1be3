package io.paddock.master.core.snapshot;

/** All counts at one instant. Immutable. */
public final class Tally {
    private final long[] counts;

    /** @param counts in the order of {@link Count}; copied */
    public Tally(long[] counts) {
        this.counts = counts.clone();
    }

    public long of(Count count) {
        return counts[count.ordinal()];
    }
}
