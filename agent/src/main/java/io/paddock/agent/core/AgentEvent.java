package io.paddock.agent.core;

import io.paddock.proto.link.ToAgent;
import io.paddock.proto.v1.ContainerID;
import io.paddock.proto.v1.ContainerStatus;
import io.paddock.proto.v1.TaskID;
import io.paddock.proto.v1.executor.Call;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What happened around the agent. */
public sealed interface AgentEvent {
    <R> R accept(Handler<R> handler);

    /** One method for each event. */
    interface Handler<R> {
        R on(Recovered event);

        R on(LinkOpened event);

        R on(LinkClosed event);

        R on(MasterSpoke event);

        R on(ExecutorCalled event);

        R on(ExecutorDisconnected event);

        R on(ExecutorLaunched event);

        R on(ExecutorLaunchFailed event);

        R on(TasksNotDelivered event);

        R on(ExecutorTerminated event);

        R on(Woken event);

        R on(StopRequested event);
    }

    /**
     * The first event: the records have been replayed, the containers that still run are known to the shell, which
     * reports every other executor's end by {@link ExecutorTerminated} right after this event.
     */
    record Recovered() implements AgentEvent {
        @Override
        public <R> R accept(Handler<R> handler) {
            return handler.on(this);
        }
    }

    /** There is a fresh connection to the leading master; nothing was said on it yet. */
    record LinkOpened() implements AgentEvent {
        @Override
        public <R> R accept(Handler<R> handler) {
            return handler.on(this);
        }
    }

    /** The connection to the master is gone; the shell is looking for the leader and connects again. */
    record LinkClosed(String why) implements AgentEvent {
        @Override
        public <R> R accept(Handler<R> handler) {
            return handler.on(this);
        }
    }

    record MasterSpoke(ToAgent message) implements AgentEvent {
        @Override
        public <R> R accept(Handler<R> handler) {
            return handler.on(this);
        }
    }

    /**
     * A call of an executor. It is answered by exactly one {@link AgentEffect.AcceptCall} or
     * {@link AgentEffect.RefuseCall} with the same number. An accepted SUBSCRIBE opens a connection of that number, which
     * replaces the executor's connection before.
     *
     * @param request a number the shell never uses twice
     * @param overHttp so that it is not of an executor of ours, whatever it says
     */
    record ExecutorCalled(long request, Call call, boolean overHttp) implements AgentEvent {
        @Override
        public <R> R accept(Handler<R> handler) {
            return handler.on(this);
        }
    }

    /** The connection that the SUBSCRIBE call of this number opened is gone. */
    record ExecutorDisconnected(ExecutorKey executor, long connection) implements AgentEvent {
        @Override
        public <R> R accept(Handler<R> handler) {
            return handler.on(this);
        }
    }

    /** Answers {@link AgentEffect.LaunchExecutor}: it runs. For built-in executors status may be null. */
    record ExecutorLaunched(
            ExecutorKey executor,
            ContainerID container,
            @Nullable ContainerStatus status) implements AgentEvent {
        @Override
        public <R> R accept(Handler<R> handler) {
            return handler.on(this);
        }
    }

    /** Answers {@link AgentEffect.LaunchExecutor}: it did not start and left nothing behind. */
    record ExecutorLaunchFailed(ExecutorKey executor, ContainerID container, String message) implements AgentEvent {
        @Override
        public <R> R accept(Handler<R> handler) {
            return handler.on(this);
        }
    }

    /** Tasks of a LAUNCH or LAUNCH_GROUP that was not sent to the executor and never will be. */
    record TasksNotDelivered(ExecutorKey executor, List<TaskID> tasks, String message) implements AgentEvent {
        @Override
        public <R> R accept(Handler<R> handler) {
            return handler.on(this);
        }
    }

    /** The executor's container and all below it ended and were cleaned up. */
    record ExecutorTerminated(ExecutorKey executor, ContainerID container, Termination termination)
            implements AgentEvent {
        @Override
        public <R> R accept(Handler<R> handler) {
            return handler.on(this);
        }
    }

    /** The time of the last {@link AgentEffect.WakeAt} has come. */
    record Woken() implements AgentEvent {
        @Override
        public <R> R accept(Handler<R> handler) {
            return handler.on(this);
        }
    }

    /** The agent shall end for good: kill everything, say so to the master, then {@link AgentEffect.Exit}. */
    record StopRequested(String why) implements AgentEvent {
        @Override
        public <R> R accept(Handler<R> handler) {
            return handler.on(this);
        }
    }
}
