package io.paddock.simulation;

import com.google.protobuf.MessageLite;
import io.paddock.common.Rejection;
import io.paddock.master.core.MasterConfig;
import io.paddock.master.core.MasterCore;
import io.paddock.master.core.MasterEffect;
import io.paddock.master.core.MasterEvent;
import io.paddock.master.core.Timer;
import io.paddock.master.core.allocator.AllocatorOptions;
import io.paddock.master.core.constraints.RegexLimits;
import io.paddock.master.core.snapshot.ClusterSnapshot;
import io.paddock.proto.link.FromAgent;
import io.paddock.proto.v1.MasterInfo;
import io.paddock.proto.v1.scheduler.Call;
import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A master process: stands for election and, while it leads, is the shell of a master core. */
final class MasterNode extends Node {
    /** The least time between two agents that are marked unreachable. */
    static final Duration REMOVAL_PAUSE = Duration.ofSeconds(3);

    /** Shorter patience than in production, so that a run of minutes sees agents given up and coming back. */
    private static final MasterConfig CONFIG = new MasterConfig(
            Duration.ofMillis(5),
            Duration.ofSeconds(2),
            Duration.ofSeconds(45),
            Duration.ofSeconds(5),
            5,
            Duration.ofSeconds(75),
            50,
            1000,
            1000,
            0.8,
            Duration.ofSeconds(60),
            RegexLimits.DEFAULT,
            new MasterConfig.Memory(Duration.ofSeconds(30), Duration.ofMinutes(30), 1000),
            new MasterConfig.Removals(REMOVAL_PAUSE, 1),
            MasterConfig.Admissions.DEFAULT,
            Collections.emptySortedMap());

    private final RegistryStore store;
    private final Election election;
    private final Invariants invariants;
    private final Map<String, Wire> agentLinks = new LinkedHashMap<>();
    private final Map<String, Wire> streams = new LinkedHashMap<>();
    private final Map<String, Consumer<MasterEffect.Answer>> requests = new LinkedHashMap<>();
    private final Map<Timer, Integer> timers = new LinkedHashMap<>();
    private @Nullable MasterCore core;
    private long epoch;
    private int counter;

    MasterNode(
            World world, Network network, String name, RegistryStore store, Election election, Invariants invariants) {
        super(world, network, name);
        this.store = store;
        this.election = election;
        this.invariants = invariants;
        election.stands(this);
    }

    boolean isLeading() {
        return core != null;
    }

    @Nullable
    ClusterSnapshot snapshot() {
        return core == null ? null : core.snapshot(world.now());
    }

    @Override
    void started() {
        election.candidateUp();
    }

    @Override
    void crashed() {
        core = null;
        agentLinks.clear();
        streams.clear();
        requests.clear();
        timers.clear();
        election.gone(this);
    }

    void elected() {
        epoch = store.nextEpoch();
        later(world.between(5, 200), () -> {
            MasterInfo info = MasterInfo.newBuilder()
                    .setId(name + "-" + epoch)
                    .setIp(1)
                    .setPort(5050)
                    .setHostname(name)
                    .build();
            core = new MasterCore(CONFIG, AllocatorOptions.defaults(epoch), info);
            feed(new MasterEvent.RegistryRecovered(store.read()));
        });
    }

    /** It learns that it does not lead any more, and ends; somebody starts it again. */
    void deposed() {
        if (isUp() && isLeading() && !election.leads(this)) {
            crash("lost leadership");
            restartAfter(world.between(500, 5000));
        }
    }

    /** A new link of an agent. */
    Wire.End agentLink(String link) {
        return new Wire.End() {
            @Override
            public void received(MessageLite message) {
                feed(new MasterEvent.AgentSpoke(link, null, (FromAgent) message));
            }

            @Override
            public void closed(String why) {
                agentLinks.remove(link);
                feed(new MasterEvent.AgentLinkClosed(link));
            }
        };
    }

    void accept(Wire agentLink) {
        agentLinks.put(agentLink.id, agentLink);
    }

