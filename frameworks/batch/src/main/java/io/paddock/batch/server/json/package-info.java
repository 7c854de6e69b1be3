/**
 * Jobs, schedules and runs as JSON, in the form of Metronome v1: readers that name every field that does not fit, writers
 * for answers and for the store.
 *
 * <p>Never decides anything about existing jobs: that is the core's part. Stateless, usable from any thread.
 */
@NullMarked
package io.paddock.batch.server.json;

import org.jspecify.annotations.NullMarked;
