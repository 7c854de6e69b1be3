package io.paddock.executor.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.paddock.common.TransitionTable.Edge;
import io.paddock.executor.core.CheckOutcome.CommandExited;
import io.paddock.executor.core.CheckOutcome.HttpAnswered;
import io.paddock.executor.core.CheckOutcome.Unanswered;
import io.paddock.proto.v1.CheckInfo;
import io.paddock.proto.v1.CheckStatusInfo;
import io.paddock.proto.v1.HealthCheck;
import io.paddock.proto.v1.KillPolicy;
import io.paddock.proto.v1.TaskInfo;
import io.paddock.proto.v1.TaskState;
import io.paddock.proto.v1.TaskStatus;
import io.paddock.proto.v1.TaskStatus.Reason;
import io.paddock.proto.v1.executor.Call;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class ExecutorCoreTest {
    private static final CheckOutcome BAD = new HttpAnswered(500);
    private static final CheckOutcome GOOD = new HttpAnswered(204);

    static Stream<Arguments> ends() {
        return Stream.of(
                Arguments.of(ContainerEnd.exited(0), TaskState.TASK_FINISHED, null, "Command exited with status 0"),
                Arguments.of(ContainerEnd.exited(3), TaskState.TASK_FAILED, null, "Command exited with status 3"),
                Arguments.of(
                        ContainerEnd.signalled(9),
                        TaskState.TASK_FAILED,
                        null,
                        "Command terminated with signal Killed"),
                Arguments.of(
                        ContainerEnd.ofShellStatus(143),
                        TaskState.TASK_FAILED,
                        null,
                        "Command terminated with signal Terminated"),
                Arguments.of(
                        ContainerEnd.lost(), TaskState.TASK_FAILED, null, "The exit status of the command is unknown"),
                Arguments.of(
                        ContainerEnd.signalled(9)
                                .limited(Reason.REASON_CONTAINER_LIMITATION_MEMORY, "Memory limit exceeded", null),
                        TaskState.TASK_FAILED,
                        Reason.REASON_CONTAINER_LIMITATION_MEMORY,
                        "Memory limit exceeded; Command terminated with signal Killed"));
    }

    @ParameterizedTest
    @MethodSource("ends")
    void reportsHowTheContainerEnded(ContainerEnd end, TaskState state, Reason reason, String message) {
        Stage stage = Stage.command();
        assertThat(stage.launch(Stage.task("t"))).containsExactly("report t TASK_STARTING", "start t");
        assertThat(stage.started("t")).containsExactly("report t TASK_RUNNING");
        assertThat(stage.exited("t", end)).containsExactly("report t " + state, "timer EXIT 60000ms");
        assertThat(stage.last().getMessage()).isEqualTo(message);
        assertThat(stage.last().hasReason() ? stage.last().getReason() : null).isEqualTo(reason);
        assertThat(stage.acknowledgeAll()).containsExactly("cancel EXIT", "exit");
    }

    @Test
    void everyUpdateHasItsOwnUuidAndComesFromTheExecutor() {
        Stage stage = ranToItsEnd();
        Set<Object> uuids = new HashSet<>();
        for (TaskStatus status : stage.statuses()) {
            assertThat(status.getUuid().size()).isEqualTo(16);
            assertThat(uuids.add(status.getUuid())).isTrue();
            assertThat(status.getSource()).isEqualTo(TaskStatus.Source.SOURCE_EXECUTOR);
            assertThat(status.getExecutorId()).isEqualTo(Stage.EXECUTOR);
        }
        assertThat(uuids).hasSize(3);
    }

    @Test
    void aFailedStartIsReportedWithItsReason() {
        Stage stage = Stage.command();
        stage.launch(Stage.task("t"));
        assertThat(stage.feed(new ExecutorEvent.ContainerStartFailed(
                        "t", Reason.REASON_CONTAINER_LAUNCH_FAILED, "no such image")))
                .contains("report t TASK_FAILED");
        assertThat(stage.last().getReason()).isEqualTo(Reason.REASON_CONTAINER_LAUNCH_FAILED);
        assertThat(stage.last().getMessage()).isEqualTo("no such image");
    }

    @Test
    void aKillSendsTermThenKillAfterTheGrace() {
        Stage stage = running(Stage.task("t"));
        assertThat(stage.kill("t")).containsExactly("report t TASK_KILLING", "TERM t", "timer KILL_ESCALATION 3000ms");
        assertThat(stage.pass(Duration.ofMillis(2999))).isEmpty();
        assertThat(stage.pass(Duration.ofMillis(1))).containsExactly("KILL t");
        assertThat(stage.exited("t", ContainerEnd.signalled(9))).startsWith("report t TASK_KILLED");
        assertThat(stage.last().getMessage()).isEqualTo("Command terminated with signal Killed");
    }

    @Test
    void aKilledTaskIsKilledEvenIfItExitsWithZero() {
        Stage stage = running(Stage.task("t"));
        stage.kill("t");
        assertThat(stage.exited("t", ContainerEnd.exited(0)))
                .contains("report t TASK_KILLED", "cancel KILL_ESCALATION");
    }

    @Test
    void aFrameworkThatDoesNotKnowTaskKillingGetsNone() {
        Stage stage = Stage.commandOfOldFramework();
        stage.launch(Stage.task("t"));
        stage.started("t");
        assertThat(stage.kill("t")).containsExactly("TERM t", "timer KILL_ESCALATION 3000ms");
    }

    @Test
    void theGraceIsThatOfTheKillThenOfTheTask() {
        TaskInfo.Builder patient = Stage.task("t").setKillPolicy(Stage.policy(Duration.ofSeconds(30)));
        assertThat(running(patient).kill("t")).endsWith("timer KILL_ESCALATION 30000ms");
        assertThat(running(patient).kill("t", Duration.ofSeconds(7))).endsWith("timer KILL_ESCALATION 7000ms");
        assertThat(running(patient).kill("t", Duration.ZERO)).containsExactly("report t TASK_KILLING", "KILL t");
    }

    @Test
    void aSecondKillOnlyShortensTheGraceCountedFromTheFirst() {
        Stage stage = running(Stage.task("t"));
        stage.kill("t", Duration.ofSeconds(20));
        stage.pass(Duration.ofSeconds(4));
        assertThat(stage.kill("t", Duration.ofSeconds(60))).isEmpty();
        assertThat(stage.kill("t", Duration.ofSeconds(6))).containsExactly("timer KILL_ESCALATION 2000ms");
        assertThat(stage.kill("t", Duration.ofSeconds(3))).containsExactly("cancel KILL_ESCALATION", "KILL t");
        assertThat(stage.kill("t")).as("a kill of a task that should be dead").containsExactly("KILL t");
    }

    @Test
    void aKillBeforeTheContainerRunsAbandonsTheStart() {
        Stage stage = Stage.command();
        stage.launch(Stage.task("t"));
        assertThat(stage.kill("t")).containsExactly("report t TASK_KILLING", "abandon t");
        stage.feed(new ExecutorEvent.ContainerStartFailed("t", Reason.REASON_CONTAINER_LAUNCH_FAILED, "abandoned"));
        assertThat(stage.last().getState()).isEqualTo(TaskState.TASK_KILLED);
        assertThat(stage.last().getReason()).isEqualTo(Reason.REASON_TASK_KILLED_DURING_LAUNCH);
    }

    @Test
    void aContainerThatStartedInSpiteOfAKillIsSignalled() {
        Stage stage = Stage.command();
        stage.launch(Stage.task("t"));
        stage.kill("t");
        stage.pass(Duration.ofSeconds(1));
        assertThat(stage.started("t")).containsExactly("TERM t", "timer KILL_ESCALATION 2000ms");
        assertThat(stage.exited("t", ContainerEnd.signalled(15))).contains("report t TASK_KILLED");
    }

    @Test
    void aTaskPastItsCompletionLimitFailsWithoutGrace() {
        Stage stage = running(Stage.task("t").setMaxCompletionTime(Stage.nanos(Duration.ofMinutes(1))));
        assertThat(stage.pass(Duration.ofMinutes(1))).containsExactly("KILL t");
        assertThat(stage.exited("t", ContainerEnd.signalled(9))).contains("report t TASK_FAILED");
        assertThat(stage.last().getReason()).isEqualTo(Reason.REASON_MAX_COMPLETION_TIME_REACHED);
    }

    @Test
    void theCompletionLimitAlsoEndsAStart() {
        Stage stage = Stage.command();
        stage.launch(Stage.task("t").setMaxCompletionTime(Stage.nanos(Duration.ofMinutes(1))));
        assertThat(stage.pass(Duration.ofMinutes(1))).containsExactly("abandon t");
        stage.feed(new ExecutorEvent.ContainerStartFailed("t", Reason.REASON_CONTAINER_LAUNCH_FAILED, "abandoned"));
        assertThat(stage.last().getReason()).isEqualTo(Reason.REASON_MAX_COMPLETION_TIME_REACHED);
    }

    @Test
    void healthChecksKillAfterConsecutiveFailures() {
        Stage stage = running(Stage.task("t").setHealthCheck(http()));
        assertThat(stage.pass(Duration.ofSeconds(15))).containsExactly("run HEALTH t");
        assertThat(stage.checked("t", CheckKind.HEALTH, GOOD))
                .containsExactly("report t TASK_RUNNING", "timer HEALTH_CHECK 10000ms");
        assertThat(stage.last().getHealthy()).isTrue();
        assertThat(stage.last().getReason()).isEqualTo(Reason.REASON_TASK_HEALTH_CHECK_STATUS_UPDATED);

        assertThat(next(stage, GOOD)).as("still healthy is no news").containsExactly("timer HEALTH_CHECK 10000ms");
        for (int failure = 1; failure <= 2; failure++) {
            assertThat(next(stage, BAD)).containsExactly("report t TASK_RUNNING", "timer HEALTH_CHECK 10000ms");
            assertThat(stage.last().getHealthy()).isFalse();
        }
        assertThat(next(stage, GOOD)).as("a success starts the count again").hasSize(2);
        next(stage, BAD);
        next(stage, new Unanswered("no answer within 20 s"));
        assertThat(next(stage, BAD))
                .containsExactly(
                        "report t TASK_RUNNING", "report t TASK_KILLING", "TERM t", "timer KILL_ESCALATION 3000ms");
        stage.exited("t", ContainerEnd.signalled(15));
        assertThat(stage.last().getState()).isEqualTo(TaskState.TASK_KILLED);
        assertThat(stage.last().hasHealthy()).isTrue();
        assertThat(stage.last().getHealthy()).isFalse();
        assertThat(stage.last().getMessage())
                .isEqualTo("Command terminated with signal Terminated; killed because its health check failed 3 times"
                        + " in a row, last: HTTP status 500");
    }

    @Test
    void failuresInTheGracePeriodDoNotCountUntilTheFirstSuccess() {
        HealthCheck.Builder check =
                http().setDelaySeconds(0).setIntervalSeconds(1).setGracePeriodSeconds(10);
        Stage stage = running(Stage.task("t").setHealthCheck(check));
        stage.pass(Duration.ZERO);
        assertThat(stage.checked("t", CheckKind.HEALTH, BAD)).containsExactly("timer HEALTH_CHECK 1000ms");
        stage.pass(Duration.ofSeconds(1));
        assertThat(stage.checked("t", CheckKind.HEALTH, GOOD)).hasSize(2);
        stage.pass(Duration.ofSeconds(1));
        assertThat(stage.checked("t", CheckKind.HEALTH, BAD))
                .as("the grace ended with the first success")
                .contains("report t TASK_RUNNING");
    }

    @Test
    void aHealthCheckThatNeverPassesKillsAfterTheGracePeriod() {
        HealthCheck.Builder check =
                http().setDelaySeconds(0).setGracePeriodSeconds(10).setConsecutiveFailures(1);
        Stage stage = running(Stage.task("t").setHealthCheck(check));
        stage.pass(Duration.ZERO);
        assertThat(stage.checked("t", CheckKind.HEALTH, BAD)).hasSize(1);
        stage.pass(Duration.ofSeconds(11));
        assertThat(stage.checked("t", CheckKind.HEALTH, BAD)).contains("TERM t");
    }

    @Test
    void checksReportChangesAndNeverKill() {
        CheckInfo.Builder check = CheckInfo.newBuilder()
                .setType(CheckInfo.Type.COMMAND)
                .setCommand(CheckInfo.Command.newBuilder()
                        .setCommand(Stage.task("t").getCommand()));
        Stage stage = running(Stage.task("t").setCheck(check));
        assertThat(stage.last().getCheckStatus())
                .as("no result yet: empty, but typed")
                .isEqualTo(CheckStatusInfo.newBuilder()
                        .setType(CheckInfo.Type.COMMAND)
                        .setCommand(CheckStatusInfo.Command.getDefaultInstance())
                        .build());
        assertThat(stage.pass(Duration.ofSeconds(15))).containsExactly("run CHECK t");
        assertThat(stage.checked("t", CheckKind.CHECK, new CommandExited(1)))
                .containsExactly("report t TASK_RUNNING", "timer CHECK 10000ms");
        assertThat(stage.last().getReason()).isEqualTo(Reason.REASON_TASK_CHECK_STATUS_UPDATED);
        assertThat(stage.last().getCheckStatus().getCommand().getExitCode()).isEqualTo(1);
        stage.pass(Duration.ofSeconds(10));
        assertThat(stage.checked("t", CheckKind.CHECK, new CommandExited(1))).containsExactly("timer CHECK 10000ms");
    }

    @Test
    void aTaskWhoseChecksCannotBeRunFails() {
        Stage stage = Stage.command();
        assertThat(stage.launch(Stage.task("t").setHealthCheck(HealthCheck.newBuilder())))
                .contains("report t TASK_FAILED")
                .doesNotContain("start t");
        assertThat(stage.last().getMessage()).isEqualTo("health_check.type is not set");
        Stage old = running(Stage.task("t")
                .setHealthCheck(
                        HealthCheck.newBuilder().setCommand(Stage.task("t").getCommand())));
        assertThat(old.pass(Duration.ofSeconds(15)))
                .as("old frameworks leave the type out")
                .contains("run HEALTH t");
    }

    @Test
    void noCheckRunsTwiceAtOnce() {
        Stage stage = running(Stage.task("t").setHealthCheck(http()));
        assertThat(stage.pass(Duration.ofHours(1))).containsExactly("run HEALTH t");
    }

    @Test
    void checksEndWithTheKill() {
        Stage stage = running(Stage.task("t").setHealthCheck(http()));
        stage.pass(Duration.ofSeconds(15));
        stage.kill("t", Duration.ofHours(2));
        assertThat(stage.checked("t", CheckKind.HEALTH, BAD)).isEmpty();
        assertThat(stage.pass(Duration.ofHours(1))).isEmpty();
    }

    @Test
    void aFailedTaskEndsItsGroupAndNoOther() {
        Stage stage = Stage.groups();
        stage.launchGroup("a", "b", "c");
        stage.launchGroup("x");
        for (String id : List.of("a", "b", "c", "x")) {
            stage.started(id);
        }
        assertThat(stage.exited("a", ContainerEnd.exited(0))).containsExactly("report a TASK_FINISHED");
        assertThat(stage.exited("b", ContainerEnd.exited(1)))
                .containsExactly(
                        "report b TASK_FAILED", "report c TASK_KILLING", "TERM c", "timer KILL_ESCALATION 3000ms");
        stage.exited("c", ContainerEnd.signalled(15));
        assertThat(stage.last().getState()).isEqualTo(TaskState.TASK_KILLED);
        assertThat(stage.last().getMessage()).endsWith("killed because task 'b' of its group failed");
        assertThat(stage.acknowledgeAll()).as("x still runs").isEmpty();
        assertThat(stage.exited("x", ContainerEnd.exited(0))).contains("timer EXIT 60000ms");
        assertThat(stage.acknowledge(stage.last())).containsExactly("cancel EXIT", "exit");
    }

    @Test
    void aNewGroupKeepsTheExecutorFromExiting() {
        Stage stage = Stage.groups();
        stage.launchGroup("a");
        stage.started("a");
        assertThat(stage.exited("a", ContainerEnd.exited(0))).contains("timer EXIT 60000ms");
        assertThat(stage.launchGroup("b")).containsExactly("cancel EXIT", "report b TASK_STARTING", "start b");
        assertThat(stage.pass(Duration.ofMinutes(5))).isEmpty();
    }

    @Test
    void shutdownKillsEverythingWithinItsGraceAndThenExits() {
        Stage stage = Stage.groups();
        stage.launchGroup("a", "b");
        stage.started("a");
        stage.started("b");
        assertThat(stage.shutdown())
                .containsExactly(
                        "report a TASK_KILLING",
                        "TERM a",
                        "timer KILL_ESCALATION 3000ms",
                        "report b TASK_KILLING",
                        "TERM b",
                        "timer KILL_ESCALATION 3000ms");
        assertThat(stage.launchGroup("late")).containsExactly("report late TASK_KILLED");
        stage.exited("a", ContainerEnd.signalled(15));
        stage.exited("b", ContainerEnd.signalled(15));
        assertThat(stage.pass(Duration.ofMinutes(1))).as("nobody acknowledges").containsExactly("exit");
        assertThat(stage.shutdown()).isEmpty();
    }

    @Test
    void shutdownBeforeAnyLaunchExits() {
        assertThat(Stage.groups().shutdown()).containsExactly("exit");
    }

    @Test
    void refusesWhatItsKindDoesNotRun() {
        Stage command = Stage.command();
        assertThat(command.launchGroup("a")).contains("report a TASK_FAILED");
        Stage groups = Stage.groups();
        assertThat(groups.launch(Stage.task("a"))).contains("report a TASK_FAILED");
        Stage twice = running(Stage.task("t"));
        assertThat(twice.launch(Stage.task("u"))).containsExactly("report u TASK_FAILED");
    }

    @Test
    void subscribingAgainCarriesWhatWasNotAcknowledged() {
        Stage stage = running(Stage.task("t"));
        stage.acknowledge(stage.statuses().get(0));
        Call call = stage.subscribe();
        assertThat(call.getSubscribe().getUnacknowledgedTasksList()).hasSize(1);
        assertThat(call.getSubscribe().getUnacknowledgedUpdatesList())
                .extracting(update -> update.getStatus().getState())
                .containsExactly(TaskState.TASK_RUNNING);
        stage.acknowledgeAll();
        assertThat(stage.subscribe().getSubscribe()).isEqualTo(Call.Subscribe.getDefaultInstance());
    }

    @Test
    void aRecoveredRunningTaskIsNotReportedAgainButChecked() {
        TaskInfo.Builder task =
                Stage.task("t").setHealthCheck(http()).setMaxCompletionTime(Stage.nanos(Duration.ofMinutes(2)));
        Stage stage = Stage.recovered(new RecoveredTask(
                task.build(), status(TaskState.TASK_RUNNING, true), Stage.START.minusSeconds(60), null, null));
        assertThat(stage.started("t")).containsExactly("timer COMPLETION 60000ms", "timer HEALTH_CHECK 10000ms");
        stage.pass(Duration.ofSeconds(10));
        assertThat(stage.checked("t", CheckKind.HEALTH, GOOD))
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
        assertThat(lost.last().getMessage()).startsWith("Killed during its launch or while its executor was away");
        Stage neverStarted = Stage.recovered(
                new RecoveredTask(Stage.task("t").build(), null, Stage.START, null, KillPolicy.getDefaultInstance()));
        neverStarted.feed(
                new ExecutorEvent.ContainerStartFailed("t", Reason.REASON_TASK_KILLED_DURING_LAUNCH, "not started"));
        assertThat(neverStarted.last().getState()).isEqualTo(TaskState.TASK_KILLED);
        assertThat(neverStarted.last().getMessage()).isEqualTo("Killed before its container was started");
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

    /** Every edge of the declared lifecycle is taken by one of these short stories. */
    @Test
    void everyEdgeOfTheLifecycleIsVisited() {
        Stage failedStart = Stage.command();
        failedStart.launch(Stage.task("t"));
        failedStart.feed(new ExecutorEvent.ContainerStartFailed("t", Reason.REASON_CONTAINER_LAUNCH_FAILED, "x"));
        Stage killedStart = Stage.command();
        killedStart.launch(Stage.task("t"));
        killedStart.kill("t");
        killedStart.started("t");
        killedStart.exited("t", ContainerEnd.signalled(15));
        Stage crashed = running(Stage.task("t"));
        crashed.exited("t", ContainerEnd.exited(1));
        Stage tooLong = running(Stage.task("t").setMaxCompletionTime(Stage.nanos(Duration.ofSeconds(1))));
        tooLong.pass(Duration.ofSeconds(1));
        tooLong.exited("t", ContainerEnd.signalled(9));

        Set<Edge<TaskPhase>> visited = new HashSet<>();
        for (Stage stage : List.of(failedStart, killedStart, crashed, tooLong, ranToItsEnd())) {
            visited.addAll(stage.edges());
        }
        assertThat(visited).containsExactlyInAnyOrderElementsOf(TaskPhase.LIFECYCLE.edges());
    }

    private static List<String> next(Stage stage, CheckOutcome outcome) {
        assertThat(stage.pass(Duration.ofSeconds(10))).containsExactly("run HEALTH t");
        return stage.checked("t", CheckKind.HEALTH, outcome);
    }

    private static Stage running(TaskInfo.Builder task) {
        Stage stage = Stage.command();
        stage.launch(task);
        stage.started(task.getTaskId().getValue());
        return stage;
    }

    private static Stage ranToItsEnd() {
        Stage stage = running(Stage.task("t"));
        stage.exited("t", ContainerEnd.exited(0));
        return stage;
    }

    private static HealthCheck.Builder http() {
        return HealthCheck.newBuilder()
                .setType(HealthCheck.Type.HTTP)
                .setHttp(HealthCheck.HTTPCheckInfo.newBuilder().setPort(8080));
    }

    private static TaskStatus status(TaskState state, boolean healthy) {
        TaskStatus.Builder status =
                TaskStatus.newBuilder().setTaskId(Stage.task("t").getTaskId()).setState(state);
        return healthy ? status.setHealthy(true).build() : status.build();
    }
}
