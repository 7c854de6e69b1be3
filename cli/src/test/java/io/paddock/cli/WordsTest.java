package io.paddock.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.paddock.proto.v1.TaskID;
import io.paddock.proto.v1.TaskState;
import io.paddock.proto.v1.TaskStatus;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WordsTest {
    @ParameterizedTest
    @CsvSource({"0,0s", "119,119s", "120,2m", "7199,119m", "7200,2h", "172799,47h", "172800,2d"})
    void agesAreInTheLargestUnitThatSaysEnough(long seconds, String text) {
        assertThat(Words.age(Duration.ofSeconds(seconds))).isEqualTo(text);
    }

    @ParameterizedTest
    @CsvSource({"0,0", "10,10", "100,100", "0.1,0.1", "1.5,1.5", "0.125,0.125", "3.0004,3"})
    void numbersCarryNothingThatSaysNothing(double value, String text) {
        assertThat(Words.number(value)).isEqualTo(text);
    }

    @ParameterizedTest
    @CsvSource({"32,32M", "10239,10239M", "10240,10G", "16384,16G", "20000,19.5G"})
    void sizes(double megabytes, String text) {
        assertThat(Words.megabytes(megabytes)).isEqualTo(text);
    }

    @ParameterizedTest
    @CsvSource({
        "TASK_FINISHED,,0",
        "TASK_FINISHED,Command exited with status 0,0",
        "TASK_FAILED,Command exited with status 7,7",
        "TASK_FAILED,Memory limit exceeded; Command terminated with signal Killed,137",
        "TASK_KILLED,Command terminated with signal Terminated,143",
        "TASK_FAILED,Failed to launch container,125",
        "TASK_LOST,,125"
    })
    void exitCodesAreThoseAShellWouldSay(TaskState state, String message, int code) {
        TaskStatus status = TaskStatus.newBuilder()
                .setTaskId(TaskID.newBuilder().setValue("t"))
                .setState(state)
                .setMessage(message == null ? "" : message)
                .build();
        assertThat(ExitCodes.of(status)).isEqualTo(code);
    }

    @ParameterizedTest
    @CsvSource({"0,0", "256,1", "1280,5", "9,137", "139,139"})
    void waitStatuses(int status, int code) {
        assertThat(ExitCodes.ofWait(status)).isEqualTo(code);
    }

    @Test
    void signals() {
        assertThat(Signal.parse("TERM").number()).isEqualTo(15);
        assertThat(Signal.parse("sigkill").number()).isEqualTo(9);
        assertThat(Signal.parse("10").number()).isEqualTo(10);
        assertThatThrownBy(() -> Signal.parse("65")).hasMessageContaining("'65' is not a signal");
        assertThatThrownBy(() -> Signal.parse("NOPE")).hasMessageContaining("'NOPE' is not a signal");
    }
}
