package io.paddock.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.paddock.proto.v1.TaskID;
import io.paddock.proto.v1.TaskState;
import io.paddock.proto.v1.TaskStatus;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ExitCodesTest {
    @ParameterizedTest
    @CsvSource({
        "TASK_FINISHED,,Command exited with status 0,0",
        "TASK_FINISHED,,,0",
        "TASK_KILLED,,Command exited with status 0,0",
        "TASK_KILLED,,Command terminated with signal Terminated,143",
        "TASK_FAILED,REASON_COMMAND_EXECUTOR_FAILED,Command exited with status 3,3",
        "TASK_FAILED,REASON_CONTAINER_LIMITATION_MEMORY,Memory limit exceeded; Command exited with status 0,137",
        "TASK_FAILED,REASON_CONTAINER_LIMITATION_MEMORY,Memory limit exceeded; Command exited with status 1,1",
        "TASK_FAILED,REASON_CONTAINER_LIMITATION_MEMORY,Memory limit exceeded; Command terminated with signal Killed,137",
        "TASK_FAILED,REASON_CONTAINER_LIMITATION_DISK,Disk usage exceeded; Command exited with status 0,125",
        "TASK_LOST,,Command exited with status 0,125",
        "TASK_ERROR,,,125",
    })
    void aTaskThatFailedNeverGivesZero(TaskState state, TaskStatus.Reason reason, String message, int code) {
        TaskStatus.Builder status = TaskStatus.newBuilder()
                .setTaskId(TaskID.newBuilder().setValue("t"))
                .setState(state);
        if (reason != null) {
            status.setReason(reason);
        }
        status.setMessage(message == null ? "" : message);
        assertThat(ExitCodes.of(status.build())).isEqualTo(code);
    }
}
