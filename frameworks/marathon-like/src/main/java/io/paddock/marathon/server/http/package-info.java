/**
 * Marathon's REST API: requests become questions to the actor, its answers become JSON. Also what a standby does: it passes
 * requests on to the leader.
 *
 * <p>Knows neither the store nor the insides of the core. Runs on the HTTP server's threads, several at once.
 */
@NullMarked
package io.paddock.marathon.server.http;

import org.jspecify.annotations.NullMarked;
