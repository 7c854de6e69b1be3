package io.paddock.master.core;

import static io.paddock.master.core.MasterHarness.frameworkInfo;
import static io.paddock.master.core.MasterHarness.launch;
import static io.paddock.master.core.MasterHarness.task;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.paddock.common.Rejection;
import io.paddock.common.resources.Resources;
import io.paddock.master.core.MasterEffect.Answer;
import io.paddock.master.core.MasterEffect.Outcome;
import io.paddock.master.core.snapshot.ClusterChange;
import io.paddock.proto.domain.ResourceMessages;
import io.paddock.proto.link.FromAgent;
import io.paddock.proto.link.Leaving;
import io.paddock.proto.link.Reregister;
import io.paddock.proto.link.ToAgent;
import io.paddock.proto.v1.AgentID;
import io.paddock.proto.v1.DrainState;
import io.paddock.proto.v1.Environment;
import io.paddock.proto.v1.ExecutorID;
import io.paddock.proto.v1.ExecutorInfo;
import io.paddock.proto.v1.FrameworkID;
import io.paddock.proto.v1.Offer;
import io.paddock.proto.v1.Resource;
import io.paddock.proto.v1.Secret;
import io.paddock.proto.v1.Task;
import io.paddock.proto.v1.TaskState;
import io.paddock.proto.v1.TaskStatus;
import io.paddock.proto.v1.Value;
import io.paddock.proto.v1.WeightInfo;
import io.paddock.proto.v1.master.Call;
import io.paddock.proto.v1.scheduler.Event;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Agents come, break, come back, are drained and go; masters change meanwhile. */
class AgentLifecycleTest {
    private static final String TOTAL = "cpus:4;mem:1024";

    private final MasterHarness master = new MasterHarness();
    private String agent;
    private String id;

    @BeforeEach
    void aTaskIsRunning() {
        agent = master.register("l", TOTAL);
        id = master.subscribed("s", frameworkInfo("f", "web"));
        master.settle();
        Offer offer = master.lastOffer("s");
        master.accept("s", id, offer, launch(task("t", offer, "cpus:1;mem:32").build()));
        master.update("l", id, master.status("t", TaskState.TASK_RUNNING));
    }

    private Task running() {
        return master.agent(agent).tasks().get(0);
    }

    private void comeBack(String link, Task... tasks) {
        master.spoke(
                link,
                FromAgent.newBuilder()
                        .setReregister(master.reregister("host-l", TOTAL, agent)
                                .addFrameworks(frameworkInfo("f", "web")
                                        .setId(FrameworkID.newBuilder().setValue(id)))
                                .addAllTasks(java.util.List.of(tasks))));
    }

    @Test
    void secretsThatAnOlderAgentReportsAreNotKept() {
        Task.Builder reported = running().toBuilder();
        reported.getHealthCheckBuilder()
                .getCommandBuilder()
                .getEnvironmentBuilder()
                .addVariablesBuilder()
                .setName("PASSWORD")
                .setType(Environment.Variable.Type.SECRET)
                .getSecretBuilder()
                .setType(Secret.Type.VALUE)
                .getValueBuilder()
                .setData(ByteString.copyFromUtf8("open sesame"));
        comeBack("l2", reported.build());
        assertThat(running().toString()).contains("PASSWORD").doesNotContain("open sesame");
        master.failOver("m2");
        comeBack("l3", reported.build());
        assertThat(running().toString()).contains("PASSWORD").doesNotContain("open sesame");
    }

    @Test
    void anAgentIsDurableBeforeItIsTold() {
        master.confirmWrites = false;
        assertThat(master.register("x", TOTAL)).isEmpty();
        master.confirmAll();
        assertThat(master.sent("x").get(0).getRegistered().getAgentId().getValue())
                .isEqualTo("m1-S1");
    }

