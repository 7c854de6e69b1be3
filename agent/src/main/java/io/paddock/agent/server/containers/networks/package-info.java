/**
 * Networks: namespaces, the plugins of the Container Network Interface that fill them, the agent's own bridge.
 *
 * <p>Knows namespaces and port mappings; never tasks. What it makes is named after the agent, so that agents on one machine
 * do not meet. Blocks; on the blocking executor only.
 */
@NullMarked
package io.paddock.agent.server.containers.networks;

import org.jspecify.annotations.NullMarked;
