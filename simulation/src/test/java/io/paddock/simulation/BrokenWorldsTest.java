package io.paddock.simulation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.paddock.common.resources.Resources;
import io.paddock.master.core.snapshot.AgentView;
import io.paddock.master.core.snapshot.ClusterSnapshot;
import io.paddock.master.core.snapshot.OfferView;
import io.paddock.proto.domain.ResourceMessages;
import io.paddock.proto.v1.CommandInfo;
import io.paddock.proto.v1.ExecutorID;
import io.paddock.proto.v1.ExecutorInfo;
import io.paddock.proto.v1.FrameworkID;
import io.paddock.proto.v1.FrameworkInfo;
import io.paddock.proto.v1.Task;
import io.paddock.proto.v1.TaskID;
import io.paddock.proto.v1.TaskState;
import io.paddock.proto.v1.master.Call;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Rules broken in a running world: the invariants see it in the master's books and in what becomes of agents and frameworks. */
class BrokenWorldsTest {
    private final World world = new World(1, false);
    private final Network network = new Network(world);
    private final Election election = new Election(world);
    private final Invariants invariants = new Invariants();
    private final MasterNode master =
            new MasterNode(world, network, "master1", new RegistryStore(world), election, invariants);
    private final Machine machine =
            new Machine(world, invariants, "agent1", Resources.parse("cpus:8;mem:1024;disk:1000;ports:[31000-31009]"));
    private final AgentNode agent = new AgentNode(world, network, machine, election, invariants);

    @BeforeEach
    void begin() {
        invariants.watch(machine);
        master.start();
        agent.start();
        pass(Duration.ofSeconds(20));
        assertThat(books().agents()).hasSize(1);
    }

    private void pass(Duration time) {
        Instant end = world.now().plus(time);
        while (world.step(end)) {
            // Until then.
        }
    }

    private ClusterSnapshot books() {
        ClusterSnapshot books = master.snapshot();
        assertThat(books).isNotNull();
        return books;
    }

    private static Task task(String id, TaskState state, String resources) {
        return Task.newBuilder()
                .setName(id)
                .setTaskId(TaskID.newBuilder().setValue(id))
                .setFrameworkId(FrameworkID.newBuilder().setValue("f"))
                .setState(state)
                .addAllResources(ResourceMessages.toMessages(Resources.parse(resources)))
                .buildPartial();
    }

    private static AgentView.ExecutorView executor(String resources) {
        return new AgentView.ExecutorView(
                "f",
                ExecutorInfo.newBuilder()
                        .setExecutorId(ExecutorID.newBuilder().setValue("e"))
                        .setCommand(CommandInfo.newBuilder().setValue("./executor"))
                        .addAllResources(ResourceMessages.toMessages(Resources.parse(resources)))
                        .build());
    }

    private OfferView offer(String id, String resources) {
        return new OfferView(id, "f", "a", "r", Resources.parse(resources), world.now(), null);
    }

    /** The master's books as they are, but for what its only agent has. */
    private ThrowingCallable stepped(List<Task> tasks, List<AgentView.ExecutorView> executors, List<OfferView> offers) {
        ClusterSnapshot books = books();
        AgentView sound = books.agents().get(0);
        AgentView changed = new AgentView(
                sound.info(),
                sound.ip(),
                sound.version(),
                sound.capabilities(),
                sound.https(),
                sound.connected(),
                sound.active(),
                sound.deactivated(),
                sound.drain(),
                sound.drainSince(),
                sound.unavailability(),
                sound.registeredAt(),
                sound.reregisteredAt(),
                sound.total(),
                sound.used(),
                sound.offered(),
                tasks,
                executors,
                offers,
                sound.operations());
        ClusterSnapshot broken = new ClusterSnapshot(
                books.master(),
                books.electedAt(),
                books.takenAt(),
                List.of(changed),
                books.recoveredAgents(),
                books.pendingRemovals(),
                books.unreachableAgents(),
                books.goneAgents(),
                books.frameworks(),
                books.completedFrameworks(),
                books.weights(),
                books.quotas(),
                books.maintenance(),
                books.whitelist(),
                books.tally());
        return () -> invariants.masterStepped(master, broken);
    }

