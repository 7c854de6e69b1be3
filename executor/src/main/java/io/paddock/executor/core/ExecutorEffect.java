package io.paddock.executor.core;

import io.paddock.proto.v1.TaskInfo;
import io.paddock.proto.v1.executor.Call;
import java.time.Duration;

/** What the host of an executor has to do for it, in the order given. */
public sealed interface ExecutorEffect {
    <R> R accept(Handler<R> handler);

    /** Hand a call to the agent: UPDATE with its uuid set, or MESSAGE. */
    record SendCall(Call call) implements ExecutorEffect {
        @Override
        public <R> R accept(Handler<R> handler) {
            return handler.sendCall(this);
        }
    }

    /** Start the task's container; answered by ContainerStarted or ContainerStartFailed. */
    record StartContainer(TaskInfo task) implements ExecutorEffect {
        @Override
        public <R> R accept(Handler<R> handler) {
            return handler.startContainer(this);
        }
    }

    /**
     * The task was killed while its container is being started: give the start up if that is still possible. The answer
     * stays ContainerStartFailed, or ContainerStarted when it was too late (the executor then signals it).
     */
    record AbandonStart(String taskId) implements ExecutorEffect {
        @Override
        public <R> R accept(Handler<R> handler) {
            return handler.abandonStart(this);
        }
    }

    /** Send a signal to every process of the task's container. Nothing happens if it has ended meanwhile. */
    record SignalContainer(String taskId, KillSignal signal) implements ExecutorEffect {
        @Override
        public <R> R accept(Handler<R> handler) {
            return handler.signalContainer(this);
        }
    }

    /**
     * Run one check of a task in its container, whose network HTTP and TCP checks enter to ask its loopback address; answered
     * by exactly one CheckFinished with the same task and kind.
     *
     * @param timeout after which the check has failed; zero: no limit
     */
    record RunCheck(String taskId, CheckKind kind, Probe probe, Duration timeout) implements ExecutorEffect {
        @Override
        public <R> R accept(Handler<R> handler) {
            return handler.runCheck(this);
        }
    }

    /** Fire TimerFired once after a while. Replaces a timer of the same key. */
    record StartTimer(TimerKey key, Duration after) implements ExecutorEffect {
        @Override
        public <R> R accept(Handler<R> handler) {
            return handler.startTimer(this);
        }
    }

    /** The timer must not fire any more; unknown keys are fine. */
    record CancelTimer(TimerKey key) implements ExecutorEffect {
        @Override
        public <R> R accept(Handler<R> handler) {
            return handler.cancelTimer(this);
        }
    }

    /** The executor has nothing left to do: no container, no unacknowledged update it still waits for. The last effect. */
    record Exit() implements ExecutorEffect {
        @Override
        public <R> R accept(Handler<R> handler) {
            return handler.exit(this);
        }
    }

    /** The two signals of a kill policy. */
    enum KillSignal {
        TERM,
        KILL
    }

    /** One method per effect. */
    interface Handler<R> {
        R sendCall(SendCall effect);

        R startContainer(StartContainer effect);

        R abandonStart(AbandonStart effect);

        R signalContainer(SignalContainer effect);

        R runCheck(RunCheck effect);

        R startTimer(StartTimer effect);

        R cancelTimer(CancelTimer effect);

        R exit(Exit effect);
    }
}
