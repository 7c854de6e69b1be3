/**
 * Containers: what runs a command in isolation on this machine, keeps it running while no agent is there, and tells how
 * it ended.
 *
 * <p>{@link io.paddock.agent.server.containers.Containers} is all the rest of the agent sees. It knows containers, not
 * tasks, executors or frameworks, and must never decide what to run or when to give up. All methods return at once and
 * may be called from any thread; blocking work runs on the executor given at start, launches and pulls, which may wait for an image
 * or a file for long, on 16 threads of their own; completions arrive on those threads.
 */
@NullMarked
package io.paddock.agent.server.containers;

import org.jspecify.annotations.NullMarked;
