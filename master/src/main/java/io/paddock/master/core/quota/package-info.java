/**
 * What quotas are allowed, what counts against them, and which offers stand in the way of new ones. Plain functions of what
 * they are given; the registry keeps quotas, the allocator obeys them, {@code core.Quotas} connects the two.
 */
@NullMarked
package io.paddock.master.core.quota;

import org.jspecify.annotations.NullMarked;
