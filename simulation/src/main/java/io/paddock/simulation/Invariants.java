package io.paddock.simulation;

import io.paddock.common.resources.Quantity;
import io.paddock.common.resources.Ranges;
import io.paddock.common.resources.ResourceKey;
import io.paddock.common.resources.Resources;
import io.paddock.master.core.registry.Registry;
import io.paddock.master.core.snapshot.AgentView;
import io.paddock.master.core.snapshot.ClusterSnapshot;
import io.paddock.master.core.snapshot.Count;
import io.paddock.master.core.snapshot.OfferView;
import io.paddock.proto.domain.ResourceMessages;
import io.paddock.proto.link.ToAgent;
import io.paddock.proto.v1.MachineID;
import io.paddock.proto.v1.Task;
import io.paddock.proto.v1.TaskState;
import io.paddock.proto.v1.TaskStatus;
import io.paddock.proto.v1.scheduler.Event;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What must hold at every step, each with a name. Sees what no single process sees: all machines, all disks. */
final class Invariants {
    /** A named rule was broken. */
    static final class Violated extends RuntimeException {
        Violated(String invariant, String detail) {
            super(invariant + ": " + detail);
        }
    }

    private final List<Machine> machines = new ArrayList<>();
    private final Set<String> startedTasks = new HashSet<>();
    private final Map<String, TaskState> ended = new HashMap<>();
    private final Set<String> gone = new HashSet<>();
    private final Set<String> maintained = new HashSet<>();
    private final Map<String, String> agentIds = new HashMap<>();
    private final Map<String, AgentView> checked = new HashMap<>();
    private final Map<String, Map<String, Instant>> unreachable = new HashMap<>();

    void watch(Machine machine) {
        machines.add(machine);
    }

    private static void require(boolean holds, String invariant, String detail) {
        if (!holds) {
            throw new Violated(invariant, detail);
        }
    }

    /** No task is launched twice, anywhere; none after its end was reported; and all that runs fits into the machine. */
    void containerStarted(Machine machine, Machine.Container container) {
        String task = container.taskId();
        require(startedTasks.add(container.frameworkId + "/" + task), "no task is launched twice", task);
        require(!ended.containsKey(task), "a terminal task never runs again", task + " was " + ended.get(task));
        List<Resources> running =
                machine.running().stream().map(c -> c.resources).toList();
        requireFits("what runs fits into the machine", machine.name, running, machine.total);
    }

    /** A framework is told an end only once, only after it, and nothing but ends later. */
    void toldFramework(String framework, String task, TaskStatus status) {
        TaskState state = status.getState();
        TaskState end = ended.get(task);
        if (TestScheduler.isOver(state)) {
            require(
                    end == null || end == state,
                    "a task ends once",
                    framework + " was told " + end + " and then " + state + " of " + task);
            ended.put(task, state);
            for (Machine machine : machines) {
                for (Machine.Container container : machine.running()) {
                    require(
                            !container.taskId().equals(task),
                            "an end is reported after it",
                            task + " is " + state + " for " + framework + " and runs on " + machine.name);
                }
            }
        } else if (!TestScheduler.isLost(state)) {
            require(
                    end == null,
                    "nothing follows an end",
                    framework + " was told " + end + " and then " + state + " of " + task);
        }
    }

    /** An agent is told its id only when that is durable; and no two machines have the same. */
    void toldAgent(ToAgent message, RegistryStore store) {
        if (message.hasRegistered()) {
            String id = message.getRegistered().getAgentId().getValue();
            require(store.has(Registry.AGENTS + id), "what was accepted is durable", "agent " + id);
        }
    }

    void toldScheduler(Event event, RegistryStore store) {
        if (event.getType() == Event.Type.SUBSCRIBED) {
            String id = event.getSubscribed().getFrameworkId().getValue();
            require(store.has(Registry.FRAMEWORKS + id), "what was accepted is durable", "framework " + id);
        }
    }

    void agentHasId(String machine, String id) {
        String other = agentIds.putIfAbsent(id, machine);
        require(other == null || other.equals(machine), "an agent's id is its own", id + ": " + other + ", " + machine);
    }

