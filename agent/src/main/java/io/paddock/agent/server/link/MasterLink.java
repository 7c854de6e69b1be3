package io.paddock.agent.server.link;

import io.paddock.proto.link.FromAgent;
import io.paddock.proto.link.ToAgent;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Supplier;
import javax.net.ssl.SSLContext;
import org.apache.pekko.Done;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.PostStop;
import org.apache.pekko.actor.typed.javadsl.AbstractBehavior;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.javadsl.Receive;
import org.apache.pekko.actor.typed.javadsl.TimerScheduler;
import org.apache.pekko.http.javadsl.ConnectionContext;
import org.apache.pekko.http.javadsl.HttpsConnectionContext;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Keeps one connection to the leading master: connects, connects again with growing random pauses, follows the leader. */
public final class MasterLink extends AbstractBehavior<MasterLink.Command> {
    private static final Logger LOG = LoggerFactory.getLogger(MasterLink.class);
    private static final Duration PAUSE_MIN = Duration.ofMillis(200);
    private static final Duration PAUSE_MAX = Duration.ofSeconds(5);

    private final Events events;
    private final Identity identity;
    private final MasterDetector detector;
    private final TimerScheduler<Command> timers;
    private Optional<MasterAddress> leader = Optional.empty();
    /** Whom a master that does not lead has named; forgotten as soon as that one cannot be reached. */
    private Optional<MasterAddress> named = Optional.empty();

    private @Nullable LinkSocket socket;
    /** Counts connection attempts: answers of earlier ones are ignored. */
    private long attempt;

    private int failures;

    /** Who is told what happens; from any thread. */
    public interface Events {
        void opened();

        void closed(String why);

        /** The next message is read when the answer completes. */
        CompletionStage<Done> received(ToAgent message);
    }

    /**
     * Who the agent says it is, and whom it trusts.
     *
     * @param credentials {@code user:password} as they are now, where the master demands them
     * @param tls for masters that speak HTTPS
     */
    public record Identity(Supplier<Optional<String>> credentials, SSLContext tls) {
        HttpsConnectionContext context() {
            return ConnectionContext.httpsClient(tls);
        }
    }

    /** What the link is told. */
    public sealed interface Command {}

    /** Lost when there is no connection. */
    public record Send(FromAgent message) implements Command {}

    /** Give the connection up and make a new one. */
    public record Reconnect(String why) implements Command {}

    /** Close the connection and end. */
    public record Stop() implements Command {}

    private record LeaderChanged(Optional<MasterAddress> leader) implements Command {}

    private record Connected(long attempt, LinkSocket socket) implements Command {}

    private record Failed(long attempt, Throwable cause) implements Command {}

    private record Closed(long attempt, String why) implements Command {}

    private record Connect() implements Command {}

    private MasterLink(
            ActorContext<Command> context,
            TimerScheduler<Command> timers,
            MasterDetector detector,
            Identity identity,
            Events events) {
        super(context);
        this.timers = timers;
        this.detector = detector;
        this.identity = identity;
        this.events = events;
    }

    public static Behavior<Command> create(MasterDetector detector, Identity identity, Events events) {
        return Behaviors.setup(context -> Behaviors.withTimers(timers -> {
            detector.start(leader -> context.getSelf().tell(new LeaderChanged(leader)));
            return new MasterLink(context, timers, detector, identity, events);
        }));
    }

    @Override
    public Receive<Command> createReceive() {
        return newReceiveBuilder()
                .onMessage(Send.class, this::send)
                .onMessage(LeaderChanged.class, this::leaderChanged)
                .onMessage(Connect.class, m -> connect())
                .onMessage(Connected.class, this::connected)
                .onMessage(Failed.class, this::failed)
                .onMessage(Closed.class, this::closed)
                .onMessage(Reconnect.class, m -> drop(m.why(), true))
                .onMessage(Stop.class, m -> Behaviors.stopped())
                .onSignal(PostStop.class, signal -> stopped())
                .build();
    }

    private Behavior<Command> send(Send m) {
        if (socket != null) {
            socket.send(m.message());
        }
        return this;
    }

    private Behavior<Command> leaderChanged(LeaderChanged m) {
        if (m.leader().equals(leader) && socket != null) {
            return this;
        }
        leader = m.leader();
        named = Optional.empty();
        LOG.info("{}", leader.map(l -> "The leading master is " + l).orElse("There is no leading master"));
        failures = 0;
        drop("another master leads", false);
        return leader.isPresent() ? connect() : this;
    }

    private Behavior<Command> connect() {
        if (leader.isEmpty()) {
            return this;
        }
        long mine = ++attempt;
        var connecting = LinkSocket.connect(
                getContext().getSystem(), named.orElse(leader.get()), identity, message -> events.received(message));
        getContext()
                .pipeToSelf(
                        connecting,
                        (made, failure) ->
                                made != null ? new Connected(mine, made) : new Failed(mine, unwrapped(failure)));
        return this;
    }

    private Behavior<Command> connected(Connected m) {
        if (m.attempt() != attempt) {
            m.socket().close();
            return this;
        }
        socket = m.socket();
        failures = 0;
        getContext().pipeToSelf(m.socket().closed(), (why, failure) -> new Closed(m.attempt(), String.valueOf(why)));
        events.opened();
        return this;
    }

    private Behavior<Command> failed(Failed m) {
        if (m.attempt() != attempt) {
            return this;
        }
        boolean asked = named.isEmpty();
        named = Optional.empty();
        if (asked && m.cause() instanceof LinkSocket.NotLeader other) {
            named = Optional.of(other.leader);
            return connect();
        }
        if (failures == 0) {
            LOG.warn(
                    "Cannot reach the master at {}: {}; trying again until it answers",
                    leader.map(MasterAddress::toString).orElse("?"),
                    m.cause().getMessage());
        }
        connectLater();
        return this;
    }

    private void connectLater() {
        long most = Math.min(PAUSE_MAX.toMillis(), PAUSE_MIN.toMillis() << Math.min(failures++, 10));
        long pause = most / 2 + ThreadLocalRandom.current().nextLong(most / 2 + 1);
        timers.startSingleTimer("connect", new Connect(), Duration.ofMillis(pause));
    }

    private Behavior<Command> closed(Closed m) {
        return m.attempt() == attempt && socket != null ? drop(m.why(), true) : this;
    }

    private Behavior<Command> drop(String why, boolean again) {
        attempt++;
        timers.cancel("connect");
        if (socket != null) {
            socket.close();
            socket = null;
            LOG.info("Lost the master: {}", why);
            events.closed(why);
        }
        if (again) {
            connectLater();
        }
        return this;
    }

    private Behavior<Command> stopped() {
        attempt++;
        if (socket != null) {
            socket.close();
            socket = null;
        }
        detector.close();
        return this;
    }

    private static Throwable unwrapped(@Nullable Throwable failure) {
        if (failure == null) {
            return new IllegalStateException("no answer");
        }
        return failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
    }
}
