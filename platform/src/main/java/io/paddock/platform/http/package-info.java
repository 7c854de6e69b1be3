/**
 * HTTP as all servers speak it: binding with TLS and credentials, content negotiation, calls as messages, event streams,
 * streamed JSON.
 *
 * <p>Never knows a component or ZooKeeper. Routes run on Pekko's dispatcher and must not block; an {@code EventStream}
 * may be fed from any thread.
 */
@NullMarked
package io.paddock.platform.http;

import org.jspecify.annotations.NullMarked;
