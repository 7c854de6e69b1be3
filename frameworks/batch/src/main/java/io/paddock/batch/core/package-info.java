/**
 * Jobs, their runs and schedules as one pure state machine: what is started when, on which offer, and why a run waits.
 *
 * <p>Hard state is {@link io.paddock.batch.core.BatchState}; it changes only by {@link io.paddock.batch.core.Change}s, the
 * same at recovery, and nothing of a change leaves the core before it is durable ({@link io.paddock.batch.core.Outbox}).
 * Never JSON, HTTP, clocks or cron syntax. Owned by the thread of its shell.
 */
@NullMarked
package io.paddock.batch.core;

import org.jspecify.annotations.NullMarked;
