/**
 * Everything an agent decides: registration, executors, tasks, status updates, operations, drain.
 *
 * <p>The rule of effects: the shell carries them out strictly in order, and nothing that follows a
 * {@link io.paddock.agent.core.AgentEffect.Checkpoint} (in this list or in a later one) happens before the checkpoint is
 * durable. So a task is on disk before it starts and an update before it is reported or acknowledged. A crash between a
 * checkpoint and the effects after it is healed by recovery, which asks again for whatever the records call for.
 *
 * <p>Pure: one thread at a time, the agent's actor or the simulation. Never reads files, clocks or chance.
 */
@NullMarked
package io.paddock.agent.core;

import org.jspecify.annotations.NullMarked;
