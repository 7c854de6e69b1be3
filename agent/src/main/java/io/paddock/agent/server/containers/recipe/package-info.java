/**
 * The steps of a launch that do not depend on what isolates the container: the sandbox, fetched files, the command line
 * and its environment.
 *
 * <p>One file per hook. Never touches the kernel's isolation. Blocks; on the blocking executor only.
 */
@NullMarked
package io.paddock.agent.server.containers.recipe;

import org.jspecify.annotations.NullMarked;
