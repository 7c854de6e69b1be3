/**
 * How executors run: ours inside the agent ({@link io.paddock.agent.server.executors.BuiltInExecutors}), those of frameworks
 * as containers ({@link io.paddock.agent.server.executors.CustomExecutors}) that connect over HTTP ({@link
 * io.paddock.agent.server.executors.ExecutorConnections}).
 *
 * <p>Carries out what the agent's core asks for and never decides about tasks. Owned by the agent's actor; completions of
 * containers come back to it as messages.
 */
@NullMarked
package io.paddock.agent.server.executors;

import org.jspecify.annotations.NullMarked;
