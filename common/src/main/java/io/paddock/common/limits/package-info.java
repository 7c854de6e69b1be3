/**
 * How fast somebody may call.
 *
 * <p>Never waits and never reads a clock: says how long the caller has to be kept waiting. Owned by whoever asks.
 */
@NullMarked
package io.paddock.common.limits;

import org.jspecify.annotations.NullMarked;
