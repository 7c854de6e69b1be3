package io.paddock.master.server;

import io.paddock.master.core.MasterCore;
import io.paddock.master.core.MasterEffect.Answer;
import io.paddock.master.core.MasterEvent;
import io.paddock.master.core.Timer;
import io.paddock.master.core.allocator.Explanation;
import io.paddock.master.core.snapshot.ClusterChange;
import io.paddock.master.core.snapshot.ClusterSnapshot;
import io.paddock.master.core.snapshot.MasterFigures;
import io.paddock.platform.http.EventStream;
import io.paddock.platform.timers.FarTimer;
import io.paddock.proto.link.FromAgent;
import io.paddock.proto.v1.scheduler.Call;
import io.paddock.proto.v1.scheduler.Event;
import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.apache.pekko.Done;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.PostStop;
import org.apache.pekko.actor.typed.javadsl.AbstractBehavior;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.javadsl.Receive;
import org.apache.pekko.actor.typed.javadsl.TimerScheduler;
import org.jspecify.annotations.Nullable;

/** The leading master: feeds the core with what happens and has its effects carried out. Decides nothing. */
final class MasterActor extends AbstractBehavior<MasterActor.Command> {
    /** How old a published snapshot may get. */
    private static final Duration PUBLISH_WITHIN = Duration.ofMillis(20);

    /** What the actor is told. */
    sealed interface Command {}

    /** What the master's own parts tell it; counted by the {@link EventQueue}. */
    sealed interface Dispatch extends Command {}

    record Happened(MasterEvent event) implements Dispatch {}

    record TimerFired(Timer timer) implements Command {}

    /** A timer so far ahead that it is reached in steps. */
    record Later(FarTimer<Command> rest) implements Command {}

    record Subscribe(
            String request,
            Call call,
            String stream,
            @Nullable String givenStream,
            @Nullable String principal,
            EventStream<Event> events,
            CompletableFuture<Answer> answer)
            implements Command {}

    record StreamClosed(String stream) implements Dispatch {}

    record SchedulerCall(
            String request,
            Call call,
            @Nullable String stream,
            @Nullable String principal,
            CompletableFuture<Answer> answer)
            implements Command {}

    record OperatorCall(
            String request,
            io.paddock.proto.v1.master.Call call,
            @Nullable String principal,
            CompletableFuture<Answer> answer)
            implements Command {}

    record AskWhy(String frameworkId, String role, CompletableFuture<Explanation> answer) implements Dispatch {}

    record AskFigures(CompletableFuture<MasterFigures> answer) implements Dispatch {}

    record Follow(Consumer<ClusterChange> listener, CompletableFuture<ClusterSnapshot> answer) implements Dispatch {}

    record Unfollow(Consumer<ClusterChange> listener) implements Dispatch {}

    record LinkOpened(String link, AgentLink out) implements Dispatch {}

    record AgentSpoke(String link, @Nullable String principal, FromAgent message, CompletableFuture<Done> taken)
            implements Command {}

    record LinkClosed(String link) implements Dispatch {}

    record Stop() implements Command {}

    private record Publish() implements Command {}

    private final MasterCore core;
    private final Clock clock;
    private final EffectRunner effects;
    private final PublishedSnapshot published;
    private final TimerScheduler<Command> timers;
    private boolean publishing;

    static Behavior<Command> create(
            MasterCore core, Clock clock, EffectRunner.Outside outside, PublishedSnapshot published) {
        return outside.queue()
                .watch(Behaviors.setup(context -> Behaviors.withTimers(
                        timers -> new MasterActor(context, timers, core, clock, outside, published))));
    }

    private MasterActor(
            ActorContext<Command> context,
            TimerScheduler<Command> timers,
            MasterCore core,
            Clock clock,
            EffectRunner.Outside outside,
            PublishedSnapshot published) {
        super(context);
        this.core = core;
        this.clock = clock;
        this.timers = timers;
        this.published = published;
        this.effects = new EffectRunner(context, timers, outside);
    }

    @Override
    public Receive<Command> createReceive() {
        return newReceiveBuilder()
                .onMessage(AgentSpoke.class, m -> {
                    feed(new MasterEvent.AgentSpoke(m.link(), m.principal(), m.message()));
                    m.taken().complete(Done.getInstance());
                    return this;
                })
                .onMessage(SchedulerCall.class, m -> {
                    effects.await(m.request(), m.answer());
                    return feed(new MasterEvent.SchedulerCalled(m.request(), m.stream(), m.principal(), m.call()));
                })
                .onMessage(Happened.class, m -> feed(m.event()))
                .onMessage(Later.class, m -> {
                    m.rest().start(timers, Later::new);
                    return this;
                })
                .onMessage(TimerFired.class, m -> {
                    long firedAt = System.nanoTime();
                    feed(new MasterEvent.TimerFired(m.timer()));
                    effects.timerDone(m.timer(), firedAt);
                    return this;
                })
                .onMessage(Subscribe.class, m -> {
                    effects.await(m.request(), m.answer());
                    effects.open(m.stream(), m.events());
                    return feed(new MasterEvent.SubscribeCalled(
                            m.request(), m.stream(), m.givenStream(), m.principal(), m.call()));
                })
                .onMessage(StreamClosed.class, m -> {
                    effects.streamClosed(m.stream());
                    return feed(new MasterEvent.SchedulerStreamClosed(m.stream()));
                })
                .onMessage(OperatorCall.class, m -> {
                    effects.await(m.request(), publishedBefore(m.answer()));
                    return feed(new MasterEvent.OperatorCalled(m.request(), m.principal(), m.call()));
                })
                .onMessage(LinkOpened.class, m -> {
                    effects.open(m.link(), m.out());
                    return this;
                })
                .onMessage(LinkClosed.class, m -> {
                    effects.linkClosed(m.link());
                    return feed(new MasterEvent.AgentLinkClosed(m.link()));
                })
                .onMessage(AskWhy.class, m -> {
                    m.answer().complete(core.why(clock.instant(), m.frameworkId(), m.role()));
                    return this;
                })
                .onMessage(AskFigures.class, m -> {
                    m.answer().complete(core.figures());
                    return this;
                })
                .onMessage(Follow.class, m -> {
                    publish();
                    m.answer().complete(published.current());
                    effects.follow(m.listener());
                    return this;
                })
                .onMessage(Unfollow.class, m -> {
                    effects.unfollow(m.listener());
                    return this;
                })
                .onMessage(Publish.class, m -> {
                    publishing = false;
                    return publish();
                })
                .onMessage(Stop.class, m -> Behaviors.stopped())
                .onSignal(PostStop.class, signal -> {
                    effects.stopped();
                    return this;
                })
                .build();
    }

    private Behavior<Command> feed(MasterEvent event) {
        effects.carryOut(core.on(clock.instant(), event));
        if (!publishing) {
            publishing = true;
            timers.startSingleTimer(Publish.class, new Publish(), PUBLISH_WITHIN);
        }
        return this;
    }

    /** Who asked for a change and then reads finds it: effects are carried out on this actor's thread. */
    private CompletableFuture<Answer> publishedBefore(CompletableFuture<Answer> answer) {
        CompletableFuture<Answer> decided = new CompletableFuture<>();
        decided.thenAccept(given -> {
            publish();
            answer.complete(given);
        });
        return decided;
    }

    private Behavior<Command> publish() {
        published.publish(core.snapshot(clock.instant()));
        return this;
    }
}
