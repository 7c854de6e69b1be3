package io.paddock.marathon.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.paddock.proto.v1.TaskState;
import io.paddock.proto.v1.scheduler.Call;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** A launch that does not get through to the master. */
class LostLaunchTest {
    @Test
    void isFoundMissingAndRepeated() {
        try (RunningMarathon marathon = new RunningMarathon()) {
            marathon.master.addAgent("host1", "cpus:4;mem:4096;disk:4096;ports:[31000-31099]");
            await().until(() -> marathon.master.frameworks().size() == 1);
            marathon.master.loseNext(Call.Type.ACCEPT);
            marathon.post("/v2/apps", "{\"id\":\"/web\",\"cmd\":\"sleep 100\",\"cpus\":0.1,\"mem\":32}");
            await().atMost(Duration.ofSeconds(20))
                    .until(() -> marathon.get("/v2/apps/web")
                                    .json()
                                    .path("app")
                                    .path("tasksRunning")
                                    .asInt()
                            == 1);
            assertThat(marathon.master.tasks().values()).containsExactly(TaskState.TASK_RUNNING);
            assertThat(marathon.master.calls(Call.Type.SUBSCRIBE)).hasSize(2);
            assertThat(marathon.get("/v2/apps/web")
                            .json()
                            .path("app")
                            .path("tasks")
                            .size())
                    .isEqualTo(1);
        }
    }
}