    @Test
    void anAgentGoneBeforeItLearntItsIdLeavesNothing() {
        master.confirmWrites = false;
        master.register("x", TOTAL);
        master.feed(new MasterEvent.AgentLinkClosed("x"));
        master.confirmAll();
        assertThat(master.snapshot().agents()).hasSize(1);
        assertThat(master.store.keySet()).doesNotContain("agents/m1-S1");
    }

    @Test
    void aBrokenLinkRescindsOffersAndTheTasksStay() {
        master.advance(Duration.ofSeconds(6));
        assertThat(master.agent(agent).offers()).hasSize(1);
        master.feed(new MasterEvent.AgentLinkClosed("l"));
        assertThat(master.events("s", Event.Type.RESCIND)).hasSize(1);
        assertThat(master.agent(agent).connected()).isFalse();
        master.advance(Duration.ofMinutes(5));
        assertThat(master.offers("s")).hasSize(2);
        Task task = running();
        comeBack("l2", task);
        assertThat(master.sent("l2", ToAgent.MessageCase.REGISTERED)).hasSize(1);
        assertThat(master.sent("l2", ToAgent.MessageCase.RECONCILE_TASKS)).isEmpty();
        assertThat(master.agent(agent).used().scalar("cpus")).isEqualTo(1.0);
        master.settle();
        assertThat(master.offers("s")).hasSize(3);
        master.advance(Duration.ofMinutes(20));
        assertThat(master.agent(agent).connected()).isTrue();
    }

    @Test
    void aSecondLinkOfAnAgentReplacesTheFirst() {
        comeBack("l2", running());
        assertThat(master.closedLinks).containsExactly("l");
        master.feed(new MasterEvent.AgentLinkClosed("l"));
        assertThat(master.agent(agent).connected()).isTrue();
    }

    @Test
    void tasksTheAgentDoesNotNameAreAskedFor() {
        master.feed(new MasterEvent.AgentLinkClosed("l"));
        comeBack("l2");
        ToAgent ask = master.sent("l2", ToAgent.MessageCase.RECONCILE_TASKS).get(0);
        assertThat(ask.getReconcileTasks().getTaskIds(0).getValue()).isEqualTo("t");
        TaskStatus dropped = master.status("t", TaskState.TASK_DROPPED);
        master.update("l2", id, dropped);
        assertThat(master.agent(agent).used().isEmpty()).isTrue();
        master.acknowledge("s", id, agent, dropped);
        assertThat(master.agent(agent).tasks()).isEmpty();
    }

    @Test
    void aSilentAgentBecomesUnreachableAndItsTasksComeBackWithIt() {
        Task task = running();
        master.silent.add("l");
        master.confirmWrites = false;
        master.advance(Duration.ofSeconds(100));
        assertThat(master.lastUpdate("s").getState())
                .as("not told before it is durable")
                .isEqualTo(TaskState.TASK_RUNNING);
        comeBack("early", task);
        assertThat(master.closedLinks).contains("early");
        master.confirmAll();
        TaskStatus lost = master.lastUpdate("s");
        assertThat(lost.getState()).isEqualTo(TaskState.TASK_UNREACHABLE);
        assertThat(lost.getReason()).isEqualTo(TaskStatus.Reason.REASON_AGENT_REMOVED);
        assertThat(lost.hasUnreachableTime()).isTrue();
        assertThat(master.events("s", Event.Type.FAILURE)).hasSize(1);
        assertThat(master.closedLinks).contains("l");
        assertThat(master.snapshot().agents()).isEmpty();
        assertThat(master.snapshot().unreachableAgents()).containsKey(agent);
        assertThat(master.framework(id).unreachableTasks()).hasSize(1);
        assertThat(master.framework(id).used().isEmpty()).isTrue();

        comeBack("l2", task);
        assertThat(master.framework(id).unreachableTasks()).isEmpty();
        assertThat(master.lastUpdate("s").getState()).isEqualTo(TaskState.TASK_RUNNING);
        assertThat(master.lastUpdate("s").getReason()).isEqualTo(TaskStatus.Reason.REASON_AGENT_REREGISTERED);
        assertThat(master.snapshot().unreachableAgents()).isEmpty();
        assertThat(master.agent(agent).used().scalar("cpus")).isEqualTo(1.0);
    }

