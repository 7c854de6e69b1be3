/**
 * The master as a pure state machine: agents, frameworks, offers, tasks, and every rule of the scheduler API.
 *
 * <p>{@link io.paddock.master.core.MasterCore} routes events to one class per idea. Nothing here knows HTTP, WebSockets,
 * ZooKeeper or clocks; the shell in {@code io.paddock.master.server} (or the simulation) owns the one thread that enters.
 * Values handed out (effects, snapshots) are immutable and may go to any thread.
 */
@NullMarked
package io.paddock.master.core;

import org.jspecify.annotations.NullMarked;
