/**
 * The scheduler client: what a framework needs to live on a cluster. {@link io.paddock.client.SchedulerDriver} with a
 * {@link io.paddock.client.Scheduler} for most frameworks; {@link io.paddock.client.MasterConnection} for those that
 * think in wire messages themselves. It never decides what to launch and knows no component of the cluster except
 * through the v1 scheduler API. All callbacks run on the one thread of their connection.
 */
@NullMarked
package io.paddock.client;

import org.jspecify.annotations.NullMarked;
