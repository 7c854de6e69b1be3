package io.paddock.simulation;

import com.google.protobuf.ByteString;
import com.google.protobuf.MessageLite;
import io.paddock.agent.core.AgentCore;
import io.paddock.agent.core.AgentEffect;
import io.paddock.agent.core.AgentEvent;
import io.paddock.agent.core.AgentSettings;
import io.paddock.agent.core.AgentView;
import io.paddock.agent.core.ExecutorKey;
import io.paddock.agent.core.Ids;
import io.paddock.executor.core.ContainerEnd;
import io.paddock.proto.checkpoint.Record;
import io.paddock.proto.domain.ResourceMessages;
import io.paddock.proto.link.ToAgent;
import io.paddock.proto.v1.AgentInfo;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * An agent process: the shell of an agent core and the host of built-in executors. What the core calls durable is on the
 * machine's disk a little later, and nothing that follows happens before.
 */
final class AgentNode extends Node implements AgentEffect.Handler, Machine.Watcher {
    final Machine machine;
    private final Election election;
    private final Invariants invariants;
    private final ArrayDeque<AgentEffect> effects = new ArrayDeque<>();
    private final List<Record> unwritten = new ArrayList<>();
    private final Map<ExecutorKey, HostedExecutor> executors = new LinkedHashMap<>();
    private @Nullable AgentCore core;
    private @Nullable Wire link;
    private boolean writing;
    /** The id it was last registered under; empty before. */
    private String id = "";

    private int reconnects;
    private int wakeVersion;
    private long requests;
    private long ids;

    AgentNode(World world, Network network, Machine machine, Election election, Invariants invariants) {
        super(world, network, machine.name);
        this.machine = machine;
        this.election = election;
        this.invariants = invariants;
        election.watch(() -> later(world.between(10, 4000), this::leaderChanged));
    }

    /** What the agent says of itself; null while it is down. */
    @Nullable
    AgentView view() {
        return core == null ? null : core.view();
    }

    long nextRequest() {
        return ++requests;
    }

    ByteString nextUuid() {
        long high = ((long) name.hashCode() << 32) | life();
        byte[] bytes = new byte[16];
        for (int i = 0; i < 8; i++) {
            bytes[i] = (byte) (high >> (8 * i));
            bytes[8 + i] = (byte) (ids >> (8 * i));
        }
        ids++;
        return ByteString.copyFrom(bytes);
    }

    @Override
    void started() {
        AgentSettings settings = new AgentSettings(
                AgentInfo.newBuilder()
                        .setHostname(name)
                        .setPort(5051)
                        .addAllResources(ResourceMessages.toMessages(machine.total))
                        .build(),
                "0.1.0",
                machine.bootId(),
                "/work",
                "10.0.0.1",
                false,
                new TreeMap<>(),
                Duration.ofSeconds(1),
                Duration.ofMinutes(1),
                Duration.ofSeconds(15),
                Duration.ofSeconds(5),
                Duration.ofMinutes(15),
                150);
        core = new AgentCore(settings, coreIds(), List.copyOf(machine.disk));
        machine.watch(this);
        feed(new AgentEvent.Recovered());
        connectAfter(world.between(1, 100));
    }

    private Ids coreIds() {
        return new Ids() {
            @Override
            public ByteString updateId() {
                return nextUuid();
            }

            @Override
            public String containerId() {
                return name + "-c" + life() + "-" + ids++;
            }

            @Override
            public double fraction() {
                return world.random.nextDouble();
            }
        };
    }

    @Override
    void crashed() {
        // Some of the write under way may have got through.
        int survives = unwritten.isEmpty() ? 0 : world.random.nextInt(unwritten.size() + 1);
        machine.disk.addAll(unwritten.subList(0, survives));
        unwritten.clear();
        machine.watch(null);
        effects.clear();
        executors.clear();
        writing = false;
        core = null;
        link = null;
    }

    void feed(AgentEvent event) {
        AgentCore current = core;
        if (current != null) {
            effects.addAll(current.on(world.now(), event));
            carryOut();
        }
    }

    /** Feeds it after what is under way, so that effects never call back into themselves. */
    void post(AgentEvent event) {
        later(Duration.ZERO, () -> feed(event));
    }

    private void carryOut() {
        int mine = life();
        while (!writing && !effects.isEmpty() && life() == mine) {
            effects.remove().accept(this);
        }
    }

    @Override
    public void on(AgentEffect.Checkpoint effect) {
        unwritten.addAll(effect.records());
        writing = true;
        later(world.between(0, 15), () -> {
            machine.disk.addAll(unwritten);
            unwritten.clear();
            writing = false;
            carryOut();
        });
    }

    @Override
    public void on(AgentEffect.Note effect) {
        // With the operating system at once, which outlives the process. A power cut is not simulated.
        machine.disk.addAll(effect.records());
    }

    @Override
    public void on(AgentEffect.SendToMaster effect) {
        if (link != null) {
            link.toServer(effect.message());
        }
    }

    @Override
    public void on(AgentEffect.CloseLink effect) {
        disconnect(effect.why());
        connectAfter(world.between(200, 3000));
    }

