/**
 * The batch framework as a process: flags, leader election, the actor that feeds the core and carries out its effects.
 *
 * <p>No decision about jobs or runs is taken here. The actor's state belongs to its thread; everything else is started once
 * and immutable, or said to be thread safe.
 */
@NullMarked
package io.paddock.batch.server;

import org.jspecify.annotations.NullMarked;
