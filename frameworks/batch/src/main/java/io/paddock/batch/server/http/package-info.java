/**
 * The Metronome v1 API over HTTP: addresses, statuses, error bodies, passing requests on to the leader.
 *
 * <p>Reads and answers through {@link io.paddock.batch.server.http.Backend} only; never the store, never core internals.
 * Handlers run on the HTTP server's threads and do not block.
 */
@NullMarked
package io.paddock.batch.server.http;

import org.jspecify.annotations.NullMarked;
