/**
 * The vocabulary every module shares: ids, task states, rejections, durations, the {@link io.paddock.common.Core} shape.
 *
 * <p>Pure values over the JDK alone. Nothing here reads a clock, a file, a socket or a random source, so that cores can
 * use all of it in production and in the simulation. Everything is immutable and may be used from any thread.
 */
@NullMarked
package io.paddock.common;

import org.jspecify.annotations.NullMarked;
