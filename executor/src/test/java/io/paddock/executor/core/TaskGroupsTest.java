package io.paddock.executor.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.paddock.proto.v1.TaskState;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Tasks that end together, and the end of the executor. */
class TaskGroupsTest {
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
}
