/**
 * Checks that marathon itself runs, and what is known about the health and readiness of instances.
 *
 * <p>Immutable values. Running a check is the shell's work; when to run one and what its result means is decided in the
 * core.
 */
@NullMarked
package io.paddock.marathon.core.health;

import org.jspecify.annotations.NullMarked;