    @Test
    void aDisconnectedAgentBecomesUnreachableInTheEnd() {
        master.feed(new MasterEvent.AgentLinkClosed("l"));
        master.advance(Duration.ofMinutes(9));
        assertThat(master.snapshot().agents()).hasSize(1);
        master.advance(Duration.ofMinutes(2));
        assertThat(master.snapshot().agents()).isEmpty();
        assertThat(master.published.stream().map(MasterEffect.Publish::change))
                .contains(new ClusterChange.AgentRemoved(agent));
    }

    @Test
    void aLeavingAgentIsNotWaitedFor() {
        master.spoke("l", FromAgent.newBuilder().setLeaving(Leaving.getDefaultInstance()));
        assertThat(master.lastUpdate("s").getState()).isEqualTo(TaskState.TASK_GONE);
        assertThat(master.snapshot().agents()).isEmpty();
        assertThat(master.store).doesNotContainKey("agents/" + agent);
    }

    @Test
    void anAgentThatLostItsIdReplacesItsPredecessor() {
        master.feed(new MasterEvent.AgentLinkClosed("l"));
        master.spoke(
                "l2",
                FromAgent.newBuilder()
                        .setRegister(io.paddock.proto.link.Register.newBuilder()
                                .setAgent(MasterHarness.agentInfo("host-l", TOTAL))
                                .setVersion("1")));
        assertThat(master.snapshot().agents()).hasSize(1);
        assertThat(master.snapshot().agents().get(0).id()).isEqualTo("m1-S1");
        assertThat(master.lastUpdate("s").getState()).isEqualTo(TaskState.TASK_GONE);
    }

    @Test
    void aMasterFailoverLosesNothing() {
        Task task = running();
        master.failOver("m2");
        assertThat(master.snapshot().recoveredAgents()).hasSize(1);
        assertThat(master.framework(id).recovered()).isTrue();
        comeBack("l2", task);
        assertThat(master.snapshot().recoveredAgents()).isEmpty();
        assertThat(master.agent(agent).tasks()).hasSize(1);
        master.settle();
        assertThat(master.offers("s2")).isEmpty();
        master.subscribed(
                "s2", frameworkInfo("f", "web").setId(FrameworkID.newBuilder().setValue(id)));
        master.settle();
        assertThat(ResourceMessages.fromMessages(master.lastOffer("s2").getResourcesList())
                        .scalar("cpus"))
                .isEqualTo(3.0);
        assertThat(master.framework(id).used().scalar("cpus")).isEqualTo(1.0);
    }

    @Test
    void aFrameworkThatNeverComesBackAfterAMasterFailoverIsRemovedWithItsTasks() {
        Task task = running();
        master.failOver("m2");
        comeBack("l2", task);
        master.advance(Duration.ofMinutes(11));
        assertThat(master.snapshot().frameworks()).isEmpty();
        assertThat(master.sent("l2", ToAgent.MessageCase.SHUTDOWN_FRAMEWORK)).hasSize(1);
    }

    @Test
    void theFailoverDeadlineSurvivesTheMaster() {
        master.feed(new MasterEvent.SchedulerStreamClosed("s"));
        master.advance(Duration.ofSeconds(30));
        master.failOver("m2");
        master.advance(Duration.ofSeconds(76));
        assertThat(master.snapshot().frameworks())
                .as("30 of 60 s were over, with 75 s of grace")
                .isEmpty();
    }

    @Test
    void anUnknownRegistryStillTakesAgentsAndFrameworksBack() {
        Task task = running();
        master.store.clear();
        master.failOver("m2");
        comeBack("l2", task);
        assertThat(master.agent(agent).tasks()).hasSize(1);
        assertThat(master.framework(id).recovered()).isTrue();
    }

