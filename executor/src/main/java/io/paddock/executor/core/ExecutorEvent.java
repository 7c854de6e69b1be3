package io.paddock.executor.core;

import io.paddock.proto.v1.TaskStatus;
import io.paddock.proto.v1.executor.Event;

/** What an executor learns: messages of its agent, and what became of containers, checks and timers it asked for. */
public sealed interface ExecutorEvent {
    <R> R accept(Handler<R> handler);

    /** A message of the agent in the v1 executor API. */
    record Received(Event event) implements ExecutorEvent {
        @Override
        public <R> R accept(Handler<R> handler) {
            return handler.received(this);
        }
    }

    /** The container of a task runs. After {@link ExecutorCore#recovered} also says that it was found still running. */
    record ContainerStarted(String taskId) implements ExecutorEvent {
        @Override
        public <R> R accept(Handler<R> handler) {
            return handler.containerStarted(this);
        }
    }

    /** The container of a task could not be started and nothing of it is left. */
    record ContainerStartFailed(String taskId, TaskStatus.Reason reason, String message) implements ExecutorEvent {
        @Override
        public <R> R accept(Handler<R> handler) {
            return handler.containerStartFailed(this);
        }
    }

    /** The container of a task has ended, with all its processes. */
    record ContainerExited(String taskId, ContainerEnd end) implements ExecutorEvent {
        @Override
        public <R> R accept(Handler<R> handler) {
            return handler.containerExited(this);
        }
    }

    /** A check asked for by {@link ExecutorEffect.RunCheck} is over; every one asked for is answered once. */
    record CheckFinished(String taskId, CheckKind kind, CheckOutcome outcome) implements ExecutorEvent {
        @Override
        public <R> R accept(Handler<R> handler) {
            return handler.checkFinished(this);
        }
    }

    /** A timer started by {@link ExecutorEffect.StartTimer} is due. */
    record TimerFired(TimerKey key) implements ExecutorEvent {
        @Override
        public <R> R accept(Handler<R> handler) {
            return handler.timerFired(this);
        }
    }

    /** One method per event. */
    interface Handler<R> {
        R received(Received event);

        R containerStarted(ContainerStarted event);

        R containerStartFailed(ContainerStartFailed event);

        R containerExited(ContainerExited event);

        R checkFinished(CheckFinished event);

        R timerFired(TimerFired event);
    }
}
