/** Timers of actors that may be any time ahead. Used on the thread of the actor that owns them. */
@NullMarked
package io.paddock.platform.timers;

import org.jspecify.annotations.NullMarked;
