/**
 * From a waiting instance and an offer to a task: whether the offer fits, why it does not, which resources and ports are
 * taken, what the task looks like on the wire, and how long a failing app waits.
 *
 * <p>Pure functions and small values; the caller owns all state.
 */
@NullMarked
package io.paddock.marathon.core.launch;

import org.jspecify.annotations.NullMarked;
