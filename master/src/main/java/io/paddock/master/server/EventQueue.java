package io.paddock.master.server;

import io.paddock.master.server.MasterActor.Command;
import io.paddock.master.server.MasterActor.Dispatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.BehaviorInterceptor;
import org.apache.pekko.actor.typed.TypedActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;

/** Counts what waits for the master's actor besides the frames of agents and the calls of HTTP. Any thread. */
final class EventQueue {
    private final AtomicInteger dispatches = new AtomicInteger();

    /** What the master's own parts have told its actor and it has not looked at yet. */
    int dispatches() {
        return dispatches.get();
    }

    void tell(ActorRef<Command> actor, Dispatch command) {
        actor.tell(counted(command));
    }

    /** For a command that is told in another way. */
    Dispatch counted(Dispatch command) {
        dispatches.incrementAndGet();
        return command;
    }

    Behavior<Command> watch(Behavior<Command> actor) {
        return Behaviors.intercept(() -> new Taken(dispatches), actor);
    }

    private static final class Taken extends BehaviorInterceptor<Command, Command> {
        private final AtomicInteger dispatches;

        Taken(AtomicInteger dispatches) {
            super(Command.class);
            this.dispatches = dispatches;
        }

        @Override
        public Behavior<Command> aroundReceive(
                TypedActorContext<Command> context, Command command, ReceiveTarget<Command> target) {
            if (command instanceof Dispatch) {
                dispatches.decrementAndGet();
            }
            return target.apply(context, command);
        }
    }
}
