/**
 * Control groups: limits, counters and the set of processes of a container, for the v1 hierarchies (also beside v2) and
 * for v2.
 *
 * <p>Reads and writes the kernel's files only; never decides what a limit should be. Blocks briefly; any thread.
 */
@NullMarked
package io.paddock.agent.server.containers.cgroups;

import org.jspecify.annotations.NullMarked;
