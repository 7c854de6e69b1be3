package io.paddock.simulation;

import io.paddock.agent.core.AgentView;
import io.paddock.agent.core.TaskStage;
import io.paddock.common.resources.Resources;
import io.paddock.master.core.snapshot.ClusterSnapshot;
import io.paddock.proto.v1.FrameworkInfo;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * One run: three masters, some agents, some frameworks, minutes of trouble; then everything heals and the cluster has to come
 * to rest with all that is wanted running, nothing else, nothing owed.
 */
public final class Simulation {
    private static final Duration PATIENCE = Duration.ofMinutes(45);

    private final long seed;
    private final World world;
    private final Network network;
    private final Invariants invariants = new Invariants();
    private final List<MasterNode> masters = new ArrayList<>();
    private final List<AgentNode> agents = new ArrayList<>();
    private final List<FrameworkNode> frameworks = new ArrayList<>();
    private final Election election;

    /**
     * What came of a run.
     *
     * @param hash over all that happened, in order
     * @param steps how many things happened
     * @param restedAfter how long after the last fault the cluster was at rest; null when it failed
     * @param failure the invariant or the wish that was not fulfilled; null when all is well
     * @param trace the last lines of what happened, all of it when asked for
     */
    public record Result(
            long seed,
            long hash,
            long steps,
            @Nullable Duration restedAfter,
            @Nullable Throwable failure,
            List<String> trace) {
        /** How to see the whole run again. */
        public String replay() {
            return "mvn -q -pl simulation test -Dtest=SimulationTest#replay -Dpaddock.seed=" + seed;
        }
    }

    private Simulation(long seed, boolean verbose) {
        this.seed = seed;
        this.world = new World(seed, verbose);
        this.network = new Network(world);
        this.election = new Election(world);
    }

    /** Runs a seed. The same seed gives the same result. */
    public static Result run(long seed, boolean verbose) {
        Simulation simulation = new Simulation(seed, verbose);
        try {
            simulation.build();
            Duration rested = simulation.play();
            return simulation.result(rested, null);
        } catch (RuntimeException e) {
            return simulation.result(null, e);
        }
    }

    private Result result(@Nullable Duration rested, @Nullable Throwable failure) {
        return new Result(seed, world.trace.hash(), world.stepsTaken(), rested, failure, world.trace.lines());
    }

    private void build() {
        RegistryStore store = new RegistryStore(world);
        for (int i = 1; i <= 3; i++) {
            masters.add(new MasterNode(world, network, "master" + i, store, election, invariants));
        }
        int count = 2 + world.random.nextInt(3);
        for (int i = 1; i <= count; i++) {
            Resources total = Resources.parse("disk:1000;cpus:" + (7 + world.random.nextInt(4)) + ";mem:"
                    + (512 + world.random.nextInt(1024)) + ";ports:[31000-31009]");
            Machine machine = new Machine(world, invariants, "agent" + i, total);
            invariants.watch(machine);
            agents.add(new AgentNode(world, network, machine, election, invariants));
        }
        for (int i = 1; i <= 2; i++) {
            frameworks.add(new TestScheduler(
                    world,
                    network,
                    "scheduler" + i,
                    election,
                    invariants,
                    frameworkInfo("scheduler" + i, world.chance(0.7)),
                    1 + world.random.nextInt(3),
                    world.random.nextInt(8)));
        }
        frameworks.add(new MarathonNode(
                world,
                network,
                "marathon",
                election,
                invariants,
                frameworkInfo("marathon", true),
                agents.stream().map(agent -> agent.machine).toList()));
        frameworks.add(new BatchNode(
                world, network, "batch", election, invariants, frameworkInfo("batch", world.chance(0.7))));
    }

    private static FrameworkInfo frameworkInfo(String name, boolean partitionAware) {
        FrameworkInfo.Builder info = FrameworkInfo.newBuilder()
                .setUser("root")
                .setName(name)
                .addRoles(name)
                .setCheckpoint(true)
                .setFailoverTimeout(1e6)
                .addCapabilities(
                        FrameworkInfo.Capability.newBuilder().setType(FrameworkInfo.Capability.Type.MULTI_ROLE));
        if (partitionAware) {
            info.addCapabilities(
                    FrameworkInfo.Capability.newBuilder().setType(FrameworkInfo.Capability.Type.PARTITION_AWARE));
        }
        return info.build();
    }

