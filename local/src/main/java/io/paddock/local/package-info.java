/**
 * The main job: the one entry of the {@code paddock} launcher, and a whole cluster in one process.
 *
 * <p>May start every component; knows none from the inside beyond its options. Decides nothing about scheduling.
 */
@NullMarked
package io.paddock.local;

import org.jspecify.annotations.NullMarked;
