/**
 * Carries out the checks a built-in executor asks for: HTTP(S) and TCP by sockets opened inside of the container's network
 * namespace, commands through the agent.
 *
 * <p>Never blocks its callers and owns two threads whatever the number of tasks, so that hundreds of them with a check each
 * cost next to nothing. Never judges a result: that is the executor core's part. Usable from any thread.
 */
@NullMarked
package io.paddock.executor.checks;

import org.jspecify.annotations.NullMarked;
