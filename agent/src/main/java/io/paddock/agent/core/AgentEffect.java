package io.paddock.agent.core;

import io.paddock.common.Rejection;
import io.paddock.proto.checkpoint.Record;
import io.paddock.proto.link.FromAgent;
import io.paddock.proto.v1.ContainerID;
import io.paddock.proto.v1.Resource;
import io.paddock.proto.v1.executor.Event;
import java.time.Instant;
import java.util.List;

/** What the shell must do, in order; see the package for what {@link Checkpoint} means for the rest. */
public sealed interface AgentEffect {
    void accept(Handler handler);

    /** One method for each effect. */
    interface Handler {
        void on(Checkpoint effect);

        void on(Note effect);

        void on(SendToMaster effect);

        void on(CloseLink effect);

        void on(AcceptCall effect);

        void on(RefuseCall effect);

        void on(SendToExecutor effect);

        void on(CloseExecutor effect);

        void on(LaunchExecutor effect);

        void on(ResizeExecutor effect);

        void on(DestroyExecutor effect);

        void on(RetireSandbox effect);

        void on(RemoveVolume effect);

        void on(WakeAt effect);

        void on(Exit effect);
    }

    /** Makes the records durable before any later effect is carried out. */
    record Checkpoint(List<Record> records) implements AgentEffect {
        @Override
        public void accept(Handler handler) {
            handler.on(this);
        }
    }

    /** Writes the records after those before, without waiting: losing them costs a repetition, nothing else. */
    record Note(List<Record> records) implements AgentEffect {
        @Override
        public void accept(Handler handler) {
            handler.on(this);
        }
    }

    /** Best effort: lost when the link is closed. */
    record SendToMaster(FromAgent message) implements AgentEffect {
        @Override
        public void accept(Handler handler) {
            handler.on(this);
        }
    }

    /** The link is of no use; the shell closes it and connects again with backoff. */
    record CloseLink(String why) implements AgentEffect {
        @Override
        public void accept(Handler handler) {
            handler.on(this);
        }
    }

    /** Answers 202, or for SUBSCRIBE opens the connection of that number. */
    record AcceptCall(long request) implements AgentEffect {
        @Override
        public void accept(Handler handler) {
            handler.on(this);
        }
    }

    record RefuseCall(long request, Rejection rejection) implements AgentEffect {
        @Override
        public void accept(Handler handler) {
            handler.on(this);
        }
    }

    /** On the executor's newest connection; lost when there is none. */
    record SendToExecutor(ExecutorKey executor, Event event) implements AgentEffect {
        @Override
        public void accept(Handler handler) {
            handler.on(this);
        }
    }

    /** Closes the executor's connection once what was sent is delivered. */
    record CloseExecutor(ExecutorKey executor) implements AgentEffect {
        @Override
        public void accept(Handler handler) {
            handler.on(this);
        }
    }

    /** Starts an executor, or takes it up again when {@link ExecutorLaunch#recovered}. */
    record LaunchExecutor(ExecutorLaunch launch) implements AgentEffect {
        @Override
        public void accept(Handler handler) {
            handler.on(this);
        }
    }

    /** The executor's container now needs these resources: its own and those of its unfinished tasks. */
    record ResizeExecutor(ExecutorKey executor, ContainerID container, List<Resource> resources)
            implements AgentEffect {
        @Override
        public void accept(Handler handler) {
            handler.on(this);
        }
    }

    /** Kills the executor's container and all below it; {@link AgentEvent.ExecutorTerminated} follows. */
    record DestroyExecutor(ExecutorKey executor, ContainerID container) implements AgentEffect {
        @Override
        public void accept(Handler handler) {
            handler.on(this);
        }
    }

    /** Nothing uses this directory any more: it may be collected when its time has come. */
    record RetireSandbox(String directory) implements AgentEffect {
        @Override
        public void accept(Handler handler) {
            handler.on(this);
        }
    }

    /** A persistent volume was destroyed: its files go. */
    record RemoveVolume(Resource volume) implements AgentEffect {
        @Override
        public void accept(Handler handler) {
            handler.on(this);
        }
    }

    /** Asks for a {@link AgentEvent.Woken} at this time instead of any asked for before. */
    record WakeAt(Instant time) implements AgentEffect {
        @Override
        public void accept(Handler handler) {
            handler.on(this);
        }
    }

    /** The agent must end; nothing follows. */
    record Exit(String why) implements AgentEffect {
        @Override
        public void accept(Handler handler) {
            handler.on(this);
        }
    }
}