    /** The master's end of an event stream: schedulers say nothing on it. */
    Wire.End schedulerStream(String stream) {
        return new Wire.End() {
            @Override
            public void received(MessageLite message) {
                throw new IllegalStateException("a scheduler spoke on its event stream");
            }

            @Override
            public void closed(String why) {
                streams.remove(stream);
                feed(new MasterEvent.SchedulerStreamClosed(stream));
            }
        };
    }

    void subscribe(Wire stream, Call call, Consumer<MasterEffect.Answer> answer) {
        streams.put(stream.id, stream);
        String request = request(given -> {
            if (given.outcome() != MasterEffect.Outcome.STREAM) {
                streams.remove(stream.id);
            }
            answer.accept(given);
        });
        feed(new MasterEvent.SubscribeCalled(request, stream.id, null, null, call));
    }

    void call(String stream, Call call, Consumer<MasterEffect.Answer> answer) {
        feed(new MasterEvent.SchedulerCalled(request(answer), stream, null, call));
    }

    void operatorCall(io.paddock.proto.v1.master.Call call, Consumer<MasterEffect.Answer> answer) {
        feed(new MasterEvent.OperatorCalled(request(answer), null, call));
    }

    private String request(Consumer<MasterEffect.Answer> answer) {
        String request = "r" + ++counter;
        requests.put(request, answer);
        return request;
    }

    private void feed(MasterEvent event) {
        MasterCore current = core;
        if (current == null) {
            return;
        }
        int mine = life();
        for (MasterEffect effect : current.on(world.now(), event)) {
            if (life() == mine) {
                carryOut(effect);
            }
        }
        if (life() == mine) {
            invariants.masterStepped(this, current.snapshot(world.now()));
        }
    }

    private void carryOut(MasterEffect effect) {
        if (effect instanceof MasterEffect.Persist e) {
            int mine = life();
            store.write(epoch, e.writes(), stored -> {
                if (life() == mine) {
                    feed(
                            stored
                                    ? new MasterEvent.Persisted(e.ticket())
                                    : new MasterEvent.PersistFailed("another master leads"));
                }
            });
        } else if (effect instanceof MasterEffect.SendToScheduler e) {
            Wire stream = streams.get(e.stream());
            if (stream != null) {
                invariants.toldScheduler(e.event(), store);
                stream.toClient(e.event());
            }
        } else if (effect instanceof MasterEffect.CloseStream e) {
            close(streams.remove(e.stream()), new MasterEvent.SchedulerStreamClosed(e.stream()));
        } else if (effect instanceof MasterEffect.SendToAgent e) {
            Wire link = agentLinks.get(e.link());
            if (link != null) {
                invariants.toldAgent(e.message(), store);
                link.toClient(e.message());
            }
        } else if (effect instanceof MasterEffect.CloseLink e) {
            close(agentLinks.remove(e.link()), new MasterEvent.AgentLinkClosed(e.link()));
        } else if (effect instanceof MasterEffect.Reply e) {
            Consumer<MasterEffect.Answer> waiting = requests.remove(e.request());
            if (waiting != null) {
                waiting.accept(e.answer());
            }
        } else if (effect instanceof MasterEffect.StartTimer e) {
            int version = ++counter;
            timers.put(e.timer(), version);
            later(e.delay(), () -> {
                if (timers.remove(e.timer(), version)) {
                    feed(new MasterEvent.TimerFired(e.timer()));
                }
            });
        } else if (effect instanceof MasterEffect.CancelTimer e) {
            timers.remove(e.timer());
        } else if (effect instanceof MasterEffect.GiveUpLeadership e) {
            crash(e.reason());
            restartAfter(world.between(500, 5000));
        }
    }

    private void close(@Nullable Wire wire, MasterEvent closed) {
        if (wire != null) {
            wire.closeByServer("the master closed it");
            later(Duration.ofMillis(1), () -> feed(closed));
        }
    }

    /** How a rejection looks to a client. */
    static int status(@Nullable Rejection rejection) {
        return rejection == null ? 200 : rejection.code().httpStatus();
    }
}
