/**
 * The agent's end of the link to the leading master: finds the master, keeps one WebSocket to it, carries messages.
 *
 * <p>Never looks into the messages: what to say, and when a link is of no use, is the core's decision. Owned by the link's
 * actor.
 */
@NullMarked
package io.paddock.agent.server.link;

import org.jspecify.annotations.NullMarked;