    @Test
    void aFrameworkKnownFromAnAgentOnlyIsItsPrincipalsToo() {
        Task task = running();
        master.store.clear();
        master.failOver("m2");
        comeBack("l2", task);
        master.subscribe(
                "other",
                MasterHarness.subscribe(frameworkInfo("f", "web")
                                .setPrincipal("other")
                                .setId(FrameworkID.newBuilder().setValue(id))
                                .build())
                        .build());
        assertThat(master.events("other")).extracting(Event::getType).containsExactly(Event.Type.ERROR);
        assertThat(master.framework(id).recovered()).isTrue();
    }

    /** One of another version may know resources that this master does not; it must not end the master with it. */
    @Test
    void anAgentIsNotTakenBackWithResourcesThatAreNone() {
        Resource unknown =
                Resource.newBuilder().setName("x").setType(Value.Type.TEXT).build();
        List<Reregister.Builder> messages = List.of(
                master.reregister("host-l", TOTAL, agent).addTotalResources(unknown),
                master.reregister("host-l", TOTAL, agent)
                        .addTasks(running().toBuilder().addResources(unknown)),
                master.reregister("host-l", TOTAL, agent)
                        .addExecutors(Reregister.Executor.newBuilder()
                                .setFrameworkId(FrameworkID.newBuilder().setValue(id))
                                .setInfo(ExecutorInfo.newBuilder()
                                        .setExecutorId(ExecutorID.newBuilder().setValue("e"))
                                        .addResources(unknown))));
        for (int i = 0; i < messages.size(); i++) {
            master.feed(new MasterEvent.AgentLinkClosed(i == 0 ? "l" : "again" + i));
            master.spoke("again" + (i + 1), FromAgent.newBuilder().setReregister(messages.get(i)));
            assertThat(master.sent("again" + (i + 1), ToAgent.MessageCase.REFUSED))
                    .singleElement()
                    .satisfies(refused -> {
                        assertThat(refused.getRefused().getMessage()).contains("x: type TEXT");
                        assertThat(refused.getRefused().getShutdown()).isFalse();
                    });
        }
        assertThat(master.agent(agent).tasks()).hasSize(1);
    }

    @Test
    void totalsThatShrinkRescindOffers() {
        master.advance(Duration.ofSeconds(6));
        assertThat(master.agent(agent).offers()).hasSize(1);
        master.spoke(
                "l",
                FromAgent.newBuilder()
                        .setAgentTotals(io.paddock.proto.link.AgentTotals.newBuilder()
                                .addAllTotalResources(
                                        ResourceMessages.toMessages(Resources.parse("cpus:2;mem:1024")))));
        assertThat(master.events("s", Event.Type.RESCIND)).hasSize(1);
        master.settle();
        assertThat(ResourceMessages.fromMessages(master.lastOffer("s").getResourcesList())
                        .scalar("cpus"))
                .isEqualTo(1.0);
    }

    // --- operator calls ---

    private AgentID agentId() {
        return AgentID.newBuilder().setValue(agent).build();
    }

    @Test
    void aGoneAgentMayNotComeBack() {
        Call.Builder gone = Call.newBuilder()
                .setType(Call.Type.MARK_AGENT_GONE)
                .setMarkAgentGone(Call.MarkAgentGone.newBuilder().setAgentId(agentId()));
        Task task = running();
        assertThat(master.operate(gone).outcome()).isEqualTo(Outcome.DONE);
        assertThat(master.lastUpdate("s").getState()).isEqualTo(TaskState.TASK_GONE_BY_OPERATOR);
        assertThat(master.sent("l", ToAgent.MessageCase.SHUTDOWN)).hasSize(1);
        comeBack("l2", task);
        assertThat(master.sent("l2").get(0).getRefused().getShutdown()).isTrue();
        assertThat(master.snapshot().goneAgents()).containsKey(agent);
        Answer unknown = master.operate(Call.newBuilder()
                .setType(Call.Type.MARK_AGENT_GONE)
                .setMarkAgentGone(Call.MarkAgentGone.newBuilder()
                        .setAgentId(AgentID.newBuilder().setValue("x"))));
        assertThat(unknown.rejection().code()).isEqualTo(Rejection.Code.NOT_FOUND);
    }

