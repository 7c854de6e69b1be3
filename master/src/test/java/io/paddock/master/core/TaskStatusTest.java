package io.paddock.master.core;

import static io.paddock.master.core.MasterHarness.call;
import static io.paddock.master.core.MasterHarness.frameworkInfo;
import static io.paddock.master.core.MasterHarness.launch;
import static io.paddock.master.core.MasterHarness.task;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.paddock.master.core.MasterEffect.Outcome;
import io.paddock.proto.link.ToAgent;
import io.paddock.proto.v1.AgentID;
import io.paddock.proto.v1.ExecutorID;
import io.paddock.proto.v1.KillPolicy;
import io.paddock.proto.v1.Offer;
import io.paddock.proto.v1.Task;
import io.paddock.proto.v1.TaskID;
import io.paddock.proto.v1.TaskState;
import io.paddock.proto.v1.TaskStatus;
import io.paddock.proto.v1.scheduler.Call;
import io.paddock.proto.v1.scheduler.Event;
import java.time.Duration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Status updates, acknowledgements, kills, reconciliation. */
class TaskStatusTest {
    private final MasterHarness master = new MasterHarness();
    private String agent;
    private String id;

    @BeforeEach
    void aTaskIsLaunched() {
        agent = master.register("l", "cpus:4;mem:1024");
        id = master.subscribed("s", frameworkInfo("f", "web"));
        master.settle();
        Offer offer = master.lastOffer("s");
        master.accept("s", id, offer, launch(task("t", offer, "cpus:1;mem:32").build()));
    }

    private Task tracked() {
        return master.agent(agent).tasks().get(0);
    }

    @Test
    void aLaunchedTaskIsStagingUntilItsFirstUpdate() {
        assertThat(tracked().getState()).isEqualTo(TaskState.TASK_STAGING);
        assertThat(tracked().getUser()).isEqualTo("root");
        master.update("l", id, master.status("t", TaskState.TASK_STARTING));
        assertThat(tracked().getState()).isEqualTo(TaskState.TASK_STARTING);
        assertThat(master.lastUpdate("s").getAgentId().getValue()).isEqualTo(agent);
    }

    @Test
    void statusesInARowWithTheSameStateDoNotPileUp() {
        for (int i = 0; i < 20; i++) {
            master.update(
                    "l",
                    id,
                    master.status("t", TaskState.TASK_RUNNING).toBuilder()
                            .setHealthy(i % 2 == 0)
                            .build());
        }
        assertThat(tracked().getStatusesCount()).isEqualTo(1);
        assertThat(tracked().getStatuses(0).getHealthy()).isFalse();
        assertThat(master.updates("s")).hasSize(20);
    }

    @Test
    void aTerminalTaskFreesItsResourcesAtOnceAndIsForgottenWhenAcknowledged() {
        TaskStatus running = master.status("t", TaskState.TASK_RUNNING);
        master.update("l", id, running, TaskState.TASK_FINISHED);
        assertThat(tracked().getState()).as("latest state").isEqualTo(TaskState.TASK_FINISHED);
        assertThat(tracked().getStatusUpdateState()).isEqualTo(TaskState.TASK_RUNNING);
        assertThat(master.agent(agent).used().isEmpty()).isTrue();
        master.acknowledge("s", id, agent, running);
        assertThat(master.agent(agent).tasks())
                .as("only RUNNING was acknowledged")
                .hasSize(1);

        TaskStatus finished = master.status("t", TaskState.TASK_FINISHED);
        master.update("l", id, finished);
        master.update("l", id, finished);
        assertThat(master.updates("s")).hasSize(3);
        master.acknowledge("s", id, agent, finished);
        assertThat(master.agent(agent).tasks()).isEmpty();
        assertThat(master.framework(id).completedTasks().get(0).getState()).isEqualTo(TaskState.TASK_FINISHED);
        assertThat(master.sent("l", ToAgent.MessageCase.ACKNOWLEDGE)).hasSize(2);
        master.acknowledge("s", id, agent, finished);
        assertThat(master.sent("l", ToAgent.MessageCase.ACKNOWLEDGE))
                .as("an agent that missed the first one gets another")
                .hasSize(3);
    }

    @Test
    void aTerminalStateStays() {
        master.update("l", id, master.status("t", TaskState.TASK_FAILED));
        master.update("l", id, master.status("t", TaskState.TASK_RUNNING));
        assertThat(tracked().getState()).isEqualTo(TaskState.TASK_FAILED);
        assertThat(master.agent(agent).used().isEmpty()).isTrue();
    }

