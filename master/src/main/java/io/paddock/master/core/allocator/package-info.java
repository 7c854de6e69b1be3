/**
 * Decides which framework is offered what: dominant resource fairness over the role tree, incrementally.
 *
 * <p>A library of its own: it depends on {@code common} alone, knows nothing of the master, of messages or of tasks, reads
 * no clock and no random source. {@link io.paddock.master.core.allocator.Allocator} is the only entry; the other public
 * types are values. Owned by whoever owns the master core; not thread safe.
 */
@NullMarked
package io.paddock.master.core.allocator;

import org.jspecify.annotations.NullMarked;
