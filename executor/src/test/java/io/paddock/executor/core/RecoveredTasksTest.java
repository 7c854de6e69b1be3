package io.paddock.executor.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.paddock.proto.v1.KillPolicy;
import io.paddock.proto.v1.TaskInfo;
import io.paddock.proto.v1.TaskState;
import io.paddock.proto.v1.TaskStatus;
import io.paddock.proto.v1.TaskStatus.Reason;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Tasks that were there before the executor. */
class RecoveredTasksTest {
    @Test
    void aRecoveredRunningTaskIsNotReportedAgainButChecked() {
        TaskInfo.Builder task =
                Stage.task("t").setHealthCheck(Stage.http()).setMaxCompletionTime(Stage.nanos(Duration.ofMinutes(2)));
        Stage stage = Stage.recovered(new RecoveredTask(
                task.build(), status(TaskState.TASK_RUNNING, true), Stage.START.minusSeconds(60), null, null));
        assertThat(stage.started("t")).containsExactly("timer COMPLETION 60000ms", "timer HEALTH_CHECK 10000ms");
        stage.pass(Duration.ofSeconds(10));
        assertThat(stage.checked("t", CheckKind.HEALTH, Stage.GOOD))
                .as("health was reported before the restart")
                .containsExactly("timer HEALTH_CHECK 10000ms");
        assertThat(stage.exited("t", ContainerEnd.exited(0))).contains("report t TASK_FINISHED");
        assertThat(stage.last().getHealthy()).isTrue();
    }

    @Test
    void aRecoveredTaskThatEndedMeanwhileIsReported() {
        Stage stage = Stage.recovered(new RecoveredTask(
                Stage.task("t").build(), status(TaskState.TASK_STARTING, false), Stage.START, null, null));
        assertThat(stage.exited("t", ContainerEnd.exited(2)))
                .containsExactly("report t TASK_RUNNING", "report t TASK_FAILED", "timer EXIT 60000ms");
    }

    @Test
    void aRecoveredTaskThatWasNeverReportedIsNamedWhenItSubscribes() {
        Stage stage = Stage.recovered(new RecoveredTask(Stage.task("t").build(), null, Stage.START, null, null));
        assertThat(stage.subscribe().getSubscribe().getUnacknowledgedTasksList())
                .as("the agent would drop it, and its container would run on")
                .containsExactly(Stage.task("t").build());
        stage.started("t");
        stage.acknowledgeAll();
        assertThat(stage.subscribe().getSubscribe().getUnacknowledgedTasksList())
                .isEmpty();
    }

    @Test
    void aRecoveredTaskThatNeverStartedFails() {
        Stage stage = Stage.recovered(new RecoveredTask(Stage.task("t").build(), null, Stage.START, null, null));
        assertThat(stage.feed(new ExecutorEvent.ContainerStartFailed(
                        "t", Reason.REASON_AGENT_RESTARTED, "the agent restarted before it was started")))
                .contains("report t TASK_FAILED");
    }

    @Test
    void aRecoveredKillIsTakenUpAgain() {
        Stage stage = Stage.recovered(new RecoveredTask(
                Stage.task("t").build(), status(TaskState.TASK_KILLING, false), Stage.START, null, null));
        assertThat(stage.kill("t", Duration.ofSeconds(1))).isEmpty();
        assertThat(stage.started("t")).containsExactly("TERM t", "timer KILL_ESCALATION 1000ms");
        assertThat(stage.exited("t", ContainerEnd.signalled(15))).contains("report t TASK_KILLED");
    }

    /** For frameworks that do not know TASK_KILLING no status says it. */
    @Test
    void aTaskThatWasBeingKilledIsKilledHoweverItEndedMeanwhile() {
        KillPolicy slow = KillPolicy.newBuilder()
                .setGracePeriod(Stage.nanos(Duration.ofSeconds(20)))
                .build();
        RecoveredTask killed = new RecoveredTask(
                Stage.task("t").build(), status(TaskState.TASK_RUNNING, false), Stage.START, null, slow);
        Stage ended = Stage.recovered(killed);
        assertThat(ended.exited("t", ContainerEnd.signalled(15)))
                .containsExactly("report t TASK_KILLED", "timer EXIT 60000ms");
        Stage running = Stage.recovered(killed);
        assertThat(running.started("t")).containsExactly("TERM t", "timer KILL_ESCALATION 20000ms");
        Stage lost = Stage.recovered(
                new RecoveredTask(Stage.task("t").build(), null, Stage.START, null, KillPolicy.getDefaultInstance()));
        assertThat(lost.exited("t", ContainerEnd.lost())).contains("report t TASK_KILLED");
        assertThat(lost.last().getMessage()).startsWith("Killed while the agent was away");
        Stage neverStarted = Stage.recovered(
                new RecoveredTask(Stage.task("t").build(), null, Stage.START, null, KillPolicy.getDefaultInstance()));
        neverStarted.feed(
                new ExecutorEvent.ContainerStartFailed("t", Reason.REASON_TASK_KILLED_DURING_LAUNCH, "not started"));
        assertThat(neverStarted.last().getState()).isEqualTo(TaskState.TASK_KILLED);
        assertThat(neverStarted.last().getMessage()).isEqualTo("Killed before its container was started");
        Stage beingKilled = Stage.recovered(new RecoveredTask(
                Stage.task("t").build(), status(TaskState.TASK_KILLING, false), Stage.START, null, slow));
        beingKilled.feed(
                new ExecutorEvent.ContainerStartFailed("t", Reason.REASON_TASK_KILLED_DURING_LAUNCH, "not started"));
        assertThat(beingKilled.last().getState()).isEqualTo(TaskState.TASK_KILLED);
        assertThat(beingKilled.last().getReason()).isEqualTo(Reason.REASON_TASK_KILLED_DURING_LAUNCH);
        assertThat(beingKilled.last().getMessage()).isEqualTo("Killed before its container was started");
    }

    @Test
    void aRecoveredGroupStillEndsTogether() {
        Stage stage = Stage.recovered(
                new RecoveredTask(
                        Stage.task("a").build(), status(TaskState.TASK_RUNNING, false), Stage.START, "g", null),
                new RecoveredTask(
                        Stage.task("b").build(), status(TaskState.TASK_RUNNING, false), Stage.START, "g", null));
        stage.started("a");
        stage.started("b");
        assertThat(stage.exited("a", ContainerEnd.exited(1))).contains("TERM b");
    }

    private static TaskStatus status(TaskState state, boolean healthy) {
        TaskStatus.Builder status =
                TaskStatus.newBuilder().setTaskId(Stage.task("t").getTaskId()).setState(state);
        return healthy ? status.setHealthy(true).build() : status.build();
    }
}
