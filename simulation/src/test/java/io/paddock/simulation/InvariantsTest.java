package io.paddock.simulation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.paddock.common.resources.Resources;
import io.paddock.proto.domain.ResourceMessages;
import io.paddock.proto.link.Registered;
import io.paddock.proto.link.ToAgent;
import io.paddock.proto.v1.AgentID;
import io.paddock.proto.v1.CommandInfo;
import io.paddock.proto.v1.MasterInfo;
import io.paddock.proto.v1.TaskID;
import io.paddock.proto.v1.TaskInfo;
import io.paddock.proto.v1.TaskState;
import io.paddock.proto.v1.TaskStatus;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Each rule is seen to fail when it is broken; a rule that cannot fail proves nothing. */
class InvariantsTest {
    private final World world = new World(1, false);
    private final Invariants invariants = new Invariants();
    private final Machine one = new Machine(world, invariants, "one", Resources.parse("cpus:2;mem:100;ports:[1-2]"));
    private final Machine two = new Machine(world, invariants, "two", Resources.parse("cpus:2;mem:100;ports:[1-2]"));

    @BeforeEach
    void watch() {
        invariants.watch(one);
        invariants.watch(two);
    }

    private static TaskInfo task(String id, String resources) {
        return TaskInfo.newBuilder()
                .setName(id)
                .setTaskId(TaskID.newBuilder().setValue(id))
                .setAgentId(AgentID.newBuilder().setValue("S0"))
                .addAllResources(ResourceMessages.toMessages(Resources.parse(resources)))
                .setCommand(CommandInfo.newBuilder().setValue("run"))
                .build();
    }

    private void run(Machine machine, String id, String resources) {
        machine.start("f", id, task(id, resources));
        while (world.step(world.now().plus(Duration.ofSeconds(1)))) {
            // Until it runs.
        }
    }

    private void told(String id, TaskState state) {
        invariants.toldFramework(
                "f",
                id,
                TaskStatus.newBuilder()
                        .setTaskId(TaskID.newBuilder().setValue(id))
                        .setState(state)
                        .build());
    }

    @Test
    void noTaskIsLaunchedTwice() {
        run(one, "t", "cpus:1");
        assertThatThrownBy(() -> run(two, "t", "cpus:1")).hasMessageContaining("no task is launched twice: t");
    }

    @Test
    void whatRunsFitsIntoTheMachine() {
        run(one, "a", "cpus:1.5;ports:[1-1]");
        assertThatThrownBy(() -> run(one, "b", "cpus:1")).hasMessageContaining("2500 of 2000 thousandths of cpus");
        run(two, "c", "ports:[1-2]");
        assertThatThrownBy(() -> run(two, "d", "ports:[2-2]")).hasMessageContaining("two: ports");
    }

    @Test
    void anEndIsReportedOnceAfterItAndForGood() {
        run(one, "a", "cpus:1");
        assertThatThrownBy(() -> told("a", TaskState.TASK_FINISHED))
                .hasMessageContaining("an end is reported after it");
        told("b", TaskState.TASK_FAILED);
        assertThatCode(() -> told("b", TaskState.TASK_FAILED))
                .as("a repetition")
                .doesNotThrowAnyException();
        assertThatThrownBy(() -> told("b", TaskState.TASK_KILLED)).hasMessageContaining("a task ends once");
        assertThatThrownBy(() -> told("b", TaskState.TASK_RUNNING)).hasMessageContaining("nothing follows an end");
        assertThatThrownBy(() -> run(two, "b", "cpus:1")).hasMessageContaining("a terminal task never runs again");
    }

