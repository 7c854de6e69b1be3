package io.paddock.agent.core;

import static io.paddock.agent.core.AgentScript.command;
import static io.paddock.agent.core.AgentScript.custom;
import static io.paddock.agent.core.AgentScript.ready;
import static io.paddock.agent.core.AgentScript.uuid;
import static org.assertj.core.api.Assertions.assertThat;

import io.paddock.common.Rejection;
import io.paddock.proto.link.ReconcileTasks;
import io.paddock.proto.link.StatusUpdate;
import io.paddock.proto.link.ToAgent;
import io.paddock.proto.v1.ExecutorID;
import io.paddock.proto.v1.TaskID;
import io.paddock.proto.v1.TaskState;
import io.paddock.proto.v1.TaskStatus;
import io.paddock.proto.v1.TaskStatus.Reason;
import io.paddock.proto.v1.executor.Call;
import io.paddock.proto.v1.executor.Event;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What executors report of their tasks: on disk first, in order, until it is acknowledged. */
class TaskUpdatesTest {
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
        TaskStatus running = agent.lastStatus();
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
    void whatHappenedToTheContainerOfACommandTaskIsToldByTheAgent() {
        AgentScript agent = ready().running(command("t1")).running(custom("t2", "e"));
        for (String task : List.of("t1", "t2")) {
            agent.call(
                    77,
                    task.equals("t1") ? "t1" : "e",
                    update(AgentScript.status(task, TaskState.TASK_FAILED, "end-" + task).toBuilder()
                            .setReason(Reason.REASON_CONTAINER_LIMITATION_MEMORY)));
            assertThat(agent.lastStatus().getTaskId().getValue()).isEqualTo(task);
            assertThat(agent.lastStatus().getSource())
                    .isEqualTo(task.equals("t1") ? TaskStatus.Source.SOURCE_AGENT : TaskStatus.Source.SOURCE_EXECUTOR);
        }
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
        assertThat(agent.lastStatus().getTaskId().getValue()).isEqualTo("nope");
        assertThat(agent.lastStatus().getState()).isEqualTo(TaskState.TASK_DROPPED);
        agent.kill("nope");
        assertThat(agent.sentUpdates()).hasSize(2);
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
}
