package io.paddock.executor.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.paddock.executor.core.CheckOutcome.CommandExited;
import io.paddock.executor.core.CheckOutcome.Unanswered;
import io.paddock.proto.v1.CheckInfo;
import io.paddock.proto.v1.CheckStatusInfo;
import io.paddock.proto.v1.HealthCheck;
import io.paddock.proto.v1.TaskState;
import io.paddock.proto.v1.TaskStatus.Reason;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Health checks, which kill, and checks, which only report. */
class TaskChecksTest {
    @Test
    void healthChecksKillAfterConsecutiveFailures() {
        Stage stage = Stage.running(Stage.task("t").setHealthCheck(Stage.http()));
        assertThat(stage.pass(Duration.ofSeconds(15))).containsExactly("run HEALTH t");
        assertThat(stage.checked("t", CheckKind.HEALTH, Stage.GOOD))
                .containsExactly("report t TASK_RUNNING", "timer HEALTH_CHECK 10000ms");
        assertThat(stage.last().getHealthy()).isTrue();
        assertThat(stage.last().getReason()).isEqualTo(Reason.REASON_TASK_HEALTH_CHECK_STATUS_UPDATED);

        assertThat(next(stage, Stage.GOOD))
                .as("still healthy is no news")
                .containsExactly("timer HEALTH_CHECK 10000ms");
        for (int failure = 1; failure <= 2; failure++) {
            assertThat(next(stage, Stage.BAD)).containsExactly("report t TASK_RUNNING", "timer HEALTH_CHECK 10000ms");
            assertThat(stage.last().getHealthy()).isFalse();
        }
        assertThat(next(stage, Stage.GOOD))
                .as("a success starts the count again")
                .hasSize(2);
        next(stage, Stage.BAD);
        next(stage, new Unanswered("no answer within 20 s"));
        assertThat(next(stage, Stage.BAD))
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
                Stage.http().setDelaySeconds(0).setIntervalSeconds(1).setGracePeriodSeconds(10);
        Stage stage = Stage.running(Stage.task("t").setHealthCheck(check));
        stage.pass(Duration.ZERO);
        assertThat(stage.checked("t", CheckKind.HEALTH, Stage.BAD)).containsExactly("timer HEALTH_CHECK 1000ms");
        stage.pass(Duration.ofSeconds(1));
        assertThat(stage.checked("t", CheckKind.HEALTH, Stage.GOOD)).hasSize(2);
        stage.pass(Duration.ofSeconds(1));
        assertThat(stage.checked("t", CheckKind.HEALTH, Stage.BAD))
                .as("the grace ended with the first success")
                .contains("report t TASK_RUNNING");
    }

    @Test
    void aHealthCheckThatNeverPassesKillsAfterTheGracePeriod() {
        HealthCheck.Builder check =
                Stage.http().setDelaySeconds(0).setGracePeriodSeconds(10).setConsecutiveFailures(1);
        Stage stage = Stage.running(Stage.task("t").setHealthCheck(check));
        stage.pass(Duration.ZERO);
        assertThat(stage.checked("t", CheckKind.HEALTH, Stage.BAD)).hasSize(1);
        stage.pass(Duration.ofSeconds(11));
        assertThat(stage.checked("t", CheckKind.HEALTH, Stage.BAD)).contains("TERM t");
    }

    @Test
    void checksReportChangesAndNeverKill() {
        CheckInfo.Builder check = CheckInfo.newBuilder()
                .setType(CheckInfo.Type.COMMAND)
                .setCommand(CheckInfo.Command.newBuilder()
                        .setCommand(Stage.task("t").getCommand()));
        Stage stage = Stage.running(Stage.task("t").setCheck(check));
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
        Stage old = Stage.running(Stage.task("t")
                .setHealthCheck(
                        HealthCheck.newBuilder().setCommand(Stage.task("t").getCommand())));
        assertThat(old.pass(Duration.ofSeconds(15)))
                .as("old frameworks leave the type out")
                .contains("run HEALTH t");
    }

    @Test
    void noCheckRunsTwiceAtOnce() {
        Stage stage = Stage.running(Stage.task("t").setHealthCheck(Stage.http()));
        assertThat(stage.pass(Duration.ofHours(1))).containsExactly("run HEALTH t");
    }

    @Test
    void checksEndWithTheKill() {
        Stage stage = Stage.running(Stage.task("t").setHealthCheck(Stage.http()));
        stage.pass(Duration.ofSeconds(15));
        stage.kill("t", Duration.ofHours(2));
        assertThat(stage.checked("t", CheckKind.HEALTH, Stage.BAD)).isEmpty();
        assertThat(stage.pass(Duration.ofHours(1))).isEmpty();
    }

    private static List<String> next(Stage stage, CheckOutcome outcome) {
        assertThat(stage.pass(Duration.ofSeconds(10))).containsExactly("run HEALTH t");
        return stage.checked("t", CheckKind.HEALTH, outcome);
    }
}
