package io.paddock.marathon.server;

import io.paddock.common.Rejection;
import io.paddock.marathon.core.Answer;
import io.paddock.marathon.core.CommitQueue;
import io.paddock.marathon.core.Fact;
import io.paddock.marathon.core.MarathonCore;
import io.paddock.marathon.core.MarathonEffect;
import io.paddock.marathon.core.MarathonEvent;
import io.paddock.marathon.core.MarathonEvent.Origin;
import io.paddock.marathon.core.Refusal;
import io.paddock.marathon.core.Request;
import io.paddock.platform.timers.FarTimer;
import io.paddock.proto.v1.scheduler.Call;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.javadsl.AbstractBehavior;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.javadsl.Receive;
import org.apache.pekko.actor.typed.javadsl.TimerScheduler;

/**
 * The one who leads: feeds the core and carries out its effects, in order, those behind a write when it is durable. A write
 * that fails ends the leadership, since nobody can say what is stored.
 */
final class MarathonActor extends AbstractBehavior<MarathonActor.Command> implements MarathonEffect.Handler {
    /** What it is told. */
    sealed interface Command {}

    /** Something happened that the core must know. */
    record Happened(MarathonEvent event) implements Command {}

    private record Later(FarTimer<Command> rest) implements Command {}

    /** Somebody asks. */
    record Asked(Request request, Origin origin, ActorRef<Answer> replyTo) implements Command {}

    /** This process does not lead any more. */
    record Deposed() implements Command {}

    private record Written() implements Command {}

    private record WriteFailed(Throwable cause) implements Command {}

    /**
     * What it works with.
     *
     * @param send sends a call to the master
     * @param watchers those who follow the events
     * @param checks runs health and readiness checks
     * @param exit ends this process's leadership
     */
    record Tools(FactStore store, Consumer<Call> send, EventHub watchers, CheckRunner checks, Consumer<String> exit) {}

    private static final int MAX_ASKERS = 10_000;
    private static final String WAKE = "wake";

    private final MarathonCore core;
    private final Tools tools;
    private final TimerScheduler<Command> timers;
    private final CommitQueue commits = new CommitQueue();
    private final Map<Long, ActorRef<Answer>> askers = new HashMap<>();
    private long nextRequest;

    private MarathonActor(
            ActorContext<Command> context,
            TimerScheduler<Command> timers,
            MarathonCore core,
            Tools tools,
            List<Fact> stored) {
        super(context);
        this.core = core;
        this.tools = tools;
        this.timers = timers;
        feed(new MarathonEvent.StateRecovered(stored));
    }

    static Behavior<Command> create(MarathonCore core, Tools tools, List<Fact> stored) {
        return Behaviors.setup(
                context -> Behaviors.withTimers(timers -> new MarathonActor(context, timers, core, tools, stored)));
    }

    @Override
    public Receive<Command> createReceive() {
        return newReceiveBuilder()
                .onMessage(Happened.class, m -> feed(m.event()))
                .onMessage(Later.class, m -> {
                    m.rest().start(timers, Later::new);
                    return this;
                })
                .onMessage(Asked.class, this::onAsked)
                .onMessage(Written.class, m -> carryOut(commits.written()))
                .onMessage(WriteFailed.class, this::onWriteFailed)
                .onMessage(Deposed.class, m -> Behaviors.stopped())
                .build();
    }

    private Behavior<Command> onAsked(Asked asked) {
        if (askers.size() >= MAX_ASKERS) {
            asked.replyTo()
                    .tell(new Answer.Refused(Refusal.of(Rejection.unavailable(
                            MAX_ASKERS + " requests wait already: the store is too slow; try again later"))));
            return this;
        }
        long id = nextRequest++;
        askers.put(id, asked.replyTo());
        return feed(new MarathonEvent.RequestReceived(id, asked.origin(), asked.request()));
    }

    private Behavior<Command> onWriteFailed(WriteFailed failed) {
        tools.exit().accept("the state cannot be stored: " + failed.cause().getMessage());
        return Behaviors.stopped();
    }

    private Behavior<Command> feed(MarathonEvent event) {
        return carryOut(commits.offer(core.on(Instant.now(), event)));
    }

    private Behavior<Command> carryOut(CommitQueue.Step step) {
        step.ready().forEach(effect -> effect.handle(this));
        if (!step.write().isEmpty()) {
            getContext()
                    .pipeToSelf(
                            tools.store().write(step.write()),
                            (done, error) -> error == null ? new Written() : new WriteFailed(error));
        }
        return this;
    }

    @Override
    public void store(MarathonEffect.Store effect) {
        throw new IllegalStateException("the commit queue hands writes out by themselves");
    }

    @Override
    public void send(MarathonEffect.Send effect) {
        tools.send().accept(effect.call());
    }

    @Override
    public void reply(MarathonEffect.Reply effect) {
        ActorRef<Answer> asker = askers.remove(effect.requestId());
        if (asker != null) {
            asker.tell(effect.answer());
        }
    }

    @Override
    public void publish(MarathonEffect.Publish effect) {
        tools.watchers().publish(effect.notice(), effect.at());
    }

    @Override
    public void runCheck(MarathonEffect.RunCheck effect) {
        getContext()
                .pipeToSelf(
                        tools.checks().run(effect),
                        (outcome, impossible) ->
                                new Happened(new MarathonEvent.CheckFinished(effect.check(), outcome)));
    }

    @Override
    public void wakeAt(MarathonEffect.WakeAt effect) {
        new FarTimer<Command>(
                        WAKE,
                        new Happened(new MarathonEvent.TimePassed()),
                        Duration.between(Instant.now(), effect.at()))
                .start(timers, Later::new);
    }

    @Override
    public void exit(MarathonEffect.Exit effect) {
        tools.exit().accept(effect.reason());
    }
}
