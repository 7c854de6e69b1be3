/**
 * The shell of the agent: one actor around the core, its checkpoints, its link, its executors and its HTTP endpoints.
 *
 * <p>Decides nothing about tasks. {@link io.paddock.agent.server.AgentServer} wires; several agents may run in one process.
 */
@NullMarked
package io.paddock.agent.server;

import org.jspecify.annotations.NullMarked;