    @Test
    void aStatusSentAgainAfterANewerOneKeepsItsPlace() {
        TaskStatus running = master.status("t", TaskState.TASK_RUNNING);
        TaskStatus failed = master.status("t", TaskState.TASK_FAILED).toBuilder()
                .setMessage("why")
                .build();
        Task ahead = tracked().toBuilder()
                .setState(TaskState.TASK_FAILED)
                .addStatuses(running)
                .addStatuses(failed)
                .build();
        master.feed(new MasterEvent.AgentLinkClosed("l"));
        master.spoke(
                "l2",
                io.paddock.proto.link.FromAgent.newBuilder()
                        .setReregister(master.reregister("host-l", "cpus:4;mem:1024", agent)
                                .addFrameworks(master.framework(id).info())
                                .addTasks(ahead)));
        master.update("l2", id, running, TaskState.TASK_FAILED);
        assertThat(tracked().getStatusesList().stream().map(TaskStatus::getState))
                .containsExactly(TaskState.TASK_RUNNING, TaskState.TASK_FAILED);
        assertThat(tracked().getStatusUpdateState()).isEqualTo(TaskState.TASK_RUNNING);
    }

    @Test
    void aTerminalStatusWithoutUuidEndsTheTaskSinceNobodyAcknowledgesIt() {
        master.update(
                "l",
                id,
                master.status("t", TaskState.TASK_DROPPED).toBuilder()
                        .clearUuid()
                        .build());
        assertThat(master.agent(agent).tasks()).isEmpty();
        assertThat(master.framework(id).completedTasks()).hasSize(1);
    }

    @Test
    void updatesAreDroppedWhileTheSchedulerIsAway() {
        master.feed(new MasterEvent.SchedulerStreamClosed("s"));
        master.update("l", id, master.status("t", TaskState.TASK_RUNNING));
        assertThat(master.updates("s")).isEmpty();
        assertThat(tracked().getState()).isEqualTo(TaskState.TASK_RUNNING);
    }

    @Test
    void aMalformedAcknowledgementIsRejected() {
        var answer = master.call(
                "s",
                call(id, Call.Type.ACKNOWLEDGE)
                        .setAcknowledge(Call.Acknowledge.newBuilder()
                                .setAgentId(AgentID.newBuilder().setValue(agent))
                                .setTaskId(TaskID.newBuilder().setValue("t"))
                                .setUuid(ByteString.copyFromUtf8("short"))));
        assertThat(answer.outcome()).isEqualTo(Outcome.REJECTED);
        assertThat(answer.rejection().message()).contains("acknowledge.uuid");
    }

    private void kill(Call.Kill.Builder kill) {
        master.call("s", call(id, Call.Type.KILL).setKill(kill));
    }

    private static Call.Kill.Builder killOf(String taskId) {
        return Call.Kill.newBuilder().setTaskId(TaskID.newBuilder().setValue(taskId));
    }

    @Test
    void aKillGoesToTheAgentAndIsRepeatedWhenItComesBack() {
        KillPolicy.Builder policy = KillPolicy.newBuilder();
        policy.getGracePeriodBuilder().setNanoseconds(7);
        kill(killOf("t").setAgentId(AgentID.newBuilder().setValue("other")));
        assertThat(master.sent("l", ToAgent.MessageCase.KILL_TASK)).isEmpty();
        master.feed(new MasterEvent.AgentLinkClosed("l"));
        kill(killOf("t").setKillPolicy(policy));
        master.spoke(
                "l2",
                io.paddock.proto.link.FromAgent.newBuilder()
                        .setReregister(master.reregister("host-l", "cpus:4;mem:1024", agent)
                                .addFrameworks(master.framework(id).info())
                                .addTasks(tracked())));
        ToAgent sent = master.sent("l2", ToAgent.MessageCase.KILL_TASK).get(0);
        assertThat(sent.getKillTask().getKillPolicy().getGracePeriod().getNanoseconds())
                .isEqualTo(7);
    }

    @Test
    void aKillOfAnUnknownTaskIsAnsweredLikeAReconciliation() {
        kill(killOf("nope").setAgentId(AgentID.newBuilder().setValue(agent)));
        assertThat(master.lastUpdate("s").getState()).isEqualTo(TaskState.TASK_GONE);
        assertThat(master.lastUpdate("s").getReason()).isEqualTo(TaskStatus.Reason.REASON_RECONCILIATION);
    }

    private void reconcile(Call.Reconcile.Task... tasks) {
        master.call(
                "s",
                call(id, Call.Type.RECONCILE)
                        .setReconcile(Call.Reconcile.newBuilder().addAllTasks(java.util.List.of(tasks))));
    }

