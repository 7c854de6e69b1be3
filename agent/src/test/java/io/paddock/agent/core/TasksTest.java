package io.paddock.agent.core;

import static io.paddock.agent.core.AgentScript.command;
import static io.paddock.agent.core.AgentScript.custom;
import static io.paddock.agent.core.AgentScript.key;
import static io.paddock.agent.core.AgentScript.ready;
import static io.paddock.agent.core.AgentScript.uuid;
import static org.assertj.core.api.Assertions.assertThat;

import io.paddock.common.Rejection;
import io.paddock.proto.checkpoint.ExecutorAdded;
import io.paddock.proto.checkpoint.Record;
import io.paddock.proto.domain.ResourceMessages;
import io.paddock.proto.link.Drain;
import io.paddock.proto.link.FromAgent;
import io.paddock.proto.link.ReconcileTasks;
import io.paddock.proto.link.RunTasks;
import io.paddock.proto.link.ShutdownExecutor;
import io.paddock.proto.link.ShutdownFramework;
import io.paddock.proto.link.StatusUpdate;
import io.paddock.proto.link.ToAgent;
import io.paddock.proto.v1.DrainConfig;
import io.paddock.proto.v1.DurationInfo;
import io.paddock.proto.v1.ExecutorID;
import io.paddock.proto.v1.FrameworkInfo;
import io.paddock.proto.v1.Resource;
import io.paddock.proto.v1.TaskID;
import io.paddock.proto.v1.TaskInfo;
import io.paddock.proto.v1.TaskState;
import io.paddock.proto.v1.TaskStatus;
import io.paddock.proto.v1.TaskStatus.Reason;
import io.paddock.proto.v1.TimeInfo;
import io.paddock.proto.v1.executor.Call;
import io.paddock.proto.v1.executor.Event;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class TasksTest {
    private static TaskStatus last(AgentScript agent) {
        List<StatusUpdate> sent = agent.sentUpdates();
        return sent.get(sent.size() - 1).getStatus();
    }

    @Test
    void aCommandTaskIsOnDiskBeforeItsExecutorStarts() {
        AgentScript agent = ready();
        List<AgentEffect> effects = agent.run(command("t1"));
        assertThat(effects.get(0)).isInstanceOf(AgentEffect.Checkpoint.class);
        assertThat(((AgentEffect.Checkpoint) effects.get(0)).records())
                .extracting(r -> r.getRecordCase().name())
                .containsExactly("FRAMEWORK_KNOWN", "EXECUTOR_ADDED", "TASK_ADDED");
        AgentEffect.LaunchExecutor launch = (AgentEffect.LaunchExecutor) effects.get(1);
        assertThat(launch.launch().kind()).isEqualTo(ExecutorAdded.Kind.COMMAND);
        assertThat(launch.launch().key()).isEqualTo(key("t1"));
        assertThat(launch.launch().sandbox())
                .isEqualTo("/agent/slaves/S1/frameworks/fw/executors/t1/runs/"
                        + launch.launch().container().getValue());
        assertThat(launch.launch().environment())
                .containsExactlyInAnyOrderEntriesOf(Map.ofEntries(
                        Map.entry("LIBPROCESS_PORT", "0"),
                        Map.entry("MESOS_FRAMEWORK_ID", "fw"),
                        Map.entry("MESOS_EXECUTOR_ID", "t1"),
                        Map.entry("MESOS_DIRECTORY", launch.launch().sandbox()),
                        Map.entry("MESOS_SANDBOX", launch.launch().sandbox()),
                        Map.entry("MESOS_SLAVE_ID", "S1"),
                        Map.entry("MESOS_SLAVE_PID", "slave(1)@10.0.0.1:5051"),
                        Map.entry("MESOS_AGENT_ENDPOINT", "10.0.0.1:5051"),
                        Map.entry("MESOS_CHECKPOINT", "1"),
                        Map.entry("MESOS_HTTP_COMMAND_EXECUTOR", "0"),
                        Map.entry("MESOS_EXECUTOR_SHUTDOWN_GRACE_PERIOD", "5secs"),
                        Map.entry("MESOS_RECOVERY_TIMEOUT", "15mins"),
                        Map.entry("MESOS_SUBSCRIPTION_BACKOFF_MAX", "2secs")));
    }

    @Test
    void tasksQueueUntilTheExecutorSubscribesAndALaunchIsRepeatedHarmlessly() {
        AgentScript agent = ready();
        agent.run(custom("t1", "e"));
        agent.run(custom("t2", "e"));
        agent.run(custom("t2", "e"));
        assertThat(agent.effects(AgentEffect.LaunchExecutor.class)).hasSize(1);
        assertThat(agent.toExecutor("e")).isEmpty();
        agent.subscribe(1, "e");
        assertThat(agent.toExecutor("e")).containsExactly(Event.Type.SUBSCRIBED, Event.Type.LAUNCH, Event.Type.LAUNCH);
        agent.run(custom("t3", "e"));
        assertThat(agent.toExecutor("e")).hasSize(4);
        assertThat(agent.effects(AgentEffect.ResizeExecutor.class))
                .last()
                .satisfies(r -> assertThat(
                                ResourceMessages.fromMessages(r.resources()).scalar("cpus"))
                        .isEqualTo(3));
    }

    @Test
    void aGroupIsHandedOverAsOne() {
        AgentScript agent = ready();
        agent.runGroup("pod", command("a"), command("b"));
        agent.subscribe(1, "pod");
        assertThat(agent.toExecutor("pod")).containsExactly(Event.Type.SUBSCRIBED, Event.Type.LAUNCH_GROUP);
        agent.runGroup("pod", command("c"), command("d"));
        assertThat(agent.toExecutor("pod")).endsWith(Event.Type.LAUNCH_GROUP);
    }

    @Test
    void updatesGoOneAtATimeAndAreOnDiskFirst() {
        AgentScript agent = ready();
        agent.run(command("t1"));
        agent.subscribe(1, "t1");
        agent.effects.clear();
        List<AgentEffect> first = agent.update("t1", "t1", TaskState.TASK_STARTING, "u1");
        assertThat(first.get(0)).isInstanceOf(AgentEffect.Checkpoint.class);
        assertThat(agent.sentUpdates()).hasSize(1);
        agent.update("t1", "t1", TaskState.TASK_RUNNING, "u2");
        assertThat(agent.sentUpdates()).hasSize(1);
        assertThat(agent.toExecutor("t1")).containsExactly(Event.Type.ACKNOWLEDGED, Event.Type.ACKNOWLEDGED);

        agent.acknowledge("t1", uuid("wrong"));
        assertThat(agent.sentUpdates()).hasSize(1);
        agent.acknowledge("t1", uuid("u1"));
        assertThat(agent.sentUpdates()).hasSize(2);
        TaskStatus running = last(agent);
        assertThat(running.getState()).isEqualTo(TaskState.TASK_RUNNING);
        assertThat(running.getAgentId().getValue()).isEqualTo("S1");
        assertThat(running.getExecutorId().getValue()).isEqualTo("t1");
        assertThat(running.getContainerStatus().getContainerId()).isEqualTo(agent.container("t1"));
        assertThat(running.getTimestamp()).isEqualTo(AgentScript.START.getEpochSecond());
    }

    @Test
    void aRepeatedUpdateIsAcknowledgedAndNotForwarded() {
        AgentScript agent = ready();
        agent.run(command("t1"));
        agent.subscribe(1, "t1");
        agent.update("t1", "t1", TaskState.TASK_RUNNING, "u1");
        agent.acknowledge("t1", uuid("u1"));
        agent.effects.clear();
        agent.update("t1", "t1", TaskState.TASK_RUNNING, "u1");
        assertThat(agent.sentUpdates()).isEmpty();
        assertThat(agent.toExecutor("t1")).containsExactly(Event.Type.ACKNOWLEDGED);
    }

    @Test
    void anUnacknowledgedUpdateIsSentAgainAfter10SecondsDoubling() {
        AgentScript agent = ready();
        agent.run(command("t1"));
        agent.subscribe(1, "t1");
        agent.update("t1", "t1", TaskState.TASK_RUNNING, "u1");
        int before = agent.sentUpdates().size();
        agent.pass(Duration.ofSeconds(71));
        // after 10, 30 and 70 seconds
        assertThat(agent.sentUpdates()).hasSize(before + 3);
        assertThat(agent.sentUpdates().stream()
                        .map(u -> u.getStatus().getUuid())
                        .distinct())
                .hasSize(1);
    }

    @Test
    void anUpdateThatWasRepeatedInVainTellsTheEndOfItsTaskAtOnce() {
        AgentScript agent = ready();
        agent.run(command("t1"));
        agent.subscribe(1, "t1");
        agent.update("t1", "t1", TaskState.TASK_RUNNING, "u1");
        agent.pass(Duration.ofSeconds(31));
        int before = agent.sentUpdates().size();
        agent.update("t1", "t1", TaskState.TASK_KILLING, "u2");
        assertThat(agent.sentUpdates()).hasSize(before);
        agent.update("t1", "t1", TaskState.TASK_KILLED, "u3");
        assertThat(agent.sentUpdates()).hasSize(before + 1);
        StatusUpdate told = agent.sentUpdates().get(before);
        assertThat(told.getStatus().getUuid()).isEqualTo(uuid("u1"));
        assertThat(told.getLatestState()).isEqualTo(TaskState.TASK_KILLED);
    }

    @Test
    void anEndThatComesBeforeTheFirstRepetitionWaitsForIt() {
        AgentScript agent = ready();
        agent.run(command("t1"));
        agent.subscribe(1, "t1");
        agent.update("t1", "t1", TaskState.TASK_RUNNING, "u1");
        int before = agent.sentUpdates().size();
        agent.update("t1", "t1", TaskState.TASK_FINISHED, "u2");
        assertThat(agent.sentUpdates()).hasSize(before);
        agent.pass(Duration.ofSeconds(11));
        assertThat(agent.sentUpdates().get(before).getLatestState()).isEqualTo(TaskState.TASK_FINISHED);
    }

    @Test
    void theExecutorIsForgottenWhenItEndedAndItsLastUpdateIsAcknowledged() {
        AgentScript agent = ready().running(command("t1"));
        agent.update("t1", "t1", TaskState.TASK_FINISHED, "end");
        agent.terminated("t1", Termination.exited(0));
        assertThat(agent.core.view().frameworks()).hasSize(1);
        assertThat(agent.did(AgentEffect.RetireSandbox.class)).isFalse();
        agent.acknowledge("t1", uuid("end"));
        assertThat(agent.core.view().frameworks()).isEmpty();
        assertThat(agent.did(AgentEffect.RetireSandbox.class)).isTrue();
        AgentView.FrameworkView history =
                agent.core.view().completedFrameworks().get(0);
        assertThat(history.completed().get(0).completedTasks().get(0).task().getState())
                .isEqualTo(TaskState.TASK_FINISHED);
        assertThat(agent.sent().stream().filter(FromAgent::hasExecutorTerminated))
                .isEmpty();
    }

    @Test
    void soManyEndedExecutorsAreRemembered() {
        AgentScript agent = ready();
        agent.running(command("kept"));
        for (int i = 0; i < 152; i++) {
            agent.running(command("t" + i));
            agent.update("t" + i, "t" + i, TaskState.TASK_FINISHED, "end" + i);
            agent.terminated("t" + i, Termination.exited(0));
            agent.acknowledge("t" + i, uuid("end" + i));
        }
        List<AgentView.ExecutorView> ended =
                agent.core.view().frameworks().get(0).completed();
        assertThat(ended).hasSize(agent.settings.maxCompletedExecutors());
        assertThat(ended.get(0).info().getExecutorId().getValue()).isEqualTo("t2");
    }

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

    /** How an executor's end becomes its task's state. */
    static Stream<EndCase> ends() {
        return Stream.of(
                new EndCase(
                        "ends by itself",
                        Termination.exited(256),
                        TaskState.TASK_FAILED,
                        Reason.REASON_EXECUTOR_TERMINATED),
                new EndCase(
                        "memory",
                        new Termination(
                                9, TaskState.TASK_FAILED, Reason.REASON_CONTAINER_LIMITATION_MEMORY, "too much", null),
                        TaskState.TASK_FAILED,
                        Reason.REASON_CONTAINER_LIMITATION_MEMORY),
                new EndCase(
                        "nobody saw it",
                        Termination.lost("gone"),
                        TaskState.TASK_FAILED,
                        Reason.REASON_EXECUTOR_TERMINATED));
    }

    @Test
    void whatHappenedToTheContainerOfACommandTaskIsToldByTheAgent() {
        AgentScript agent = ready().running(command("t1")).running(custom("t2", "e"));
        for (String task : List.of("t1", "t2")) {
            agent.call(
                    77,
                    task.equals("t1") ? "t1" : "e",
                    update(AgentScript.status(task, TaskState.TASK_FAILED, "end-" + task).toBuilder()
                            .setReason(Reason.REASON_CONTAINER_LIMITATION_MEMORY)));
            assertThat(last(agent).getTaskId().getValue()).isEqualTo(task);
            assertThat(last(agent).getSource())
                    .isEqualTo(task.equals("t1") ? TaskStatus.Source.SOURCE_AGENT : TaskStatus.Source.SOURCE_EXECUTOR);
        }
    }

    record EndCase(String name, Termination termination, TaskState state, Reason reason) {}

    @ParameterizedTest
    @MethodSource("ends")
    void theEndOfAnExecutorEndsItsTasks(EndCase c) {
        AgentScript agent = ready().running(custom("t1", "e"));
        agent.terminated("e", c.termination());
        assertThat(last(agent).getState()).isEqualTo(c.state());
        assertThat(last(agent).getReason()).isEqualTo(c.reason());
        assertThat(last(agent).getSource()).isEqualTo(TaskStatus.Source.SOURCE_AGENT);
        assertThat(agent.sent().stream().filter(FromAgent::hasExecutorTerminated))
                .hasSize(1);
    }

    @Test
    void aFailedLaunchFailsTheTask() {
        AgentScript agent = ready();
        agent.run(custom("t1", "e"));
        agent.on(new AgentEvent.ExecutorLaunchFailed(key("e"), agent.container("e"), "image: not found"));
        assertThat(last(agent).getState()).isEqualTo(TaskState.TASK_FAILED);
        assertThat(last(agent).getReason()).isEqualTo(Reason.REASON_CONTAINER_LAUNCH_FAILED);
        assertThat(last(agent).getMessage()).isEqualTo("image: not found");
    }

    @Test
    void anExecutorThatDoesNotSubscribeIsDestroyed() {
        AgentScript agent = ready();
        agent.run(custom("t1", "e"));
        agent.on(new AgentEvent.ExecutorLaunched(key("e"), agent.container("e"), null));
        agent.pass(Duration.ofSeconds(59));
        assertThat(agent.did(AgentEffect.DestroyExecutor.class)).isFalse();
        agent.pass(Duration.ofSeconds(2));
        assertThat(agent.did(AgentEffect.DestroyExecutor.class)).isTrue();
        agent.terminated("e", Termination.exited(9));
        assertThat(last(agent).getReason()).isEqualTo(Reason.REASON_EXECUTOR_REGISTRATION_TIMEOUT);
        assertThat(last(agent).getState()).isEqualTo(TaskState.TASK_FAILED);
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
        assertThat(last(agent).getState()).isEqualTo(TaskState.TASK_DROPPED);
        assertThat(last(agent).getReason()).isEqualTo(Reason.REASON_EXECUTOR_TERMINATED);
        assertThat(last(agent).hasUuid()).isFalse();
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
    void withoutPartitionAwarenessThereIsOnlyLost() {
        AgentScript agent = ready();
        FrameworkInfo old = AgentScript.AWARE.toBuilder().clearCapabilities().build();
        agent.run(old, command("t1").toBuilder().addAllResources(reserved()).build());
        assertThat(last(agent).getState()).isEqualTo(TaskState.TASK_LOST);
        assertThat(last(agent).getReason()).isEqualTo(Reason.REASON_RESOURCES_UNKNOWN);
    }

    private static List<Resource> reserved() {
        return List.of(Resource.newBuilder()
                .setName("cpus")
                .setType(io.paddock.proto.v1.Value.Type.SCALAR)
                .setScalar(io.paddock.proto.v1.Value.Scalar.newBuilder().setValue(1))
                .addReservations(Resource.ReservationInfo.newBuilder()
                        .setType(Resource.ReservationInfo.Type.DYNAMIC)
                        .setRole("a"))
                .build());
    }

    @Test
    void unknownTasksAreDroppedOnReconciliationAndKill() {
        AgentScript agent = ready().running(command("t1"));
        agent.master(ToAgent.newBuilder()
                .setReconcileTasks(ReconcileTasks.newBuilder()
                        .setFrameworkId(AgentScript.FRAMEWORK)
                        .addTaskIds(TaskID.newBuilder().setValue("t1"))
                        .addTaskIds(TaskID.newBuilder().setValue("nope"))));
        assertThat(agent.sentUpdates()).hasSize(1);
        assertThat(last(agent).getTaskId().getValue()).isEqualTo("nope");
        assertThat(last(agent).getState()).isEqualTo(TaskState.TASK_DROPPED);
        agent.kill("nope");
        assertThat(agent.sentUpdates()).hasSize(2);
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
        assertThat(last(agent).getReason()).isEqualTo(Reason.REASON_AGENT_DRAINING);
        agent.acknowledge("t1", uuid("k1"));
        agent.update("t1", "t1", TaskState.TASK_KILLED, "k2");
        assertThat(last(agent).getState()).isEqualTo(TaskState.TASK_GONE_BY_OPERATOR);
        agent.run(command("t2"));
        assertThat(last(agent).getState()).isEqualTo(TaskState.TASK_KILLED);

        agent.restarted().registered();
        assertThat(agent.view().draining().getSince().getNanoseconds()).isEqualTo(7);
        agent.run(command("t3"));
        assertThat(last(agent).getReason()).isEqualTo(Reason.REASON_AGENT_DRAINING);
        agent.master(ToAgent.newBuilder().setDrain(Drain.getDefaultInstance()));
        agent.run(command("t4"));
        assertThat(agent.did(AgentEffect.LaunchExecutor.class)).isTrue();
    }

    /** Calls that are refused, with the reason. */
    static Stream<CallCase> badCalls() {
        TaskStatus good = AgentScript.status("t1", TaskState.TASK_RUNNING, "u");
        return Stream.of(
                new CallCase("e", update(good.toBuilder().clearUuid()), Rejection.Code.INVALID, "uuid"),
                new CallCase(
                        "e",
                        update(good.toBuilder().setSource(TaskStatus.Source.SOURCE_AGENT)),
                        Rejection.Code.INVALID,
                        "source"),
                new CallCase(
                        "e",
                        update(good.toBuilder()
                                .setExecutorId(ExecutorID.newBuilder().setValue("other"))),
                        Rejection.Code.INVALID,
                        "executor_id"),
                new CallCase(
                        "e",
                        update(good.toBuilder().setState(TaskState.TASK_STAGING)),
                        Rejection.Code.INVALID,
                        "state"),
                new CallCase("nobody", update(good.toBuilder()), Rejection.Code.INVALID, "executor_id"),
                new CallCase("fresh", update(good.toBuilder()), Rejection.Code.FORBIDDEN, "subscribed"),
                new CallCase("e", Call.newBuilder(), Rejection.Code.INVALID, "type"),
                new CallCase("e", Call.newBuilder().setType(Call.Type.UNKNOWN), Rejection.Code.NOT_SUPPORTED, "type"));
    }

    private static Call.Builder update(TaskStatus.Builder status) {
        return Call.newBuilder()
                .setType(Call.Type.UPDATE)
                .setUpdate(Call.Update.newBuilder().setStatus(status));
    }

    record CallCase(String executor, Call.Builder call, Rejection.Code code, String text) {}

    @ParameterizedTest
    @MethodSource("badCalls")
    void badCallsAreRefusedAndChangeNothing(CallCase c) {
        AgentScript agent = ready().running(custom("t1", "e"));
        agent.run(custom("t2", "fresh"));
        List<io.paddock.proto.checkpoint.Record> before = agent.core.records();
        agent.effects.clear();
        agent.call(5, c.executor(), c.call());
        assertThat(agent.effects(AgentEffect.RefuseCall.class)).singleElement().satisfies(r -> {
            assertThat(r.request()).isEqualTo(5);
            assertThat(r.rejection().code()).isEqualTo(c.code());
            assertThat(r.rejection().message()).contains(c.text());
        });
        assertThat(agent.core.records()).isEqualTo(before);
    }

    @Test
    void aResubscribingExecutorReplacesItsConnectionAndLosesNothing() {
        AgentScript agent = ready().running(custom("t1", "e"));
        agent.run(custom("t2", "e"));
        agent.effects.clear();
        // t2 was handed over, the executor did not get it
        agent.subscribe(50, "e", custom("t1", "e"));
        assertThat(agent.toExecutor("e")).containsExactly(Event.Type.SUBSCRIBED);
        assertThat(last(agent).getTaskId().getValue()).isEqualTo("t2");
        assertThat(last(agent).getState()).isEqualTo(TaskState.TASK_DROPPED);
        assertThat(last(agent).getReason()).isEqualTo(Reason.REASON_AGENT_RESTARTED);
        // the end of the old connection is of no interest
        agent.on(new AgentEvent.ExecutorDisconnected(key("e"), 1));
        agent.run(custom("t3", "e"));
        assertThat(agent.toExecutor("e")).endsWith(Event.Type.LAUNCH);
    }

    @Test
    void afterARestartTasksGoOnAndUpdatesArrive() {
        AgentScript agent = ready().running(command("t1")).running(custom("t2", "e"));
        agent.update("t1", "t1", TaskState.TASK_FINISHED, "end");
        agent.restarted();
        assertThat(agent.effects(AgentEffect.LaunchExecutor.class))
                .singleElement()
                .satisfies(l -> {
                    assertThat(l.launch().recovered()).isTrue();
                    assertThat(l.launch().key()).isEqualTo(key("e"));
                    assertThat(l.launch().tasks())
                            .extracting(t -> t.task().getTaskId().getValue())
                            .containsExactly("t2");
                });
        // the command task is over: what is left of its executor goes
        assertThat(agent.effects(AgentEffect.DestroyExecutor.class))
                .singleElement()
                .satisfies(d -> assertThat(d.executor()).isEqualTo(key("t1")));
        agent.admitted();
        assertThat(agent.sentUpdates())
                .singleElement()
                .satisfies(u -> assertThat(u.getStatus().getUuid()).isEqualTo(uuid("end")));
    }

    @Test
    void aCustomExecutorThatDoesNotComeBackIsDestroyed() {
        AgentScript agent = ready().running(custom("t1", "e"));
        agent.restarted().registered();
        agent.on(new AgentEvent.ExecutorLaunched(key("e"), agent.container("e"), null));
        agent.pass(Duration.ofSeconds(16));
        assertThat(agent.did(AgentEffect.DestroyExecutor.class)).isTrue();
        agent.terminated("e", Termination.exited(9));
        assertThat(last(agent).getState()).isEqualTo(TaskState.TASK_GONE);
        assertThat(last(agent).getReason()).isEqualTo(Reason.REASON_EXECUTOR_REREGISTRATION_TIMEOUT);
    }

    @Test
    void anIdThatIsNoPathSegmentIsRefused() {
        AgentScript agent = ready();
        for (String id : List.of("../etc", "a/b", "", "..")) {
            TaskInfo task = command("x").toBuilder()
                    .setTaskId(TaskID.newBuilder().setValue(id))
                    .build();
            agent.run(task);
            assertThat(last(agent).getState()).isEqualTo(TaskState.TASK_ERROR);
        }
        assertThat(agent.did(AgentEffect.LaunchExecutor.class)).isFalse();
    }

    @Test
    void anExecutorThatEndedIsNotStartedAgainForATaskTheMasterSentToTheRunningOne() {
        AgentScript agent = AgentScript.ready().running(AgentScript.custom("t1", "e"));
        ToAgent.Builder second = ToAgent.newBuilder()
                .setRunTasks(RunTasks.newBuilder()
                        .setFramework(AgentScript.AWARE)
                        .addTasks(AgentScript.custom("t2", "e"))
                        .setExecutorRunning(true));
        agent.terminated("e", Termination.lost("gone"));
        agent.acknowledge("t1", agent.sentUpdates().get(0).getStatus().getUuid());
        agent.effects.clear();
        agent.master(second);
        assertThat(agent.did(AgentEffect.LaunchExecutor.class)).isFalse();
        assertThat(agent.sentUpdates()).singleElement().satisfies(update -> {
            assertThat(update.getStatus().getTaskId().getValue()).isEqualTo("t2");
            assertThat(update.getStatus().getState()).isEqualTo(TaskState.TASK_DROPPED);
            assertThat(update.getStatus().getReason()).isEqualTo(TaskStatus.Reason.REASON_EXECUTOR_TERMINATED);
            assertThat(update.getStatus().hasUuid()).isFalse();
        });
        agent.run(AgentScript.custom("t3", "e"));
        assertThat(agent.did(AgentEffect.LaunchExecutor.class)).isTrue();
    }

    @Test
    void anEndThatCameBetweenTheRegistrationAndItsAnswerIsTold() {
        AgentScript agent = AgentScript.ready().running(AgentScript.custom("t1", "e"));
        agent.on(new AgentEvent.LinkClosed("gone"));
        agent.on(new AgentEvent.LinkOpened());
        assertThat(agent.sent().get(0).getReregister().getExecutorsList()).hasSize(1);
        agent.terminated("e", Termination.lost("gone"));
        assertThat(agent.sent()).noneMatch(FromAgent::hasExecutorTerminated);
        agent.effects.clear();
        agent.answered();
        assertThat(agent.sent()).filteredOn(FromAgent::hasExecutorTerminated).hasSize(1);
        agent.on(new AgentEvent.LinkClosed("gone"));
        agent.effects.clear();
        agent.admitted();
        assertThat(agent.sent()).noneMatch(FromAgent::hasExecutorTerminated);
    }
}