    private Answer drain(boolean markGone) {
        Call.DrainAgent.Builder drain =
                Call.DrainAgent.newBuilder().setAgentId(agentId()).setMarkGone(markGone);
        drain.getMaxGracePeriodBuilder().setSeconds(2);
        return master.operate(Call.newBuilder().setType(Call.Type.DRAIN_AGENT).setDrainAgent(drain));
    }

    private Answer reactivate() {
        return master.operate(Call.newBuilder()
                .setType(Call.Type.REACTIVATE_AGENT)
                .setReactivateAgent(Call.ReactivateAgent.newBuilder().setAgentId(agentId())));
    }

    @Test
    void drainingKillsTasksThenTheAgentIsDrainedUntilReactivated() {
        assertThat(reactivate().rejection().code()).isEqualTo(Rejection.Code.INVALID);
        assertThat(drain(false).outcome()).isEqualTo(Outcome.DONE);
        ToAgent told = master.sent("l", ToAgent.MessageCase.DRAIN).get(0);
        assertThat(told.getDrain().getConfig().getMaxGracePeriod().getNanoseconds())
                .isEqualTo(2_000_000_000L);
        assertThat(reactivate().rejection().message()).contains("still draining");
        TaskStatus killed = master.status("t", TaskState.TASK_KILLED);
        master.update("l", id, killed);
        assertThat(master.agent(agent).drain().getState()).isEqualTo(DrainState.DRAINING);
        master.acknowledge("s", id, agent, killed);
        assertThat(master.agent(agent).drain().getState()).isEqualTo(DrainState.DRAINED);
        Instant since = master.agent(agent).drainSince();
        assertThat(told.getDrain().getSince()).isEqualTo(Ids.time(since));
        master.failOver("m2");
        comeBack("l2");
        assertThat(master.agent(agent).active()).isFalse();
        assertThat(master.agent(agent).drainSince()).isEqualTo(since);
        master.subscribed(
                "s", frameworkInfo("f", "web").setId(FrameworkID.newBuilder().setValue(id)));
        master.advance(Duration.ofSeconds(10));
        assertThat(master.offers("s")).isEmpty();
        assertThat(master.sent("l2", ToAgent.MessageCase.DRAIN)
                        .get(0)
                        .getDrain()
                        .hasConfig())
                .as("the agent is told again when it comes back")
                .isTrue();
        assertThat(reactivate().outcome()).isEqualTo(Outcome.DONE);
        assertThat(master.sent("l2", ToAgent.MessageCase.DRAIN)
                        .get(1)
                        .getDrain()
                        .hasConfig())
                .isFalse();
        master.settle();
        assertThat(master.offers("s")).hasSize(1);
    }

    @Test
    void drainingWithMarkGoneEndsWithTheAgentGone() {
        drain(true);
        TaskStatus killed = master.status("t", TaskState.TASK_KILLED);
        master.update("l", id, killed);
        master.acknowledge("s", id, agent, killed);
        assertThat(master.snapshot().goneAgents()).containsKey(agent);
    }

    @Test
    void aDrainIsOverWhenTheFrameworkOfTheLastTasksIsRemoved() {
        drain(false);
        master.call("s", MasterHarness.call(id, io.paddock.proto.v1.scheduler.Call.Type.TEARDOWN));
        assertThat(master.agent(agent).drain().getState()).isEqualTo(DrainState.DRAINED);
        assertThat(reactivate().outcome()).isEqualTo(Outcome.DONE);
    }

