/**
 * The built-in executor as a pure state machine: runs command tasks and task groups, watches their health, ends them as
 * their kill policy says, and reports each step in the messages of the v1 executor API.
 *
 * <p>Never touches containers, sockets or clocks: it answers {@link io.paddock.executor.core.ExecutorEffect}s. One instance
 * per executor, owned by the thread of the shell that hosts it (an agent hosts many, at no cost but their memory).
 */
@NullMarked
package io.paddock.executor.core;

import org.jspecify.annotations.NullMarked;
