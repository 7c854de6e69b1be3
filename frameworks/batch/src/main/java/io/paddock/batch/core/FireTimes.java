package io.paddock.batch.core;

import java.time.Instant;
import java.util.Optional;

/** Knows cron: handed to the core, which knows no syntax. Must be a pure function of its arguments. */
@FunctionalInterface
public interface FireTimes {
    /** The first time a schedule fires strictly after {@code after}; empty: never again. */
    Optional<Instant> next(Schedule schedule, Instant after);
}