    private void disconnect(String why) {
        if (link != null) {
            link.closeByClient(why);
            link = null;
        }
    }

    private void leaderChanged() {
        if (link != null) {
            disconnect("another master leads");
            feed(new AgentEvent.LinkClosed("another master leads"));
        }
        connectAfter(Duration.ofMillis(1));
    }

    private void connectAfter(Duration delay) {
        int attempt = ++reconnects;
        later(delay, () -> {
            if (attempt == reconnects && link == null) {
                connect();
            }
        });
    }

    private void connect() {
        MasterNode master = election.leader();
        if (master == null || !master.isLeading() || !network.reaches(this, master)) {
            connectAfter(world.between(200, 4000));
            return;
        }
        int attempt = reconnects;
        later(network.latency(), () -> {
            if (attempt != reconnects || link != null) {
                return;
            }
            if (!network.reaches(this, master) || !master.isLeading()) {
                connectAfter(world.between(200, 4000));
                return;
            }
            open(master);
        });
    }

    private void open(MasterNode master) {
        AgentLink mine = new AgentLink();
        ServerEnd theirs = new ServerEnd();
        Wire wire = network.connect("link-" + name + "-", this, mine, master, theirs);
        mine.wire = wire;
        theirs.end = master.agentLink(wire.id);
        master.accept(wire);
        link = wire;
        feed(new AgentEvent.LinkOpened());
    }

    /** Our end of a link; void once another one took its place. */
    private final class AgentLink implements Wire.End {
        private @Nullable Wire wire;

        @Override
        public void received(MessageLite message) {
            if (link == wire) {
                ToAgent said = (ToAgent) message;
                if (said.hasRegistered()) {
                    id = said.getRegistered().getAgentId().getValue();
                    invariants.agentHasId(name, id);
                }
                feed(new AgentEvent.MasterSpoke(said));
            }
        }

        @Override
        public void closed(String why) {
            if (link == wire) {
                link = null;
                feed(new AgentEvent.LinkClosed(why));
                connectAfter(world.between(200, 3000));
            }
        }
    }

    /** The master's end, which needs the name of the wire it ends. */
    private static final class ServerEnd implements Wire.End {
        private Wire.@Nullable End end;

        private Wire.End end() {
            if (end == null) {
                throw new IllegalStateException("the link is not accepted yet");
            }
            return end;
        }

        @Override
        public void received(MessageLite message) {
            end().received(message);
        }

        @Override
        public void closed(String why) {
            end().closed(why);
        }
    }

    @Override
    public void on(AgentEffect.AcceptCall effect) {
        executors.values().forEach(executor -> executor.accepted(effect.request()));
    }

    @Override
    public void on(AgentEffect.RefuseCall effect) {
        List.copyOf(executors.values()).forEach(executor -> executor.refused(effect.request()));
    }

    @Override
    public void on(AgentEffect.SendToExecutor effect) {
        HostedExecutor executor = executors.get(effect.executor());
        if (executor != null) {
            executor.receive(effect.event());
        }
    }

    @Override
    public void on(AgentEffect.CloseExecutor effect) {
        // A built-in executor has no connection of its own that could be closed.
    }

    @Override
    public void on(AgentEffect.LaunchExecutor effect) {
        HostedExecutor executor = new HostedExecutor(this, effect.launch());
        executors.put(effect.launch().key(), executor);
        executor.start();
    }

    @Override
    public void on(AgentEffect.ResizeExecutor effect) {
        // Limits are not simulated.
    }

    @Override
    public void on(AgentEffect.DestroyExecutor effect) {
        HostedExecutor executor = executors.get(effect.executor());
        if (executor != null) {
            executor.destroy();
        } else {
            HostedExecutor.destroyLeftover(this, effect.executor(), effect.container());
        }
    }

    void executorGone(HostedExecutor executor) {
        executors.remove(executor.key(), executor);
    }

    @Override
    public void on(AgentEffect.RetireSandbox effect) {
        // There are no files.
    }

    @Override
    public void on(AgentEffect.RemoveVolume effect) {
        // There are no files.
    }

    @Override
    public void on(AgentEffect.WakeAt effect) {
        int version = ++wakeVersion;
        Duration wait = Duration.between(world.now(), effect.time());
        later(wait.isNegative() ? Duration.ZERO : wait, () -> {
            if (version == wakeVersion) {
                feed(new AgentEvent.Woken());
            }
        });
    }

    @Override
    public void on(AgentEffect.Exit effect) {
        invariants.agentExited(name, id, effect.why());
        crash(effect.why());
        restartAfter(world.between(1000, 10_000));
    }

    @Override
    public void started(Machine.Container container) {
        HostedExecutor executor = hostOf(container);
        if (executor != null) {
            executor.containerStarted(container);
        }
    }

    @Override
    public void ended(Machine.Container container, ContainerEnd end) {
        HostedExecutor executor = hostOf(container);
        if (executor != null) {
            executor.containerEnded(container, end);
        }
    }

    private @Nullable HostedExecutor hostOf(Machine.Container container) {
        for (HostedExecutor executor : executors.values()) {
            if (executor.runs(container)) {
                return executor;
            }
        }
        return null;
    }
}
