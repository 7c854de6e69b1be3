/**
 * Containers without isolation, where the agent is not root or the tools are missing: a session of processes each, below a
 * shell that writes down the exit code.
 *
 * <p>Refuses what it cannot isolate rather than pretend. Blocks; on the blocking executor only.
 */
@NullMarked
package io.paddock.agent.server.containers.processes;

import org.jspecify.annotations.NullMarked;
