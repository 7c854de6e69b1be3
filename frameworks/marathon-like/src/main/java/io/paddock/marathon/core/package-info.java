/**
 * Keeps apps alive: the one place where marathon decides. Events come in (requests, offers, task updates, check results,
 * time), effects go out (records to store, calls to the master, answers, notices, checks to run).
 *
 * <p>Pure and single-threaded; owned by one actor in production and by the simulation in tests. What an event causes
 * outside happens only after the records it wrote are stored: see {@link io.paddock.marathon.core.CommitQueue}.
 */
@NullMarked
package io.paddock.marathon.core;

import org.jspecify.annotations.NullMarked;
