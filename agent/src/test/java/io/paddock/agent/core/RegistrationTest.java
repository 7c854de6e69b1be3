package io.paddock.agent.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.paddock.proto.link.FromAgent;
import io.paddock.proto.link.Heartbeat;
import io.paddock.proto.link.Refused;
import io.paddock.proto.link.Shutdown;
import io.paddock.proto.link.ToAgent;
import io.paddock.proto.v1.TaskState;
import io.paddock.proto.v1.TaskStatus;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class RegistrationTest {
    @Test
    void registersOnceAndReregistersEverAfter() {
        AgentScript agent = new AgentScript().started();
        agent.on(new AgentEvent.LinkOpened());
        assertThat(agent.sent()).hasSize(1);
        assertThat(agent.sent().get(0).hasRegister()).isTrue();
        assertThat(agent.sent().get(0).getRegister().getAgent().hasId()).isFalse();

        agent.registered();
        agent.on(new AgentEvent.LinkClosed("gone"));
        agent.on(new AgentEvent.LinkOpened());
        assertThat(agent.sent()).hasSize(1);
        assertThat(agent.sent().get(0).getReregister().getAgent().getId().getValue())
                .isEqualTo("S1");

        agent.restarted();
        agent.on(new AgentEvent.LinkOpened());
        assertThat(agent.sent().get(0).getReregister().getAgent().getId().getValue())
                .isEqualTo("S1");
    }

    @Test
    void asksAgainWithGrowingPauses() {
        AgentScript agent = new AgentScript().started();
        agent.on(new AgentEvent.LinkOpened());
        agent.pass(Duration.ofSeconds(20));
        // pauses of 1.5 s, 3 s, 6 s, 12 s
        assertThat(agent.sent().stream().filter(FromAgent::hasRegister)).hasSize(4);
    }

    @Test
    void theIdIsOnDiskBeforeAnythingElseIsSaid() {
        AgentScript agent = new AgentScript().started();
        agent.on(new AgentEvent.LinkOpened());
        agent.registered();
        assertThat(agent.disk
                        .get(agent.disk.size() - 1)
                        .getIdentity()
                        .getInfo()
                        .getId()
                        .getValue())
                .isEqualTo("S1");
    }

    @Test
    void heartbeatsAndGivesUpASilentLink() {
        AgentScript agent = AgentScript.ready();
        agent.pass(Duration.ofSeconds(74));
        assertThat(agent.sent().stream().filter(FromAgent::hasHeartbeat)).hasSize(4);
        assertThat(agent.did(AgentEffect.CloseLink.class)).isFalse();
        agent.master(ToAgent.newBuilder().setHeartbeat(Heartbeat.getDefaultInstance()));
        agent.pass(Duration.ofSeconds(70));
        assertThat(agent.did(AgentEffect.CloseLink.class)).isFalse();
        agent.pass(Duration.ofSeconds(10));
        assertThat(agent.did(AgentEffect.CloseLink.class)).isTrue();
    }

    @Test
    void reregistrationCarriesAllThatRuns() {
        AgentScript agent = AgentScript.ready();
        agent.running(AgentScript.command("t1")).running(AgentScript.custom("t2", "e2"));
        agent.on(new AgentEvent.LinkClosed("new master"));
        agent.effects.clear();
        agent.on(new AgentEvent.LinkOpened());
        var m = agent.sent().get(0).getReregister();
        assertThat(m.getTasksList()).extracting(t -> t.getTaskId().getValue()).containsExactly("t1", "t2");
        assertThat(m.getTasksList()).extracting(t -> t.getState()).containsOnly(TaskState.TASK_RUNNING);
        assertThat(m.getTasks(0).hasExecutorId()).isFalse();
        assertThat(m.getExecutorsList())
                .extracting(e -> e.getInfo().getExecutorId().getValue())
                .containsExactly("e2");
        assertThat(m.getFrameworksList()).containsExactly(AgentScript.AWARE);
    }

    @Test
    void aRefusedAgentEnds() {
        AgentScript agent = AgentScript.ready();
        agent.master(ToAgent.newBuilder().setRefused(Refused.newBuilder().setMessage("version too old")));
        assertThat(agent.effects(AgentEffect.Exit.class))
                .singleElement()
                .satisfies(e -> assertThat(e.why()).contains("version too old"));
    }

    @Test
    void anAgentMarkedGoneKillsEverythingAndForgetsItsId() {
        AgentScript agent = AgentScript.ready().running(AgentScript.command("t1"));
        agent.master(ToAgent.newBuilder()
                .setRefused(Refused.newBuilder().setMessage("marked gone").setShutdown(true)));
        assertThat(agent.toExecutor("t1")).contains(io.paddock.proto.v1.executor.Event.Type.SHUTDOWN);
        assertThat(agent.did(AgentEffect.Exit.class)).isFalse();
        agent.terminated("t1", Termination.exited(0));
        assertThat(agent.did(AgentEffect.Exit.class)).isTrue();

        agent.restarted();
        agent.on(new AgentEvent.LinkOpened());
        assertThat(agent.sent().get(0).hasRegister()).isTrue();
    }

    @Test
    void shutdownByTheMasterKillsThenLeaves() {
        AgentScript agent = AgentScript.ready().running(AgentScript.command("t1"));
        agent.master(ToAgent.newBuilder().setShutdown(Shutdown.newBuilder().setMessage("maintenance")));
        agent.pass(Duration.ofSeconds(6));
        assertThat(agent.effects(AgentEffect.DestroyExecutor.class)).hasSize(1);
        agent.terminated("t1", Termination.exited(9));
        assertThat(agent.sent().stream().filter(FromAgent::hasLeaving)).hasSize(1);
        assertThat(agent.sentUpdates().get(0).getStatus().getState()).isEqualTo(TaskState.TASK_KILLED);
        assertThat(agent.did(AgentEffect.Exit.class)).isTrue();
    }

    @Test
    void leavesEvenWhenAContainerDoesNotEnd() {
        AgentScript agent = AgentScript.ready().running(AgentScript.command("t1"));
        agent.on(new AgentEvent.StopRequested("told to"));
        agent.pass(Duration.ofSeconds(16));
        assertThat(agent.did(AgentEffect.Exit.class)).isTrue();
    }

    @Test
    void aRebootKeepsTheIdAndLosesTheTasks() {
        AgentScript agent = AgentScript.ready().running(AgentScript.command("t1"));
        agent.restarted(AgentScript.settings("boot-2", "cpus:4;mem:4096;disk:1000;ports:[31000-31010]"), agent.disk);
        assertThat(agent.effects(AgentEffect.DestroyExecutor.class)).hasSize(1);
        agent.terminated("t1", Termination.lost("gone"));
        agent.on(new AgentEvent.LinkOpened());
        var m = agent.sent().get(0).getReregister();
        assertThat(m.getAgent().getId().getValue()).isEqualTo("S1");
        assertThat(m.getTasksList()).extracting(t -> t.getState()).containsExactly(TaskState.TASK_GONE);
        agent.answered();
        assertThat(agent.lastStatus().getMessage()).isEqualTo("The agent's machine was rebooted");
        assertThat(agent.lastStatus().getReason()).isEqualTo(TaskStatus.Reason.REASON_AGENT_RESTARTED);
    }

    @Test
    void anIdleAgentMayChangeItsResources() {
        AgentScript agent = AgentScript.ready();
        agent.restarted(AgentScript.settings("boot-1", "cpus:2;mem:10"), agent.disk);
        assertThat(agent.core.checkReconfiguration(false)).isEmpty();
        assertThat(agent.core.view().totals().scalar("cpus")).isEqualTo(2);
        agent.on(new AgentEvent.LinkOpened());
        assertThat(agent.sent().get(0).getReregister().getTotalResourcesCount()).isEqualTo(2);
    }

    @Test
    void changedResourcesOfABusyAgentAreRefusedUnlessTheyGrowAndMay() {
        AgentScript agent = AgentScript.ready().running(AgentScript.command("t1"));
        record Case(String resources, boolean additive, boolean allowed) {}
        for (Case c : List.of(
                new Case("cpus:4;mem:4096;disk:1000;ports:[31000-31010]", false, true),
                new Case("cpus:8;mem:4096;disk:1000;ports:[31000-31010]", false, false),
                new Case("cpus:8;mem:4096;disk:1000;ports:[31000-31010]", true, true),
                new Case("cpus:2;mem:4096;disk:1000;ports:[31000-31010]", true, false))) {
            AgentCore core =
                    new AgentCore(AgentScript.settings("boot-1", c.resources()), new CountingIds(), agent.disk);
            assertThat(core.checkReconfiguration(c.additive()).isEmpty())
                    .as(c.toString())
                    .isEqualTo(c.allowed());
        }
        agent.restarted(AgentScript.settings("boot-1", "cpus:8;mem:4096;disk:1000;ports:[31000-31010]"), agent.disk);
        assertThat(agent.core.view().totals().scalar("cpus")).isEqualTo(8);
    }
}
