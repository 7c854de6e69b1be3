/**
 * Everything the master answers without changing anything: the older read endpoints, the operator API's reads and event
 * stream, metrics, the web UI and the way to agents' files.
 *
 * <p>Works on immutable snapshots from {@link io.paddock.master.server.ClusterFeed} and never sees the core or waits for its
 * actor. Large answers are made on the dispatcher for blocking work and streamed. Routes run on Pekko's dispatcher.
 */
@NullMarked
package io.paddock.master.server.read;

import org.jspecify.annotations.NullMarked;
