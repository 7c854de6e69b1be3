package io.paddock.agent.server;

import io.paddock.agent.core.AgentCore;
import io.paddock.agent.core.AgentEffect;
import io.paddock.agent.core.AgentEvent;
import io.paddock.agent.core.AgentView;
import io.paddock.agent.core.ExecutorKey;
import io.paddock.agent.server.checkpoint.CheckpointLog;
import io.paddock.agent.server.executors.AgentMailbox;
import io.paddock.agent.server.executors.ExecutorTimers;
import io.paddock.common.Rejection;
import io.paddock.executor.core.ExecutorEvent;
import io.paddock.platform.http.EventStream;
import io.paddock.platform.http.Responses;
import io.paddock.platform.timers.FarTimer;
import io.paddock.proto.link.ToAgent;
import io.paddock.proto.v1.ContainerID;
import io.paddock.proto.v1.executor.Call;
import io.paddock.proto.v1.executor.Event;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.apache.pekko.Done;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.javadsl.AbstractBehavior;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.javadsl.Receive;
import org.apache.pekko.actor.typed.javadsl.TimerScheduler;
import org.apache.pekko.http.javadsl.model.HttpResponse;
import org.jspecify.annotations.Nullable;

/** Feeds the core with events and has its effects carried out; nothing else. */
final class AgentActor extends AbstractBehavior<AgentActor.Command> {
    private final AgentCore core;
    private final CheckpointLog log;
    private final EffectQueue effects;
    private final AgentEffects handler;
    private final TimerScheduler<Command> timers;
    /** Messages of the master beyond what may wait: it sends no more until they are taken. */
    private final List<CompletableFuture<Done>> untaken = new ArrayList<>();

    /** Whether launches that wait for the log are taken back: nothing of them is in its file. */
    private boolean withdrawing;

    private long requests;

    /** What the agent's actor is told. */
    sealed interface Command {}

    record Happened(AgentEvent event) implements Command {}

    record ExecutorHappened(ExecutorKey executor, ContainerID container, ExecutorEvent event) implements Command {}

    /** A timer so far ahead that it is reached in steps. */
    record Later(FarTimer<Command> rest) implements Command {}

    record ExecutorReady(ExecutorKey executor, ContainerID container) implements Command {}

    /** A call over HTTP; {@code stream} is what a SUBSCRIBE would read from. */
    record Called(Call call, Optional<EventStream<Event>> stream, CompletableFuture<HttpResponse> answer)
            implements Command {}

    record MasterSpoke(ToAgent message, CompletableFuture<Done> taken) implements Command {}

    record ReadView(CompletableFuture<AgentView> answer) implements Command {}

    /** End; tasks go on. */
    record Stop(CompletableFuture<Done> stopped) implements Command {}

    record LogWritten(@Nullable Throwable failure) implements Command {}

    /** The log cannot be written, and until it can nothing of what waits for it happens. */
    record LogInTrouble(String why) implements Command {}

    /** What the actor gives to those who carry out effects. */
    record Ports(
            ActorContext<Command> context,
            AgentMailbox mailbox,
            ExecutorTimers timers,
            TimerScheduler<Command> scheduler,
            java.util.function.Consumer<Call> builtInCalls) {}

    private AgentActor(
            ActorContext<Command> context,
            TimerScheduler<Command> timers,
            AgentCore core,
            CheckpointLog log,
            int mostWaiting,
            Function<Ports, AgentEffects> effects) {
        super(context);
        this.core = core;
        this.timers = timers;
        this.log = log;
        ActorRef<Command> self = context.getSelf();
        this.handler =
                effects.apply(new Ports(context, mailbox(self), executorTimers(timers), timers, this::builtInCalled));
        this.effects = new EffectQueue(
                log, handler, core::records, mostWaiting, failure -> self.tell(new LogWritten(failure)));
        log.whenInTrouble(why -> self.tell(new LogInTrouble(why)));
        feed(new AgentEvent.Recovered());
        handler.recovered(core.view());
    }

    /** @param mostWaiting how many effects wait for the log before messages and calls are not taken any more */
    static Behavior<Command> create(
            AgentCore core, CheckpointLog log, int mostWaiting, Function<Ports, AgentEffects> effects) {
        return Behaviors.setup(context ->
                Behaviors.withTimers(timers -> new AgentActor(context, timers, core, log, mostWaiting, effects)));
    }

    private static AgentMailbox mailbox(ActorRef<Command> self) {
        return new AgentMailbox() {
            @Override
            public void tell(AgentEvent event) {
                self.tell(new Happened(event));
            }

            @Override
            public void tell(ExecutorKey executor, ContainerID container, ExecutorEvent event) {
                self.tell(new ExecutorHappened(executor, container, event));
            }

            @Override
            public void tellReady(ExecutorKey executor, ContainerID container) {
                self.tell(new ExecutorReady(executor, container));
            }
        };
    }

