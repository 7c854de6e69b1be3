package io.paddock.simulation;

import com.google.protobuf.MessageLite;
import io.paddock.client.core.Backoff;
import io.paddock.client.core.ConnectionCore;
import io.paddock.client.core.ConnectionEffect;
import io.paddock.client.core.ConnectionEvent;
import io.paddock.master.core.MasterEffect;
import io.paddock.proto.v1.FrameworkID;
import io.paddock.proto.v1.scheduler.Call;
import io.paddock.proto.v1.scheduler.Event;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A framework's process: the shell of a connection core. Calls go one after another, each may be lost, answered too late or,
 * where that is harmless by the API, arrive twice.
 */
abstract class FrameworkNode extends Node {
    private static final double LOST = 0.01;
    private static final double TWICE = 0.03;

    final Invariants invariants;
    private final Election election;
    private final Deque<Call> waiting = new ArrayDeque<>();
    private @Nullable ConnectionCore connection;
    private @Nullable Wire stream;
    private @Nullable MasterNode master;
    private long attempt;
    private boolean calling;
    private int wakeVersion;

    FrameworkNode(World world, Network network, String name, Election election, Invariants invariants) {
        super(world, network, name);
        this.election = election;
        this.invariants = invariants;
    }

    abstract Call subscribeCall();

    /** The id the master gave it, kept over crashes. */
    abstract @Nullable FrameworkID frameworkId();

    abstract void begin();

    abstract void heard(Event event);

    abstract void lost(String reason);

    abstract void refused(Call call, String reason);

    abstract void over(String reason);

    /** Whether all it wants is so, and it knows. */
    abstract boolean isContent();

    /** The trouble is over: it changes its wishes no more. */
    abstract void settleDown();

    /** The ids of the tasks it believes to run. */
    abstract List<String> running();

    final boolean isSubscribed() {
        return connection != null && connection.phase() == ConnectionCore.Phase.SUBSCRIBED;
    }

    @Override
    final void started() {
        connection = new ConnectionCore(
                new Backoff(Duration.ofMillis(200), Duration.ofSeconds(10), world.random.nextLong()));
        begin();
        feed(new ConnectionEvent.ConnectionWanted());
    }

    @Override
    void crashed() {
        connection = null;
        stream = null;
        master = null;
        waiting.clear();
        calling = false;
    }

    private void feed(ConnectionEvent event) {
        ConnectionCore current = connection;
        int mine = life();
        if (current != null) {
            for (ConnectionEffect effect : current.on(world.now(), event)) {
                if (life() == mine) {
                    carryOut(effect);
                }
            }
        }
    }

    private void carryOut(ConnectionEffect effect) {
        if (effect instanceof ConnectionEffect.LocateMaster e) {
            later(world.between(1, 50), () -> {
                MasterNode leader = election.leader();
                feed(
                        leader == null
                                ? new ConnectionEvent.LocatingFailed(e.attempt(), "nobody leads")
                                : new ConnectionEvent.MasterLocated(e.attempt(), leader.name));
            });
        } else if (effect instanceof ConnectionEffect.Subscribe e) {
            later(network.latency(), () -> subscribe(e.attempt()));
        } else if (effect instanceof ConnectionEffect.DropStream) {
            dropStream();
        } else if (effect instanceof ConnectionEffect.Deliver e) {
            heard(e.event());
        } else if (effect instanceof ConnectionEffect.AnnounceTrouble e) {
            lost(e.reason());
        } else if (effect instanceof ConnectionEffect.GiveUp e) {
            over(e.reason());
        } else if (effect instanceof ConnectionEffect.WakeAt e) {
            int version = ++wakeVersion;
            Duration wait = Duration.between(world.now(), e.time());
            later(wait.isNegative() ? Duration.ZERO : wait, () -> {
                if (version == wakeVersion) {
                    feed(new ConnectionEvent.TimeCame());
                }
            });
        }
    }

