package io.paddock.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ClusterTaskTest {
    private static final String AWAY = "its agent is disconnected; the task may still run there";

    @ParameterizedTest
    @CsvSource({
        "TASK_STAGING,,false,'waits for its agent, which is disconnected'",
        "TASK_KILLING,,false,'waits for its agent, which is disconnected'",
        "TASK_STARTING,,false," + AWAY,
        "TASK_RUNNING,,false," + AWAY,
        "TASK_RUNNING,REASON_TASK_HEALTH_CHECK_STATUS_UPDATED,false,TASK_HEALTH_CHECK_STATUS_UPDATED; " + AWAY,
        "TASK_RUNNING,,true,''",
        "TASK_FAILED,REASON_COMMAND_EXECUTOR_FAILED,false,COMMAND_EXECUTOR_FAILED",
    })
    void anAgentThatIsAwayIsSaidAsItMatters(String state, String reason, boolean connected, String explanation)
            throws JsonProcessingException {
        String status = reason == null ? "{}" : "{\"reason\":\"" + reason + "\"}";
        ObjectMapper json = new ObjectMapper();
        ClusterTask task = new ClusterTask(
                "t",
                "t",
                state,
                "f",
                "f",
                true,
                json.readTree("{\"connected\":" + connected + "}"),
                json.readTree("{\"statuses\":[" + status + "]}"));
        assertThat(task.explanation()).isEqualTo(explanation);
    }
}
