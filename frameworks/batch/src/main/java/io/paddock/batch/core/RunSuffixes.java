package io.paddock.batch.core;

/** Where the chance in run ids comes from: random in production, counted in tests and in the simulation. */
@FunctionalInterface
public interface RunSuffixes {
    /** Five characters of {@code [A-Za-z0-9]}, unlikely to repeat. */
    String next();
}
