/**
 * Sandboxes as files: reading them over HTTP and collecting old ones. Never looks outside the work directory. Blocking; runs
 * on its own thread or on the blocking dispatcher.
 */
@NullMarked
package io.paddock.agent.server.sandbox;

import org.jspecify.annotations.NullMarked;
