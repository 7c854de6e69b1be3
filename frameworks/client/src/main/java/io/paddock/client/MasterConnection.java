package io.paddock.client;

import io.paddock.client.core.Backoff;
import io.paddock.client.core.ConnectionCore;
import io.paddock.client.core.ConnectionEffect;
import io.paddock.client.core.ConnectionEvent;
import io.paddock.proto.v1.FrameworkID;
import io.paddock.proto.v1.scheduler.Call;
import io.paddock.proto.v1.scheduler.Event;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A subscription that stays alive: wire messages of the v1 scheduler API in and out, nothing decided on the way. Finds the
 * leader, subscribes, watches heartbeats, comes back after every loss with the framework id it was given.
 *
 * <p>Calls are sent in the order they were made, without waiting for the answers to those before; those that follow from events
 * which came together leave together. While many wait, no further events are read. A call made while there is no
 * subscription fails at once: what must happen anyway has to follow from the events after the next SUBSCRIBED. When calls are
 * lost on the way the subscription is given up and had anew, so that the framework reconciles.
 *
 * <p>Thread safe. The listener is called on one thread, never concurrently; while it works, no further events are read. The
 * stages of calls are completed on {@linkplain ConnectionOptions#executor other threads}: what depends on one may block.
 */
public final class MasterConnection implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(MasterConnection.class);
    private static final Duration FINISH_WITHIN = Duration.ofSeconds(5);
    private static final Duration BETWEEN_LOOKS = Duration.ofSeconds(1);

    /** Who hears of it all, on the connection's thread. It must not block. */
    public interface Listener {
        /** Anything but heartbeats. SUBSCRIBED comes again after every reconnection. */
        void event(Event event);

        /** There is no subscription, or the try to get one failed; the next try starts after {@code retryAfter}. */
        default void disconnected(String reason, Duration retryAfter) {}

        /** A call was refused, or did not get through; its sender's stage fails too. */
        default void refused(Call call, CallRefusedException why) {}

        /** Trying again cannot help: the master said so. The connection is closed; nothing follows. */
        void failed(String reason);
    }

    private final Supplier<Call> subscribe;
    private final Listener listener;
    private final ConnectionThread thread = new ConnectionThread("paddock-scheduler");
    private final Outcomes outcomes;
    private final SchedulerHttp http;
    private final MasterLocator locator;
    private final ConnectionOptions options;
    private final ConnectionCore core;
    private final Queue<ConnectionEvent> happened = new ArrayDeque<>();
    private final CompletableFuture<Void> ended = new CompletableFuture<>();
    private final AtomicInteger handedOver = new AtomicInteger();
    private volatile @Nullable FrameworkID frameworkId;
    private @Nullable Subscription subscription;

    MasterConnection(ConnectionOptions options, Supplier<Call> subscribe, Listener listener) {
        this.options = options;
        this.subscribe = subscribe;
        this.listener = listener;
        this.locator = MasterLocator.of(options);
        this.outcomes = new Outcomes(options.executor());
        this.http = new SchedulerHttp(options);
        this.core = new ConnectionCore(new Backoff(
                options.minBackoff(),
                options.maxBackoff(),
                ThreadLocalRandom.current().nextLong()));
    }

    /**
     * Starts connecting.
     *
     * @param subscribe makes the SUBSCRIBE call of each try, on the connection's thread; the framework id of the last
     *     subscription is filled in when it has none
     * @throws IllegalArgumentException when the master's address cannot be understood
     */
    public static MasterConnection open(ConnectionOptions options, Supplier<Call> subscribe, Listener listener) {
        MasterConnection connection = new MasterConnection(options, subscribe, listener);
        connection.start();
        return connection;
    }

    void start() {
        thread.execute(() -> feed(new ConnectionEvent.ConnectionWanted()));
    }

    /** The id of this framework, once there was a SUBSCRIBED. */
    public @Nullable FrameworkID frameworkId() {
        return frameworkId;
    }

    /** The connection's thread; what runs here never overlaps with the listener. Rejects what comes after the end. */
    public Executor executor() {
        return task -> {
            if (!execute(task)) {
                throw new RejectedExecutionException("the driver has stopped");
            }
        };
    }

    /** As the executor; answers whether it is run. */
    boolean execute(Runnable task) {
        return thread.execute(task);
    }

    /**
     * Sends a call; the framework id is filled in.
     *
     * @return done when the master has taken it (which does not mean that it had its effect: that is seen in events);
     *     fails with {@link CallRefusedException}
     */
    public CompletionStage<Void> send(Call call) {
        return send(call, outcome -> {});
    }

    /** As above; {@code before} is told of the call on the connection's thread, in one step with the sending. */
    CompletionStage<Void> send(Call call, Consumer<CompletionStage<Void>> before) {
        CompletableFuture<Void> outcome = new CompletableFuture<>();
        if (handedOver.incrementAndGet() > options.maxQueuedCalls()) {
            handedOver.decrementAndGet();
            refuse(call, outcome, options.maxQueuedCalls() + " calls are already waiting");
            return outcome;
        }
        boolean handed = thread.execute(() -> {
            handedOver.decrementAndGet();
            before.accept(outcome);
            submit(call, outcome);
        });
        if (!handed) {
            handedOver.decrementAndGet();
            refuse(call, outcome, "the connection is closed");
        }
        return outcome;
    }

    /**
     * Ends the subscription; the framework stays known to the master for its failover timeout. Returns at once; calls made
     * before are still sent, if the master answers them within 5 s. What is on its way then is waited for, but not by
     * {@link #ended}: its outcome may come up to 30 s later.
     */
    @Override
    public void close() {
        thread.execute(() -> feed(new ConnectionEvent.ConnectionReleased()));
    }

    /** Done when the connection has ended for good, and the calls made before it was closed with it, or after 5 s. */
    CompletionStage<Void> ended() {
        return ended;
    }

    private void refuse(Call call, CompletableFuture<Void> outcome, String reason) {
        told(call, outcome, CallRefusedException.notSent(call.getType(), reason));
    }

    /** The thread that learns of an outcome has others to learn of: it must not run what depends on it. */
    private void told(Call call, CompletableFuture<Void> outcome, @Nullable CallRefusedException why) {
        if (why != null) {
            thread.later(() -> guarded(() -> listener.refused(call, why)));
        }
        outcomes.complete(outcome, why);
    }

    private void submit(Call call, CompletableFuture<Void> outcome) {
        Subscription s = subscription;
        FrameworkID id = frameworkId;
        if (s == null
                || id == null
                || core.phase() != ConnectionCore.Phase.SUBSCRIBED
                || !s.send(call, id, why -> told(call, outcome, why))) {
            refuse(call, outcome, "there is no subscription at the moment");
        }
    }

    /** A callback may cause further events; they wait until the effects of the current one are carried out. */
    private void feed(ConnectionEvent event) {
        happened.add(event);
        if (happened.size() > 1) {
            return;
        }
        while (!happened.isEmpty()) {
            guarded(() ->
                    core.on(Instant.now(), happened.element()).forEach(effect -> guarded(() -> carryOut(effect))));
            happened.remove();
        }
        if (core.phase() == ConnectionCore.Phase.OVER) {
            guarded(locator::close);
            thread.end();
        }
    }

    private void carryOut(ConnectionEffect effect) {
        if (effect instanceof ConnectionEffect.LocateMaster e) {
            locator.locate()
                    .whenComplete((master, error) -> thread.execute(() -> feed(
                            error == null
                                    ? new ConnectionEvent.MasterLocated(e.attempt(), master)
                                    : new ConnectionEvent.LocatingFailed(e.attempt(), Causes.of(error)))));
        } else if (effect instanceof ConnectionEffect.Subscribe e) {
            subscribe(e.attempt(), e.master());
        } else if (effect instanceof ConnectionEffect.DropStream) {
            dropStream();
        } else if (effect instanceof ConnectionEffect.FinishStream) {
            finishStream();
        } else if (effect instanceof ConnectionEffect.Deliver e) {
            deliver(e.event());
        } else if (effect instanceof ConnectionEffect.AnnounceTrouble e) {
            listener.disconnected(e.reason(), e.retryAfter());
        } else if (effect instanceof ConnectionEffect.GiveUp e) {
            guarded(() -> listener.failed(e.reason()));
            outcomes.completeLast(ended);
        } else if (effect instanceof ConnectionEffect.WakeAt e) {
            thread.wakeAt(e.time(), this::timeCame);
        }
    }

    /** Events that wait here, for room for the calls they lead to, are not the master's silence. */
    private void timeCame() {
        if (subscription != null && subscription.holdsBack()) {
            thread.wakeAt(Instant.now().plus(BETWEEN_LOOKS), this::timeCame);
        } else {
            feed(new ConnectionEvent.TimeCame());
        }
    }

    private void subscribe(long attempt, String master) {
        Subscription next = new Subscription(attempt, options, http, thread, this::feed);
        subscription = next;
        next.ask(master, () -> identified(subscribe.get()));
    }

    private Call identified(Call call) {
        FrameworkID id = frameworkId;
        if (id == null || call.hasFrameworkId()) {
            return call;
        }
        Call.Builder identified = call.toBuilder().setFrameworkId(id);
        identified.getSubscribeBuilder().getFrameworkInfoBuilder().setId(id);
        return identified.build();
    }

    private void dropStream() {
        if (subscription != null) {
            Subscription ended = subscription;
            subscription = null;
            ended.drop();
        }
    }

    private void finishStream() {
        CompletionStage<Void> answered =
                subscription == null ? CompletableFuture.completedStage(null) : subscription.finish(FINISH_WITHIN);
        answered.whenComplete((done, error) -> outcomes.completeLast(ended));
    }

    private void deliver(Event event) {
        if (event.getType() == Event.Type.SUBSCRIBED) {
            frameworkId = event.getSubscribed().getFrameworkId();
        }
        listener.event(event);
    }

    private void guarded(Runnable step) {
        try {
            step.run();
        } catch (RuntimeException | Error e) {
            LOG.error("A step of the scheduler connection, or its listener, failed; going on without it", e);
        }
    }
}
