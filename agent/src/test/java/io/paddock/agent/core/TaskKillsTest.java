package io.paddock.agent.core;

import static io.paddock.agent.core.AgentScript.command;
import static io.paddock.agent.core.AgentScript.custom;
import static io.paddock.agent.core.AgentScript.ready;
import static io.paddock.agent.core.AgentScript.uuid;
import static org.assertj.core.api.Assertions.assertThat;

import io.paddock.common.Rejection;
import io.paddock.proto.checkpoint.Record;
import io.paddock.proto.link.Drain;
import io.paddock.proto.link.ShutdownExecutor;
import io.paddock.proto.link.ShutdownFramework;
import io.paddock.proto.link.ToAgent;
import io.paddock.proto.v1.DrainConfig;
import io.paddock.proto.v1.DurationInfo;
import io.paddock.proto.v1.ExecutorID;
import io.paddock.proto.v1.TaskState;
import io.paddock.proto.v1.TaskStatus.Reason;
import io.paddock.proto.v1.TimeInfo;
import io.paddock.proto.v1.executor.Call;
import io.paddock.proto.v1.executor.Event;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Kills, shutdowns and drains. */
class TaskKillsTest {
    @Test
    void killingAQueuedTaskKillsItsWholeGroupAndTheIdleExecutor() {
        AgentScript agent = ready();
        agent.runGroup("pod", command("a"), command("b"));
        agent.effects.clear();
        agent.kill("a");
        assertThat(agent.sentUpdates())
                .extracting(u -> u.getStatus().getTaskId().getValue() + " "
                        + u.getStatus().getState() + " " + u.getStatus().getReason())
                .containsExactly(
                        "a TASK_KILLED REASON_TASK_KILLED_DURING_LAUNCH",
                        "b TASK_KILLED REASON_TASK_KILLED_DURING_LAUNCH");
        assertThat(agent.did(AgentEffect.DestroyExecutor.class)).isTrue();
    }

    @Test
    void aKillWaitsForAnExecutorThatIsAway() {
        AgentScript agent = ready().running(custom("t1", "e"));
        agent.restarted().registered();
        agent.kill("t1");
        assertThat(agent.toExecutor("e")).isEmpty();
        agent.subscribe(77, "e");
        assertThat(agent.toExecutor("e")).containsExactly(Event.Type.SUBSCRIBED, Event.Type.KILL);
    }

    /** The one before may have been broken already when the kill was written to it. */
    @Test
    void aKillIsToldAgainOnEveryConnectionUntilItsTaskHasEnded() {
        AgentScript agent = ready().running(custom("t1", "e"));
        agent.kill("t1");
        agent.subscribe(77, "e");
        assertThat(agent.toExecutor("e")).containsExactly(Event.Type.KILL, Event.Type.SUBSCRIBED, Event.Type.KILL);
        agent.update("e", "t1", TaskState.TASK_KILLED, "killed");
        agent.effects.clear();
        agent.subscribe(78, "e");
        assertThat(agent.toExecutor("e")).containsExactly(Event.Type.SUBSCRIBED);
    }

    @Test
    void aTaskOfAnExecutorOfOursIsKilledWhoeverPosesAsIt() {
        AgentScript agent = ready().running(command("t1")).running(custom("t2", "e"));
        agent.callOverHttp(77, "t1", subscription());
        assertThat(agent.effects(AgentEffect.RefuseCall.class)).singleElement().satisfies(refused -> {
            assertThat(refused.request()).isEqualTo(77);
            assertThat(refused.rejection().code()).isEqualTo(Rejection.Code.FORBIDDEN);
            assertThat(refused.rejection().message()).contains("executor_id");
        });
        agent.callOverHttp(78, "e", subscription());
        assertThat(agent.effects(AgentEffect.AcceptCall.class))
                .extracting(AgentEffect.AcceptCall::request)
                .containsExactly(78L);

        agent.on(new AgentEvent.ExecutorDisconnected(AgentScript.key("t1"), 77));
        agent.kill("t1");
        assertThat(agent.toExecutor("t1")).containsExactly(Event.Type.KILL);
    }

    private static Call.Builder subscription() {
        return Call.newBuilder().setType(Call.Type.SUBSCRIBE).setSubscribe(Call.Subscribe.getDefaultInstance());
    }

