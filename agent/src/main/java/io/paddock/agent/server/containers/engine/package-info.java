/**
 * The life of containers: launch, exit, destroy and recovery, with a record on disk for each.
 *
 * <p>Knows that a launch is a list of hooks and that something ends with an exit file; never which tools do it, that is
 * the business of an {@link io.paddock.agent.server.containers.engine.Isolation}. State is kept in concurrent maps and
 * futures; blocking work runs on the two executors given at start, one of them for launches and pulls alone, one thread watches all
 * exits.
 */
@NullMarked
package io.paddock.agent.server.containers.engine;

import org.jspecify.annotations.NullMarked;
