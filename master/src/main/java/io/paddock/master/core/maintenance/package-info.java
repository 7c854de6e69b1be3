/**
 * Maintenance windows: which machines are in the schedule and which are down, whether a change of that is allowed, and who is
 * asked by inverse offers to leave an agent. Plain functions and books; {@code core.Maintenance} and {@code core.InverseOffers}
 * carry them out.
 */
@NullMarked
package io.paddock.master.core.maintenance;

import org.jspecify.annotations.NullMarked;
