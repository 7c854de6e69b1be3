/**
 * Amounts of cluster resources and their arithmetic.
 *
 * <p>Scalars are fixed-point {@code long} thousandths, ranges are sorted disjoint arrays, sets are sorted. A
 * {@link io.paddock.common.resources.Resources} maps a {@link io.paddock.common.resources.ResourceKey} (all that makes
 * two amounts not interchangeable) to a {@link io.paddock.common.resources.Quantity}. Everything is immutable. Protobuf
 * messages are converted once, at the edge, and never appear here.
 */
@NullMarked
package io.paddock.common.resources;

import org.jspecify.annotations.NullMarked;