    /** In the leader's books no unit is given out twice, and no more than there is. */
    void masterStepped(MasterNode master, ClusterSnapshot snapshot) {
        nothingMissed(master.name, snapshot.tally().of(Count.MISSED_OFFERS));
        for (MachineID down : snapshot.maintenance().status().getDownMachinesList()) {
            snapshot.agents().stream()
                    .filter(agent -> agent.info().getHostname().equals(down.getHostname()))
                    .forEach(agent -> onDownMachine(agent.id() + " at " + master.name, agent.active()));
        }
        removals(master.name, snapshot);
        for (AgentView agent : snapshot.agents()) {
            if (checked.put(master.name + "/" + agent.id(), agent) == agent) {
                continue;
            }
            List<Resources> taken = new ArrayList<>();
            for (Task task : agent.tasks()) {
                if (!isTerminal(task.getState())) {
                    taken.add(ResourceMessages.fromMessages(task.getResourcesList()));
                }
            }
            for (AgentView.ExecutorView executor : agent.executors()) {
                taken.add(ResourceMessages.fromMessages(executor.info().getResourcesList()));
            }
            for (OfferView offer : agent.offers()) {
                taken.add(offer.resources());
            }
            givenOut(agent.id() + " at " + master.name, taken, agent.total());
        }
    }

    private void removals(String master, ClusterSnapshot snapshot) {
        if (unreachable.put(master, snapshot.unreachableAgents()) != snapshot.unreachableAgents()) {
            markedUnreachable(
                    master,
                    snapshot.unreachableAgents().values().stream()
                            .filter(since -> !since.isBefore(snapshot.electedAt()))
                            .toList());
        }
        for (AgentView agent : snapshot.agents()) {
            if (snapshot.pendingRemovals().containsKey(agent.id())) {
                awaitsRemoval(
                        agent.id() + " at " + master,
                        agent.active() || !agent.offers().isEmpty());
            }
        }
    }

    /** A master gives up agents one after the other, as its operator wants. */
    void markedUnreachable(String master, List<Instant> times) {
        List<Instant> sorted = times.stream().sorted().toList();
        for (int i = 1; i < sorted.size(); i++) {
            require(
                    !sorted.get(i).isBefore(sorted.get(i - 1).plus(MasterNode.REMOVAL_PAUSE)),
                    "agents are not marked unreachable faster than allowed",
                    master + " at " + sorted.get(i - 1) + " and " + sorted.get(i));
        }
    }

    /** What an agent has that does not answer is nobody's. */
    void awaitsRemoval(String agent, boolean offered) {
        require(!offered, "nothing is offered of an agent that waits for its removal", agent);
    }

    /** Every reason to offer something is an event: the periodic look at everything finds nothing to offer. */
    void nothingMissed(String master, long offers) {
        require(offers == 0, "the periodic check finds nothing to offer", master + " made " + offers);
    }

    void givenOut(String agent, List<Resources> taken, Resources total) {
        requireFits("no unit is given out twice", agent, taken, total);
    }

    private static boolean isTerminal(TaskState state) {
        return TestScheduler.isOver(state) || (TestScheduler.isLost(state) && state != TaskState.TASK_UNREACHABLE);
    }

    private static void requireFits(String invariant, String where, List<Resources> parts, Resources total) {
        Map<ResourceKey, Long> sums = new HashMap<>();
        Map<ResourceKey, Ranges> ranges = new HashMap<>();
        for (Resources part : parts) {
            part.unallocated().amounts().forEach((key, quantity) -> {
                if (quantity instanceof Quantity.Scalar scalar) {
                    sums.merge(key, scalar.thousandths(), Long::sum);
                } else if (quantity instanceof Ranges some) {
                    Ranges before = ranges.getOrDefault(key, Ranges.EMPTY);
                    Ranges all = before.plus(some);
                    require(
                            all.size() == before.size() + some.size(),
                            invariant,
                            where + ": " + key.name() + " " + some);
                    ranges.put(key, all);
                }
            });
        }
        sums.forEach((key, sum) -> {
            long there = total.get(key) instanceof Quantity.Scalar scalar ? scalar.thousandths() : 0;
            require(sum <= there, invariant, where + ": " + sum + " of " + there + " thousandths of " + key.name());
        });
        ranges.forEach((key, all) -> require(
                total.get(key) instanceof Ranges there && there.contains(all),
                invariant,
                where + ": " + key.name() + " " + all));
    }

    /** Nothing in these runs gives a reason to turn a framework away. */
    void frameworkRefused(String framework, String reason) {
        throw new Violated("a framework that did nothing wrong stays", framework + ": " + reason);
    }

    /** An operator wants to see the agent with this id never again. */
    void agentIsGone(String id) {
        gone.add(id);
    }

    /** An operator may take that machine down from now on. */
    void machineMayBeDown(String machine) {
        maintained.add(machine);
    }

    /** Nothing of a machine that is down is used. */
    void onDownMachine(String agent, boolean active) {
        require(!active, "nothing is offered of machines that are down", agent);
    }

    /** Only an operator gives a reason to turn an agent away. */
    void agentExited(String agent, String id, String reason) {
        require(
                gone.contains(id) || maintained.contains(agent),
                "an agent that did nothing wrong stays",
                agent + " with id " + id + ": " + reason);
    }
}