    private static ExecutorTimers executorTimers(TimerScheduler<Command> timers) {
        return new ExecutorTimers() {
            @Override
            public void start(Name name, Duration after) {
                new FarTimer<Command>(
                                name,
                                new ExecutorHappened(
                                        name.executor(), name.container(), new ExecutorEvent.TimerFired(name.key())),
                                after)
                        .start(timers, Later::new);
            }

            @Override
            public void cancel(Name name) {
                timers.cancel(name);
            }
        };
    }

    @Override
    public Receive<Command> createReceive() {
        return newReceiveBuilder()
                .onMessage(Happened.class, m -> happened(m.event()))
                .onMessage(ExecutorHappened.class, m -> {
                    handler.builtIns().happened(m.executor(), m.container(), m.event(), Instant.now());
                    return this;
                })
                .onMessage(Later.class, m -> {
                    m.rest().start(timers, Later::new);
                    return this;
                })
                .onMessage(ExecutorReady.class, m -> {
                    handler.builtIns().ready(m.executor(), m.container());
                    return this;
                })
                .onMessage(Called.class, m -> {
                    if (effects.full()) {
                        m.answer().complete(Responses.rejected(Rejection.unavailable("Too much waits for the disk")));
                        return this;
                    }
                    long request = ++requests;
                    handler.connections().called(request, m.call(), m.stream(), m.answer());
                    return feed(new AgentEvent.ExecutorCalled(request, m.call(), true));
                })
                .onMessage(MasterSpoke.class, m -> {
                    masterSpoke(m.message());
                    if (effects.full()) {
                        untaken.add(m.taken());
                    } else {
                        m.taken().complete(Done.getInstance());
                    }
                    return this;
                })
                .onMessage(ReadView.class, m -> {
                    m.answer().complete(core.view());
                    return this;
                })
                .onMessage(LogWritten.class, this::logWritten)
                .onMessage(LogInTrouble.class, this::logInTrouble)
                .onMessage(Stop.class, m -> {
                    handler.stop();
                    m.stopped().complete(Done.getInstance());
                    return Behaviors.stopped();
                })
                .build();
    }

    private void masterSpoke(ToAgent message) {
        String trouble = log.trouble();
        if (message.hasRunTasks() && trouble != null) {
            DiskRefusal.of(message.getRunTasks(), trouble, Instant.now())
                    .forEach(answer -> handler.on(new AgentEffect.SendToMaster(answer)));
        } else {
            feed(new AgentEvent.MasterSpoke(message));
        }
    }

    private void builtInCalled(Call call) {
        feed(new AgentEvent.ExecutorCalled(++requests, call, false));
    }

    private Behavior<Command> happened(AgentEvent event) {
        if (event instanceof AgentEvent.Woken && !untaken.isEmpty()) {
            // The master is not silent: its heartbeats are behind what is not taken.
            feed(new AgentEvent.MasterSpoke(ToAgent.getDefaultInstance()));
        }
        return feed(event);
    }

    private Behavior<Command> feed(AgentEvent event) {
        effects.add(core.on(Instant.now(), event));
        String trouble = log.trouble();
        if (withdrawing && trouble != null) {
            withdrawLaunches(trouble);
        }
        return this;
    }

    private Behavior<Command> logWritten(LogWritten m) {
        if (m.failure() != null) {
            handler.fail("The checkpoint log cannot be written: " + m.failure().getMessage());
            return Behaviors.stopped();
        }
        withdrawing = false;
        effects.resume();
        if (!effects.full()) {
            untaken.forEach(taken -> taken.complete(Done.getInstance()));
            untaken.clear();
        }
        return this;
    }

    private Behavior<Command> logInTrouble(LogInTrouble m) {
        if (log.trouble() != null) {
            withdrawing = true;
            withdrawLaunches(m.why());
        }
        return this;
    }

    /** What was to be launched while the disk fails ends at once: those who wait for it learn why. */
    private void withdrawLaunches(String trouble) {
        List<AgentEffect> statuses = new ArrayList<>();
        List<AgentEffect> launches = effects.withdrawLaunches();
        while (!launches.isEmpty()) {
            for (AgentEffect launch : launches) {
                List<AgentEffect> decided = core.on(Instant.now(), Undelivered.of(launch, "Not started: " + trouble));
                effects.add(decided);
                decided.stream().filter(Undelivered::isStatus).forEach(statuses::add);
            }
            launches = effects.withdrawLaunches();
        }
        effects.joinWrite();
        // They will not run, whatever becomes of the disk, so that this need not wait for it. It is said again after
        // that.
        statuses.forEach(effect -> effect.accept(handler));
    }
}