    private static Call.Reconcile.Task asked(String task, String agentId) {
        Call.Reconcile.Task.Builder asked =
                Call.Reconcile.Task.newBuilder().setTaskId(TaskID.newBuilder().setValue(task));
        if (!agentId.isEmpty()) {
            asked.setAgentId(AgentID.newBuilder().setValue(agentId));
        }
        return asked.build();
    }

    @Test
    void implicitReconciliationAnswersEveryTaskWithItsLatestForwardedState() {
        master.update(
                "l",
                id,
                master.status("t", TaskState.TASK_RUNNING).toBuilder()
                        .setHealthy(true)
                        .build(),
                TaskState.TASK_FINISHED);
        reconcile();
        TaskStatus answer = master.lastUpdate("s");
        assertThat(answer.getState()).isEqualTo(TaskState.TASK_RUNNING);
        assertThat(answer.getHealthy()).isTrue();
        assertThat(answer.getSource()).isEqualTo(TaskStatus.Source.SOURCE_MASTER);
        assertThat(answer.hasUuid()).isFalse();
    }

    @Test
    void explicitReconciliationFollowsTheRules() {
        String other = master.register("l2", "cpus:1;mem:100");
        master.silent.add("l2");
        master.advance(Duration.ofSeconds(100));
        reconcile(asked("t", ""));
        assertThat(master.lastUpdate("s").getState()).isEqualTo(TaskState.TASK_STAGING);
        reconcile(asked("x", agent));
        assertThat(master.lastUpdate("s").getState()).isEqualTo(TaskState.TASK_GONE);
        reconcile(asked("x", other));
        assertThat(master.lastUpdate("s").getState()).isEqualTo(TaskState.TASK_UNREACHABLE);
        assertThat(master.lastUpdate("s").hasUnreachableTime()).isTrue();
        master.operate(io.paddock.proto.v1.master.Call.newBuilder()
                .setType(io.paddock.proto.v1.master.Call.Type.MARK_AGENT_GONE)
                .setMarkAgentGone(io.paddock.proto.v1.master.Call.MarkAgentGone.newBuilder()
                        .setAgentId(AgentID.newBuilder().setValue(other))));
        reconcile(asked("x", other));
        assertThat(master.lastUpdate("s").getState()).isEqualTo(TaskState.TASK_GONE_BY_OPERATOR);
        reconcile(asked("x", ""));
        assertThat(master.lastUpdate("s").getState()).isEqualTo(TaskState.TASK_UNKNOWN);
    }

    @Test
    void nothingIsSaidWhileAnAgentMayComeBack() {
        master.failOver("m2");
        master.subscribed(
                "s",
                frameworkInfo("f", "web")
                        .setId(io.paddock.proto.v1.FrameworkID.newBuilder().setValue(id)));
        reconcile(asked("t", agent));
        reconcile(asked("t", ""));
        assertThat(master.updates("s")).isEmpty();
        reconcile(asked("t", "never-seen"));
        assertThat(master.updates("s")).hasSize(1);
        master.advance(Duration.ofMinutes(11));
        reconcile(asked("t", agent));
        assertThat(master.lastUpdate("s").getState()).isEqualTo(TaskState.TASK_UNREACHABLE);
    }

    @Test
    void messagesAndShutdownsReachTheAgent() {
        master.call(
                "s",
                call(id, Call.Type.MESSAGE)
                        .setMessage(Call.Message.newBuilder()
                                .setAgentId(AgentID.newBuilder().setValue(agent))
                                .setExecutorId(ExecutorID.newBuilder().setValue("e"))
                                .setData(ByteString.copyFromUtf8("hi"))));
        master.call(
                "s",
                call(id, Call.Type.SHUTDOWN)
                        .setShutdown(Call.Shutdown.newBuilder()
                                .setAgentId(AgentID.newBuilder().setValue(agent))
                                .setExecutorId(ExecutorID.newBuilder().setValue("e"))));
        assertThat(master.sent("l", ToAgent.MessageCase.SCHEDULER_MESSAGE)).hasSize(1);
        assertThat(master.sent("l", ToAgent.MessageCase.SHUTDOWN_EXECUTOR)).hasSize(1);
        master.spoke(
                "l",
                io.paddock.proto.link.FromAgent.newBuilder()
                        .setExecutorMessage(io.paddock.proto.link.ExecutorMessage.newBuilder()
                                .setFrameworkId(master.framework(id).info().getId())
                                .setExecutorId(ExecutorID.newBuilder().setValue("e"))
                                .setData(ByteString.copyFromUtf8("ho"))));
        assertThat(master.events("s", Event.Type.MESSAGE)
                        .get(0)
                        .getMessage()
                        .getData()
                        .toStringUtf8())
                .isEqualTo("ho");
    }
}