    private Duration play() {
        masters.forEach(Node::start);
        agents.forEach(agent -> world.after(world.between(0, 3000), agent::start));
        frameworks.forEach(framework -> world.after(world.between(0, 3000), framework::start));
        Faults faults = new Faults(
                world,
                network,
                election,
                masters,
                agents,
                frameworks,
                new Operator(world, election, invariants),
                world.between(2000, 20_000));
        faults.begin();
        Instant end = World.START.plus(world.between(60_000, 300_000));
        while (world.step(end)) {
            // Until the trouble is over.
        }
        faults.end();
        frameworks.forEach(FrameworkNode::settleDown);
        return awaitRest(end);
    }

    /** Looks once a second; the cluster is at rest when it is so twice, half a minute apart. */
    private Duration awaitRest(Instant from) {
        Instant now = from;
        Instant restedSince = null;
        String unrest = "";
        while (now.isBefore(from.plus(PATIENCE))) {
            now = now.plusSeconds(1);
            while (world.step(now)) {
                // Until the next look.
            }
            unrest = whatKeepsFromRest();
            if (!unrest.isEmpty()) {
                restedSince = null;
            } else if (restedSince == null) {
                restedSince = now;
            } else if (!now.isBefore(restedSince.plusSeconds(30))) {
                return Duration.between(from, restedSince);
            }
        }
        throw new Invariants.Violated(
                "once healed, the cluster comes to rest", "after " + PATIENCE.toMinutes() + " min: " + unrest);
    }

    private String whatKeepsFromRest() {
        List<String> unrest = new ArrayList<>();
        for (FrameworkNode framework : frameworks) {
            if (!framework.isContent()) {
                unrest.add("not content: " + framework);
            }
        }
        MasterNode leader = election.leader();
        ClusterSnapshot snapshot = leader == null ? null : leader.snapshot();
        if (snapshot == null) {
            unrest.add("nobody leads");
        } else {
            compareWithMachines(snapshot, unrest);
        }
        for (AgentNode agent : agents) {
            agentUnrest(agent, unrest);
        }
        return String.join("; ", unrest);
    }

    private static void agentUnrest(AgentNode agent, List<String> unrest) {
        AgentView view = agent.view();
        if (view == null || !view.registered()) {
            unrest.add(agent.name + " is not registered");
            return;
        }
        view.frameworks().stream()
                .flatMap(framework -> framework.executors().stream())
                .flatMap(executor -> executor.tasks().stream())
                .filter(task -> task.stage() != TaskStage.LAUNCHED)
                .forEach(task -> unrest.add(agent.name + " has " + task.stage() + " task "
                        + task.info().getTaskId().getValue()));
    }

    private void compareWithMachines(ClusterSnapshot snapshot, List<String> unrest) {
        TreeSet<String> onMachines = new TreeSet<>();
        agents.forEach(agent -> agent.machine.running().forEach(c -> onMachines.add(c.taskId())));
        TreeSet<String> inBooks = snapshot.agents().stream()
                .flatMap(agent -> agent.tasks().stream())
                .map(task -> task.getTaskId().getValue())
                .collect(Collectors.toCollection(TreeSet::new));
        TreeSet<String> believed = new TreeSet<>();
        frameworks.forEach(framework -> believed.addAll(framework.running()));
        if (!onMachines.equals(inBooks) || !onMachines.equals(believed)) {
            unrest.add("runs " + onMachines + ", on the master's books " + inBooks + ", believed " + believed);
        }
        snapshot.agents().stream()
                .filter(agent -> !agent.connected())
                .forEach(agent -> unrest.add("agent " + agent.id() + " is not connected"));
        if (snapshot.agents().size() != agents.size()) {
            unrest.add(snapshot.agents().size() + " of " + agents.size() + " agents on the master's books");
        }
        snapshot.agents().stream()
                .flatMap(agent -> agent.offers().stream())
                .forEach(offer -> unrest.add("offer " + offer.id() + " to " + offer.frameworkId() + " is outstanding"));
    }
}
