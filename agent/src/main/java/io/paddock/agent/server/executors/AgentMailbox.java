package io.paddock.agent.server.executors;

import io.paddock.agent.core.AgentEvent;
import io.paddock.agent.core.ExecutorKey;
import io.paddock.executor.core.ExecutorEvent;
import io.paddock.proto.v1.ContainerID;

/** Where completions go: the agent's actor. From any thread. */
public interface AgentMailbox {
    void tell(AgentEvent event);

    /** Something happened to a built-in executor; ignored unless it is this very container's. */
    void tell(ExecutorKey executor, ContainerID container, ExecutorEvent event);

    /** The root container of a built-in executor is there: it may subscribe. */
    void tellReady(ExecutorKey executor, ContainerID container);
}
