/**
 * The master's shell: one actor that feeds the core and carries out its effects, the scheduler API and the agent link
 * over HTTP, the registry's store.
 *
 * <p>No decision about the cluster is taken here. Reads go to {@link io.paddock.master.server.ClusterFeed} and never
 * wait for the actor.
 */
@NullMarked
package io.paddock.master.server;

import org.jspecify.annotations.NullMarked;