    @Test
    void aKillIsOnTheDiskBeforeItsExecutorHearsOfIt() {
        AgentScript agent = ready().running(custom("t1", "e"));
        agent.kill("t1");
        assertThat(agent.disk.stream().filter(Record::hasTaskKilled)).hasSize(1);
        assertThat(agent.toExecutor("e")).endsWith(Event.Type.KILL);
        agent.kill("t1");
        assertThat(agent.disk.stream().filter(Record::hasTaskKilled))
                .as("asked again in the same way")
                .hasSize(1);
        agent.restarted().registered();
        agent.subscribe(77, "e");
        assertThat(agent.toExecutor("e")).endsWith(Event.Type.SUBSCRIBED, Event.Type.KILL);
    }

    @Test
    void shutdownGivesTheExecutorItsGrace() {
        AgentScript agent = ready().running(custom("t1", "e"));
        agent.master(ToAgent.newBuilder()
                .setShutdownExecutor(ShutdownExecutor.newBuilder()
                        .setFrameworkId(AgentScript.FRAMEWORK)
                        .setExecutorId(ExecutorID.newBuilder().setValue("e"))));
        assertThat(agent.toExecutor("e")).containsExactly(Event.Type.SHUTDOWN);
        agent.pass(Duration.ofSeconds(4));
        assertThat(agent.did(AgentEffect.DestroyExecutor.class)).isFalse();
        agent.pass(Duration.ofSeconds(2));
        assertThat(agent.did(AgentEffect.DestroyExecutor.class)).isTrue();

        agent.effects.clear();
        agent.run(custom("t2", "e"));
        assertThat(agent.lastStatus().getState()).isEqualTo(TaskState.TASK_DROPPED);
        assertThat(agent.lastStatus().getReason()).isEqualTo(Reason.REASON_EXECUTOR_TERMINATED);
        assertThat(agent.lastStatus().hasUuid()).isFalse();
    }

    @Test
    void aRemovedFrameworkLeavesNothingAndSaysNothing() {
        AgentScript agent = ready().running(command("t1")).running(custom("t2", "e"));
        agent.master(ToAgent.newBuilder()
                .setShutdownFramework(ShutdownFramework.newBuilder().setFrameworkId(AgentScript.FRAMEWORK)));
        agent.update("t1", "t1", TaskState.TASK_KILLED, "k");
        agent.terminated("t1", Termination.exited(0));
        agent.terminated("e", Termination.exited(0));
        assertThat(agent.sentUpdates()).isEmpty();
        assertThat(agent.core.view().frameworks()).isEmpty();
        assertThat(agent.effects(AgentEffect.RetireSandbox.class)).hasSize(2);
    }

    @Test
    void drainingKillsWithinTheGraceAndSaysWhy() {
        AgentScript agent = ready().running(command("t1"));
        agent.master(ToAgent.newBuilder()
                .setDrain(Drain.newBuilder()
                        .setSince(TimeInfo.newBuilder().setNanoseconds(7))
                        .setConfig(DrainConfig.newBuilder()
                                .setMarkGone(true)
                                .setMaxGracePeriod(DurationInfo.newBuilder().setNanoseconds(1_000_000_000L)))));
        Event kill = agent.effects(AgentEffect.SendToExecutor.class).get(0).event();
        assertThat(kill.getKill().getKillPolicy().getGracePeriod().getNanoseconds())
                .isEqualTo(1_000_000_000L);
        agent.update("t1", "t1", TaskState.TASK_KILLING, "k1");
        assertThat(agent.lastStatus().getReason()).isEqualTo(Reason.REASON_AGENT_DRAINING);
        agent.acknowledge("t1", uuid("k1"));
        agent.update("t1", "t1", TaskState.TASK_KILLED, "k2");
        assertThat(agent.lastStatus().getState()).isEqualTo(TaskState.TASK_GONE_BY_OPERATOR);
        agent.run(command("t2"));
        assertThat(agent.lastStatus().getState()).isEqualTo(TaskState.TASK_KILLED);

        agent.restarted().registered();
        assertThat(agent.view().draining().getSince().getNanoseconds()).isEqualTo(7);
        agent.run(command("t3"));
        assertThat(agent.lastStatus().getReason()).isEqualTo(Reason.REASON_AGENT_DRAINING);
        agent.master(ToAgent.newBuilder().setDrain(Drain.getDefaultInstance()));
        agent.run(command("t4"));
        assertThat(agent.did(AgentEffect.LaunchExecutor.class)).isTrue();
    }
}
