/**
 * What readers see of the master: immutable values, built by the core's thread and free to go to any other.
 *
 * <p>Unchanged agents and frameworks are the same objects from one snapshot to the next, so that publishing is cheap and
 * a reader may compare by reference. Nothing here can change the core.
 */
@NullMarked
package io.paddock.master.core.snapshot;

import org.jspecify.annotations.NullMarked;
