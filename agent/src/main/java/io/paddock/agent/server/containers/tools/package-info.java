/**
 * Programs and files of the operating system: running a command with a deadline, writing so that a crash cannot tear,
 * looking at processes.
 *
 * <p>Knows nothing of containers. Everything here blocks; call it on threads made for that.
 */
@NullMarked
package io.paddock.agent.server.containers.tools;

import org.jspecify.annotations.NullMarked;
