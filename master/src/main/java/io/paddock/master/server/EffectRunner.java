package io.paddock.master.server;

import io.paddock.common.Rejection;
import io.paddock.master.core.MasterEffect;
import io.paddock.master.core.MasterEffect.Answer;
import io.paddock.master.core.MasterEvent;
import io.paddock.master.core.Timer;
import io.paddock.master.core.snapshot.ClusterChange;
import io.paddock.master.server.registry.RegistryStore;
import io.paddock.platform.http.EventStream;
import io.paddock.platform.timers.FarTimer;
import io.paddock.proto.v1.scheduler.Event;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.TimerScheduler;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Carries out what the core asks for. Owned by the actor. */
final class EffectRunner {
    private static final Logger LOG = LoggerFactory.getLogger(EffectRunner.class);

    /**
     * What lies outside of the actor.
     *
     * @param store of the registry
     * @param giveUp told why this master may not lead any more
     * @param timings of allocations
     * @param queue of the actor
     */
    record Outside(RegistryStore store, Consumer<String> giveUp, AllocationTimings timings, EventQueue queue) {}

    private final ActorContext<MasterActor.Command> context;
    private final TimerScheduler<MasterActor.Command> timers;
    private final Outside outside;
    private final Map<String, CompletableFuture<Answer>> requests = new HashMap<>();
    private final Map<String, EventStream<Event>> streams = new HashMap<>();
    private final Map<String, AgentLink> links = new HashMap<>();
    private final Set<Consumer<ClusterChange>> followers = new LinkedHashSet<>();

    EffectRunner(
            ActorContext<MasterActor.Command> context, TimerScheduler<MasterActor.Command> timers, Outside outside) {
        this.context = context;
        this.timers = timers;
        this.outside = outside;
    }

    void await(String request, CompletableFuture<Answer> answer) {
        requests.put(request, answer);
    }

    void open(String stream, EventStream<Event> events) {
        streams.put(stream, events);
    }

    void streamClosed(String stream) {
        streams.remove(stream);
    }

    void open(String link, AgentLink out) {
        links.put(link, out);
    }

    void linkClosed(String link) {
        links.remove(link);
    }

    void follow(Consumer<ClusterChange> listener) {
        followers.add(listener);
    }

    void unfollow(Consumer<ClusterChange> listener) {
        followers.remove(listener);
    }

    /** The actor ends: a broken invariant, or the server closes. Nobody waits for ever. */
    void stopped() {
        Answer gone = Answer.rejected(Rejection.unavailable("This master is shutting down; try again in a moment"));
        requests.values().forEach(request -> request.complete(gone));
        streams.values().forEach(EventStream::close);
        links.values().forEach(AgentLink::close);
        outside.giveUp().accept("the master's actor has stopped; the log says why");
    }

    void timerDone(Timer timer, long firedAtNanos) {
        outside.timings().done(timer, firedAtNanos);
    }

    void carryOut(List<MasterEffect> effects) {
        effects.forEach(this::carryOut);
    }

    private void carryOut(MasterEffect effect) {
        if (effect instanceof MasterEffect.SendToScheduler send) {
            EventStream<Event> stream = streams.get(send.stream());
            if (stream != null && !stream.offer(send.event())) {
                // It ended, perhaps before the core knew of it: make sure that the core learns it.
                outside.queue().tell(context.getSelf(), new MasterActor.StreamClosed(send.stream()));
            }
        } else if (effect instanceof MasterEffect.SendToAgent send) {
            AgentLink link = links.get(send.link());
            if (link != null) {
                link.send(send.message());
            }
        } else if (effect instanceof MasterEffect.Reply reply) {
            CompletableFuture<Answer> request = requests.remove(reply.request());
            if (request != null) {
                request.complete(reply.answer());
            }
        } else if (effect instanceof MasterEffect.Publish publish) {
            new ArrayList<>(followers).forEach(follower -> follower.accept(publish.change()));
        } else if (effect instanceof MasterEffect.StartTimer start) {
            outside.timings().started(start.timer(), start.delay());
            start(start.timer(), start.delay());
        } else if (effect instanceof MasterEffect.CancelTimer cancel) {
            timers.cancel(cancel.timer());
        } else if (effect instanceof MasterEffect.Persist persist) {
            context.pipeToSelf(
                    outside.store().write(persist.writes()),
                    (done, failure) -> outside.queue()
                            .counted(new MasterActor.Happened(
                                    failure == null
                                            ? new MasterEvent.Persisted(persist.ticket())
                                            : new MasterEvent.PersistFailed(failure.getMessage()))));
        } else if (effect instanceof MasterEffect.CloseStream close) {
            EventStream<Event> stream = streams.remove(close.stream());
            if (stream != null) {
                stream.close();
            }
        } else if (effect instanceof MasterEffect.CloseLink close) {
            AgentLink link = links.remove(close.link());
            if (link != null) {
                link.close();
            }
        } else if (effect instanceof MasterEffect.GiveUpLeadership giveUp) {
            LOG.error("Giving up leadership: {}", giveUp.reason());
            outside.giveUp().accept(giveUp.reason());
        }
    }

    /**
     * The actor system's clock ticks every 10 ms and is up to two ticks late: too coarse for the pause before an allocation,
     * which is never cancelled.
     */
    private void start(Timer timer, Duration delay) {
        MasterActor.TimerFired fired = new MasterActor.TimerFired(timer);
        if (timer.kind() == Timer.Kind.ALLOCATE) {
            ActorRef<MasterActor.Command> self = context.getSelf();
            CompletableFuture.delayedExecutor(delay.toNanos(), TimeUnit.NANOSECONDS, Runnable::run)
                    .execute(() -> self.tell(fired));
        } else {
            new FarTimer<MasterActor.Command>(timer, fired, delay).start(timers, MasterActor.Later::new);
        }
    }
}
