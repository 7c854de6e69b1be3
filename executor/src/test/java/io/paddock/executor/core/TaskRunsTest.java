package io.paddock.executor.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.paddock.common.TransitionTable.Edge;
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

/** Tasks from their launch to their end, and what is reported of them. */
class TaskRunsTest {
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
        Stage stage = Stage.ranToItsEnd();
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
    void aTaskPastItsCompletionLimitFailsWithoutGrace() {
        Stage stage = Stage.running(Stage.task("t").setMaxCompletionTime(Stage.nanos(Duration.ofMinutes(1))));
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
    void refusesWhatItsKindDoesNotRun() {
        Stage command = Stage.command();
        assertThat(command.launchGroup("a")).contains("report a TASK_FAILED");
        Stage groups = Stage.groups();
        assertThat(groups.launch(Stage.task("a"))).contains("report a TASK_FAILED");
        Stage twice = Stage.running(Stage.task("t"));
        assertThat(twice.launch(Stage.task("u"))).containsExactly("report u TASK_FAILED");
    }

    @Test
    void subscribingAgainCarriesWhatWasNotAcknowledged() {
        Stage stage = Stage.running(Stage.task("t"));
        stage.acknowledge(stage.statuses().get(0));
        Call call = stage.subscribe();
        assertThat(call.getSubscribe().getUnacknowledgedTasksList()).hasSize(1);
        assertThat(call.getSubscribe().getUnacknowledgedUpdatesList())
                .extracting(update -> update.getStatus().getState())
                .containsExactly(TaskState.TASK_RUNNING);
        stage.acknowledgeAll();
        assertThat(stage.subscribe().getSubscribe()).isEqualTo(Call.Subscribe.getDefaultInstance());
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
        Stage crashed = Stage.running(Stage.task("t"));
        crashed.exited("t", ContainerEnd.exited(1));
        Stage tooLong = Stage.running(Stage.task("t").setMaxCompletionTime(Stage.nanos(Duration.ofSeconds(1))));
        tooLong.pass(Duration.ofSeconds(1));
        tooLong.exited("t", ContainerEnd.signalled(9));

        Set<Edge<TaskPhase>> visited = new HashSet<>();
        for (Stage stage : List.of(failedStart, killedStart, crashed, tooLong, Stage.ranToItsEnd())) {
            visited.addAll(stage.edges());
        }
        assertThat(visited).containsExactlyInAnyOrderElementsOf(TaskPhase.LIFECYCLE.edges());
    }
}
