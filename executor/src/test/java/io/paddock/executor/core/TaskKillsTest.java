package io.paddock.executor.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.paddock.proto.v1.TaskInfo;
import io.paddock.proto.v1.TaskState;
import io.paddock.proto.v1.TaskStatus.Reason;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Kills and the grace they give. */
class TaskKillsTest {
    @Test
    void aKillSendsTermThenKillAfterTheGrace() {
        Stage stage = Stage.running(Stage.task("t"));
        assertThat(stage.kill("t")).containsExactly("report t TASK_KILLING", "TERM t", "timer KILL_ESCALATION 3000ms");
        assertThat(stage.pass(Duration.ofMillis(2999))).isEmpty();
        assertThat(stage.pass(Duration.ofMillis(1))).containsExactly("KILL t");
        assertThat(stage.exited("t", ContainerEnd.signalled(9))).startsWith("report t TASK_KILLED");
        assertThat(stage.last().getMessage()).isEqualTo("Command terminated with signal Killed");
    }

    @Test
    void aKilledTaskIsKilledEvenIfItExitsWithZero() {
        Stage stage = Stage.running(Stage.task("t"));
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
        assertThat(Stage.running(patient).kill("t")).endsWith("timer KILL_ESCALATION 30000ms");
        assertThat(Stage.running(patient).kill("t", Duration.ofSeconds(7))).endsWith("timer KILL_ESCALATION 7000ms");
        assertThat(Stage.running(patient).kill("t", Duration.ZERO)).containsExactly("report t TASK_KILLING", "KILL t");
    }

    @Test
    void aSecondKillOnlyShortensTheGraceCountedFromTheFirst() {
        Stage stage = Stage.running(Stage.task("t"));
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
}
