/**
 * One running copy of an app: its lifecycle, where it is, how it is named.
 *
 * <p>Immutable values and pure functions. A change of condition always goes through the declared lifecycle.
 */
@NullMarked
package io.paddock.marathon.core.instance;

import org.jspecify.annotations.NullMarked;