    @Test
    void whatWasAcceptedIsDurableAndIdsAreUnique() {
        ToAgent registered = ToAgent.newBuilder()
                .setRegistered(Registered.newBuilder()
                        .setAgentId(AgentID.newBuilder().setValue("S0"))
                        .setMaster(MasterInfo.newBuilder().setId("m").setIp(1).setPort(1))
                        .setHeartbeatSeconds(1))
                .build();
        assertThatThrownBy(() -> invariants.toldAgent(registered, new RegistryStore(world)))
                .hasMessageContaining("what was accepted is durable: agent S0");
        invariants.agentHasId("one", "S0");
        assertThatThrownBy(() -> invariants.agentHasId("two", "S0")).hasMessageContaining("an agent's id is its own");
    }

    @Test
    void thePeriodicCheckFindsNothingToOffer() {
        assertThatCode(() -> invariants.nothingMissed("m", 0)).doesNotThrowAnyException();
        assertThatThrownBy(() -> invariants.nothingMissed("m", 1))
                .hasMessageContaining("finds nothing to offer: m made 1");
    }

    @Test
    void agentsAreNotGivenUpTooFast() {
        Instant first = Instant.EPOCH;
        Instant soon = first.plus(MasterNode.REMOVAL_PAUSE).minusMillis(1);
        Instant later = first.plus(MasterNode.REMOVAL_PAUSE);
        assertThatCode(() -> invariants.markedUnreachable("m", List.of(later, first)))
                .doesNotThrowAnyException();
        assertThatThrownBy(() -> invariants.markedUnreachable("m", List.of(soon, first)))
                .hasMessageContaining("agents are not marked unreachable faster than allowed: m");
    }

    @Test
    void nothingIsOfferedOfAnAgentThatWaitsForItsRemoval() {
        assertThatCode(() -> invariants.awaitsRemoval("S0 at m", false)).doesNotThrowAnyException();
        assertThatThrownBy(() -> invariants.awaitsRemoval("S0 at m", true))
                .hasMessageContaining("nothing is offered of an agent that waits for its removal: S0 at m");
    }

    @Test
    void noUnitIsGivenOutTwice() {
        Resources total = Resources.parse("cpus:2;ports:[1-4]");
        Resources half = Resources.parse("cpus:1;ports:[1-2]");
        assertThatCode(() -> invariants.givenOut("S0", List.of(half, Resources.parse("cpus:1;ports:[3-4]")), total))
                .doesNotThrowAnyException();
        assertThatThrownBy(() -> invariants.givenOut("S0", List.of(half, half), total))
                .hasMessageContaining("no unit is given out twice: S0: ports");
        assertThatThrownBy(() -> invariants.givenOut("S0", List.of(half, Resources.parse("cpus:1.001")), total))
                .hasMessageContaining("2001 of 2000 thousandths of cpus");
        assertThatThrownBy(() -> invariants.givenOut("S0", List.of(Resources.parse("ports:[4-5]")), total))
                .hasMessageContaining("no unit is given out twice: S0: ports");
    }

    @Test
    void whoDidNothingWrongStays() {
        assertThatThrownBy(() -> invariants.frameworkRefused("f", "Framework has been removed"))
                .hasMessageContaining("a framework that did nothing wrong stays: f: Framework has been removed");
        assertThatThrownBy(() -> invariants.agentExited("one", "S0", "refused"))
                .hasMessageContaining("an agent that did nothing wrong stays: one with id S0: refused");
        invariants.agentIsGone("S0");
        assertThatThrownBy(() -> invariants.onDownMachine("S1 at master1", true))
                .hasMessageContaining("nothing is offered of machines that are down: S1 at master1");
        invariants.machineMayBeDown("two");
        assertThatCode(() -> invariants.agentExited("two", "S2", "down"))
                .as("an operator wanted it")
                .doesNotThrowAnyException();
        assertThatCode(() -> invariants.agentExited("one", "S0", "gone"))
                .as("an operator wanted it")
                .doesNotThrowAnyException();
    }

    @Test
    void seedsDiffer() {
        assertThat(Simulation.run(1, false).hash())
                .isNotEqualTo(Simulation.run(2, false).hash());
    }
}