    private void subscribe(long forAttempt) {
        MasterNode leader = election.leader();
        if (leader == null || !network.reaches(this, leader)) {
            later(
                    world.between(10, 3000),
                    () -> feed(new ConnectionEvent.StreamBroke(forAttempt, "cannot reach the master")));
            return;
        }
        if (!leader.isLeading()) {
            feed(new ConnectionEvent.SubscribeRefused(forAttempt, 503, null, "recovering"));
            return;
        }
        EventStream end = new EventStream(forAttempt);
        MasterEnd masterEnd = new MasterEnd();
        Wire wire = network.connect("stream-" + name + "-", this, end, leader, masterEnd);
        masterEnd.end = leader.schedulerStream(wire.id);
        stream = wire;
        master = leader;
        attempt = forAttempt;
        Call call = subscribeCall();
        leader.subscribe(
                wire,
                call,
                answer -> later(network.latency(), () -> {
                    if (answer.outcome() == MasterEffect.Outcome.STREAM) {
                        end.open();
                    } else {
                        feed(new ConnectionEvent.SubscribeRefused(
                                forAttempt,
                                MasterNode.status(answer.rejection()),
                                null,
                                String.valueOf(answer.rejection())));
                    }
                }));
    }

    /** Our end of an event stream. */
    private final class EventStream implements Wire.End {
        private final long mine;
        private boolean opened;

        EventStream(long mine) {
            this.mine = mine;
        }

        /** The answer comes before the first event. */
        void open() {
            if (!opened) {
                opened = true;
                feed(new ConnectionEvent.StreamOpened(mine));
            }
        }

        @Override
        public void received(MessageLite message) {
            open();
            feed(new ConnectionEvent.EventArrived(mine, (Event) message));
        }

        @Override
        public void closed(String why) {
            feed(new ConnectionEvent.StreamBroke(mine, why));
        }
    }

    /** The master's end, which needs the name of the wire it ends. */
    private static final class MasterEnd implements Wire.End {
        private Wire.@Nullable End end;

        @Override
        public void received(MessageLite message) {
            throw new IllegalStateException("a scheduler spoke on its event stream");
        }

        @Override
        public void closed(String why) {
            if (end != null) {
                end.closed(why);
            }
        }
    }

    private void dropStream() {
        if (stream != null) {
            stream.closeByClient("dropped");
            stream = null;
            master = null;
        }
        calling = false;
        while (!waiting.isEmpty()) {
            refusedLater(waiting.remove(), "the subscription is over");
        }
    }

    private void refusedLater(Call call, String reason) {
        later(Duration.ofNanos(1), () -> refused(call, reason));
    }

    /** Sends a call; the framework id is filled in. */
    final void send(Call call) {
        if (!isSubscribed()) {
            refusedLater(call, "there is no subscription");
            return;
        }
        waiting.add(call);
        sendNext();
    }

    private void sendNext() {
        Wire on = stream;
        MasterNode to = master;
        FrameworkID id = frameworkId();
        if (calling || waiting.isEmpty() || on == null || to == null || id == null) {
            return;
        }
        calling = true;
        long mine = attempt;
        int masterLife = to.life();
        Call call = waiting.remove().toBuilder().setFrameworkId(id).build();
        later(network.latency(), () -> {
            if (!network.reaches(this, to) || to.life() != masterLife || world.chance(LOST)) {
                later(world.between(50, 5000), () -> answered(mine, call, "no answer"));
                return;
            }
            world.trace.add(world.now(), to.name, "is called by " + name + ": " + Messages.name(call), call);
            to.call(on.id, call, answer(mine, call, to));
            if (mayComeTwice(call) && world.chance(TWICE)) {
                to.call(on.id, call, ignored -> {});
            }
        });
    }

    private Consumer<MasterEffect.Answer> answer(long mine, Call call, MasterNode from) {
        return answer -> {
            boolean arrives = network.reaches(this, from) && !world.chance(LOST);
            String refusal =
                    answer.rejection() == null ? null : answer.rejection().message();
            int status = MasterNode.status(answer.rejection());
            later(arrives ? network.latency() : world.between(50, 5000), () -> {
                if (arrives && status == 403 && String.valueOf(refusal).contains("not subscribed")) {
                    feed(new ConnectionEvent.SubscriptionDenied(mine, String.valueOf(refusal)));
                }
                answered(mine, call, arrives ? refusal : "no answer");
            });
        };
    }

    private void answered(long mine, Call call, @Nullable String refusal) {
        if (refusal != null) {
            refused(call, refusal);
        }
        if (mine == attempt && stream != null) {
            calling = false;
            sendNext();
        }
    }

    private static boolean mayComeTwice(Call call) {
        switch (call.getType()) {
            case ACKNOWLEDGE:
            case RECONCILE:
            case REVIVE:
            case SUPPRESS:
            case KILL:
            case DECLINE:
                return true;
            default:
                return false;
        }
    }
}