    @Test
    void anAgentToBeMarkedGoneIsGoneWhenTheFrameworkOfTheLastTasksIsRemoved() {
        drain(true);
        master.call("s", MasterHarness.call(id, io.paddock.proto.v1.scheduler.Call.Type.TEARDOWN));
        assertThat(master.snapshot().goneAgents()).containsKey(agent);
    }

    @Test
    void weightsAreCheckedStoredAndShown() {
        Answer bad = master.operate(Call.newBuilder()
                .setType(Call.Type.UPDATE_WEIGHTS)
                .setUpdateWeights(Call.UpdateWeights.newBuilder()
                        .addWeightInfos(WeightInfo.newBuilder().setRole("web").setWeight(2))
                        .addWeightInfos(WeightInfo.newBuilder().setRole("db").setWeight(-1))));
        assertThat(bad.rejection().message()).contains("weight_infos[1].weight");
        assertThat(master.snapshot().weights()).isEmpty();
        master.operate(Call.newBuilder()
                .setType(Call.Type.UPDATE_WEIGHTS)
                .setUpdateWeights(Call.UpdateWeights.newBuilder()
                        .addWeightInfos(WeightInfo.newBuilder().setRole("web/a").setWeight(2))));
        assertThat(master.snapshot().weights()).containsEntry("web/a", 2.0);
        master.failOver("m2");
        assertThat(master.snapshot().weights()).containsEntry("web/a", 2.0);
    }

    @Test
    void operatorsReserveWhatIsUnusedAndRescindOnlyWhatTheyNeed() {
        master.advance(Duration.ofSeconds(6));
        Call.ReserveResources.Builder reserve =
                Call.ReserveResources.newBuilder().setAgentId(agentId());
        reserve.addResourcesBuilder()
                .setName("cpus")
                .setType(io.paddock.proto.v1.Value.Type.SCALAR)
                .setScalar(io.paddock.proto.v1.Value.Scalar.newBuilder().setValue(2))
                .addReservationsBuilder()
                .setType(io.paddock.proto.v1.Resource.ReservationInfo.Type.DYNAMIC)
                .setRole("db");
        Call.Builder call =
                Call.newBuilder().setType(Call.Type.RESERVE_RESOURCES).setReserveResources(reserve);
        assertThat(master.operate(call).outcome()).isEqualTo(Outcome.ACCEPTED);
        assertThat(master.events("s", Event.Type.RESCIND)).hasSize(1);
        assertThat(master.sent("l", ToAgent.MessageCase.APPLY_OPERATION)).hasSize(1);
        assertThat(master.agent(agent).total().reserved().scalar("cpus")).isEqualTo(2.0);
        assertThat(master.operate(call).rejection().code()).isEqualTo(Rejection.Code.CONFLICT);
        master.advance(Duration.ofSeconds(6));
        assertThat(ResourceMessages.fromMessages(master.lastOffer("s").getResourcesList())
                        .scalar("cpus"))
                .isEqualTo(1.0);
    }

    @Test
    void unsupportedAndUnknownCallsSaySo() {
        assertThat(master.operate(Call.newBuilder().setType(Call.Type.SET_LOGGING_LEVEL))
                        .rejection()
                        .code())
                .isEqualTo(Rejection.Code.NOT_SUPPORTED);
        assertThat(master.operate(Call.newBuilder()
                                .setType(Call.Type.TEARDOWN)
                                .setTeardown(Call.Teardown.newBuilder()
                                        .setFrameworkId(FrameworkID.newBuilder().setValue("x"))))
                        .rejection()
                        .code())
                .isEqualTo(Rejection.Code.INVALID);
    }

    @Test
    void aFailedWriteEndsTheLeadership() {
        master.feed(new MasterEvent.PersistFailed("fenced"));
        assertThat(master.gaveUp).contains("fenced");
    }
}
