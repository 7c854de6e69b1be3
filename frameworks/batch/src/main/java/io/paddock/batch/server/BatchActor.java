package io.paddock.batch.server;

import io.paddock.batch.core.Answer;
import io.paddock.batch.core.BatchCore;
import io.paddock.batch.core.BatchEffect;
import io.paddock.batch.core.BatchEvent;
import io.paddock.batch.core.News;
import io.paddock.batch.core.Request;
import io.paddock.batch.server.registry.BatchRegistry;
import io.paddock.client.SchedulerDriver;
import io.paddock.platform.timers.FarTimer;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.PostStop;
import org.apache.pekko.actor.typed.javadsl.AbstractBehavior;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.javadsl.Receive;
import org.apache.pekko.actor.typed.javadsl.TimerScheduler;
import org.jspecify.annotations.Nullable;

/** Feeds the core and carries out its effects. Ends with its driver closed; the tasks go on. */
final class BatchActor extends AbstractBehavior<BatchActor.Command> implements BatchEffect.Handler<Void> {
    /** What the actor is told. */
    sealed interface Command {}

    /** A user asks. */
    record Asked(Request request, ActorRef<Answer> replyTo) implements Command {}

    /** Something happened in the cluster. */
    record Happened(BatchEvent event) implements Command {}

    /** End; the driver is closed, tasks go on. */
    record Stop() implements Command {}

    private record Written(long sequence, @Nullable Throwable failure) implements Command {}

    private record Wake() implements Command {}

    private record Later(FarTimer<Command> rest) implements Command {}

    /**
     * What the actor works with.
     *
     * @param driver opens the connection to the master, given who is told of its events and the framework's id
     * @param gauges told the core's numbers after each event
     * @param news told what has happened
     * @param failed told the reason when this instance must stop leading
     */
    record Parts(
            BatchCore core,
            BatchRegistry registry,
            BiFunction<ActorRef<Command>, String, SchedulerDriver> driver,
            Clock clock,
            Consumer<BatchCore> gauges,
            Consumer<News> news,
            Consumer<String> failed) {}

    private final Parts parts;
    private final TimerScheduler<Command> timers;
    private SchedulerDriver driver;
    private final Map<Long, ActorRef<Answer>> asking = new HashMap<>();
    private long requests;
    private Instant last = Instant.EPOCH;

    private BatchActor(ActorContext<Command> context, TimerScheduler<Command> timers, Parts parts) {
        super(context);
        this.parts = parts;
        this.timers = timers;
        this.driver = parts.driver().apply(context.getSelf(), parts.core().frameworkId());
        feed(new BatchEvent.Elected());
    }

    static Behavior<Command> create(Parts parts) {
        return Behaviors.setup(context -> Behaviors.withTimers(timers -> new BatchActor(context, timers, parts)));
    }

    @Override
    public Receive<Command> createReceive() {
        return newReceiveBuilder()
                .onMessage(Asked.class, this::asked)
                .onMessage(Happened.class, happened -> feed(happened.event()))
                .onMessage(Written.class, this::written)
                .onMessage(Later.class, later -> {
                    later.rest().start(timers, Later::new);
                    return this;
                })
                .onMessage(Wake.class, wake -> feed(new BatchEvent.TimerFired()))
                .onMessage(Stop.class, stop -> Behaviors.stopped())
                .onSignal(PostStop.class, signal -> {
                    driver.close();
                    return this;
                })
                .build();
    }

    private Behavior<Command> asked(Asked asked) {
        asking.put(++requests, asked.replyTo());
        return feed(new BatchEvent.Requested(requests, asked.request()));
    }

    private Behavior<Command> written(Written written) {
        if (written.failure() != null) {
            parts.failed().accept("The state could not be written: " + written.failure());
            return Behaviors.stopped();
        }
        return feed(new BatchEvent.Persisted(written.sequence()));
    }

    private Behavior<Command> feed(BatchEvent event) {
        Instant now = parts.clock().instant();
        last = now.isBefore(last) ? last : now;
        for (BatchEffect effect : parts.core().on(last, event)) {
            effect.accept(this);
        }
        parts.gauges().accept(parts.core());
        return this;
    }

    @Override
    public @Nullable Void send(BatchEffect.Send effect) {
        driver.send(effect.call());
        return null;
    }

    @Override
    public @Nullable Void persist(BatchEffect.Persist effect) {
        getContext()
                .pipeToSelf(
                        parts.registry().write(effect.steps()),
                        (done, failure) -> new Written(effect.sequence(), failure));
        return null;
    }

    @Override
    public @Nullable Void reply(BatchEffect.Reply effect) {
        ActorRef<Answer> replyTo = asking.remove(effect.requestId());
        if (replyTo != null) {
            replyTo.tell(effect.answer());
        }
        return null;
    }

    @Override
    public @Nullable Void announce(BatchEffect.Announce effect) {
        parts.news().accept(effect.news());
        return null;
    }

    @Override
    public @Nullable Void setTimer(BatchEffect.SetTimer effect) {
        new FarTimer<Command>(Wake.class, new Wake(), Duration.between(last, effect.at())).start(timers, Later::new);
        return null;
    }

    @Override
    public @Nullable Void startOver(BatchEffect.StartOver effect) {
        driver.close();
        driver = parts.driver().apply(getContext().getSelf(), "");
        return null;
    }

    @Override
    public @Nullable Void giveUp(BatchEffect.GiveUp effect) {
        parts.failed().accept(effect.reason());
        return null;
    }
}
