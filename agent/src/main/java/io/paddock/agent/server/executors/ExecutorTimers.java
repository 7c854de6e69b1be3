package io.paddock.agent.server.executors;

import io.paddock.agent.core.ExecutorKey;
import io.paddock.executor.core.TimerKey;
import io.paddock.proto.v1.ContainerID;
import java.time.Duration;

/** Timers of built-in executors, kept by the agent's actor. */
public interface ExecutorTimers {
    /** Names one timer of one executor. */
    record Name(ExecutorKey executor, ContainerID container, TimerKey key) {}

    /** Replaces a timer of the same name; it comes back as {@code ExecutorEvent.TimerFired}. */
    void start(Name name, Duration after);

    void cancel(Name name);
}
