/**
 * Carries out the checks a built-in executor asks for: HTTP(S) and TCP over the event loop of an actor system, commands
 * through the agent.
 *
 * <p>Never blocks and owns no thread, so that hundreds of tasks with a check each cost next to nothing. Never judges a
 * result: that is the executor core's part. Usable from any thread.
 */
@NullMarked
package io.paddock.executor.checks;

import org.jspecify.annotations.NullMarked;