    @Test
    void aUnitThatIsGivenOutTwiceIsSeenInTheBooks() {
        Task most = task("most", TaskState.TASK_RUNNING, "cpus:5;ports:[31000-31008]");
        Task ended = task("ended", TaskState.TASK_FINISHED, "cpus:5;ports:[31000-31008]");
        assertThatCode(stepped(List.of(most, ended), List.of(executor("cpus:1")), List.of(offer("o", "cpus:2"))))
                .as("all of the agent, and what an ended task had")
                .doesNotThrowAnyException();

        String rule = "no unit is given out twice: " + books().agents().get(0).id() + " at master1: ";
        assertThatThrownBy(stepped(
                        List.of(most, task("same port", TaskState.TASK_STAGING, "ports:[31008-31008]")),
                        List.of(),
                        List.of()))
                .hasMessageStartingWith(rule + "ports");
        assertThatThrownBy(stepped(
                        List.of(most, task("away", TaskState.TASK_UNREACHABLE, "cpus:4")), List.of(), List.of()))
                .hasMessage(rule + "9000 of 8000 thousandths of cpus");
        assertThatThrownBy(stepped(List.of(most), List.of(executor("cpus:4")), List.of()))
                .hasMessage(rule + "9000 of 8000 thousandths of cpus");
        assertThatThrownBy(stepped(List.of(most), List.of(), List.of(offer("o", "cpus:4"))))
                .hasMessage(rule + "9000 of 8000 thousandths of cpus");
        assertThatThrownBy(stepped(
                        List.of(),
                        List.of(),
                        List.of(offer("o1", "ports:[31000-31001]"), offer("o2", "ports:[31001-31002]"))))
                .hasMessageStartingWith(rule + "ports");
    }

    @Test
    void anAgentThatIsTurnedAwayForNothingIsSeen() {
        Call.Builder gone = Call.newBuilder().setType(Call.Type.MARK_AGENT_GONE);
        gone.getMarkAgentGoneBuilder().setAgentId(books().agents().get(0).info().getId());
        master.operatorCall(gone.build(), answer -> {});
        assertThatThrownBy(() -> pass(Duration.ofMinutes(1)))
                .isInstanceOf(Invariants.Violated.class)
                .hasMessageStartingWith("an agent that did nothing wrong stays: agent1 with id ");
    }

    @Test
    void anAgentThatAnOperatorWantsToSeeNoMoreMayBeTurnedAway() {
        String before = books().agents().get(0).id();
        new Operator(world, election, invariants).markGone(agent);
        assertThatCode(() -> pass(Duration.ofMinutes(1))).doesNotThrowAnyException();
        assertThat(books().agents()).extracting(AgentView::id).hasSize(1).doesNotContain(before);
    }

    @ParameterizedTest
    @ValueSource(strings = {"scheduler", "marathon", "batch"})
    void aFrameworkThatIsTornDownByOthersIsSeen(String name) {
        FrameworkNode framework = framework(name);
        framework.start();
        pass(Duration.ofSeconds(30));
        assertThat(framework.isSubscribed()).isTrue();
        Call.Builder teardown = Call.newBuilder().setType(Call.Type.TEARDOWN);
        teardown.getTeardownBuilder().setFrameworkId(framework.frameworkId());
        master.operatorCall(teardown.build(), answer -> {});
        assertThatThrownBy(() -> pass(Duration.ofMinutes(1)))
                .isInstanceOf(Invariants.Violated.class)
                .hasMessageStartingWith("a framework that did nothing wrong stays: " + name + ": ");
    }

    private FrameworkNode framework(String name) {
        FrameworkInfo info = FrameworkInfo.newBuilder()
                .setUser("root")
                .setName(name)
                .addRoles(name)
                .setFailoverTimeout(1e6)
                .addCapabilities(
                        FrameworkInfo.Capability.newBuilder().setType(FrameworkInfo.Capability.Type.MULTI_ROLE))
                .build();
        return switch (name) {
            case "scheduler" -> new TestScheduler(world, network, name, election, invariants, info, 1, 0);
            case "marathon" -> new MarathonNode(world, network, name, election, invariants, info, List.of(machine));
            default -> new BatchNode(world, network, name, election, invariants, info);
        };
    }
}
