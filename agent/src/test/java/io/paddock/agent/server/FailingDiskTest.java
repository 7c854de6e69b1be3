package io.paddock.agent.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.protobuf.ByteString;
import io.paddock.platform.json.Json;
import io.paddock.platform.linux.Linux;
import io.paddock.proto.link.FromAgent;
import io.paddock.proto.link.StatusUpdate;
import io.paddock.proto.v1.TaskInfo;
import io.paddock.proto.v1.TaskState;
import io.paddock.proto.v1.TaskStatus;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** An agent whose disk cannot be written for a while: a small one that is filled, and launches too large for the log's room. */
@Timeout(180)
class FailingDiskTest extends AgentUnderTest {
    @BeforeEach
    @Override
    void start() {
        assumeTrue(System.getProperty("user.name").equals("root"), "a disk of its own needs root");
        try {
            Linux.mount("tmpfs", workDir, "tmpfs", 0, "size=32m");
        } catch (IOException e) {
            assumeTrue(false, "may not mount: " + e.getMessage());
        }
        super.start();
    }

    @AfterEach
    @Override
    void stop() {
        super.stop();
        try {
            Linux.unmountIfMounted(workDir, Linux.MNT_DETACH);
        } catch (IOException e) {
            fail("the disk stays mounted", e);
        }
    }

    private Path fill() {
        Path rest = workDir.resolve("rest");
        try (OutputStream out = Files.newOutputStream(rest)) {
            while (true) {
                out.write(new byte[4096]);
            }
        } catch (IOException full) {
            assertThat(full).hasMessageContaining("No space left");
        }
        return rest;
    }

    private static TaskInfo large(String id) {
        return task(id, "sleep 1000").toBuilder()
                .setData(ByteString.copyFrom(new byte[3 << 20]))
                .build();
    }

    private static List<TaskState> states(List<StatusUpdate> updates) {
        return updates.stream().map(each -> each.getStatus().getState()).toList();
    }

    @Test
    void whatWasToBeLaunchedWhenTheDiskFailedEndsAtOnceAndForGood() throws Exception {
        run(task("before", "sleep 1000"));
        awaitState("before", TaskState.TASK_RUNNING);
        Path rest = fill();
        run(large("first"));
        awaitState("first", TaskState.TASK_FAILED);
        TaskStatus failed = master.last("first").getStatus();
        assertThat(failed.getMessage())
                .startsWith("Not started: ")
                .contains("agent.log")
                .contains("No space left on device");
        assertThat(failed.getReason()).isEqualTo(TaskStatus.Reason.REASON_CONTAINER_LAUNCH_FAILED);
        assertThat(get("/metrics/snapshot")).contains("\"slave/checkpoints_blocked\":1");
        run(task("second", "sleep 1000"));
        awaitState("second", TaskState.TASK_FAILED);

        long heartbeats = heartbeats();
        await().atMost(WAIT).untilAsserted(() -> assertThat(heartbeats()).isGreaterThan(heartbeats + 2));

        Files.delete(rest);
        await().atMost(WAIT)
                .untilAsserted(() -> assertThat(get("/metrics/snapshot")).contains("\"slave/checkpoints_blocked\":0"));
        run(task("after", "sleep 1000"));
        awaitState("after", TaskState.TASK_RUNNING);
        List<StatusUpdate> first = master.updates("first");
        assertThat(states(first)).containsOnly(TaskState.TASK_FAILED);
        assertThat(first.stream().map(each -> each.getStatus().getUuid()).distinct())
                .as("told again, not anew")
                .hasSize(1);
        assertThat(states(master.updates("before"))).doesNotContain(TaskState.TASK_FAILED);
        await().atMost(WAIT).untilAsserted(() -> assertThat(executors()).containsExactlyInAnyOrder("before", "after"));
    }

    private List<String> executors() throws Exception {
        List<String> ids = new ArrayList<>();
        JsonNode framework =
                Json.mapper().readTree(get("/state")).path("frameworks").path(0);
        framework.path("executors").forEach(each -> ids.add(each.path("id").asText()));
        return ids;
    }

    private long heartbeats() {
        return master.heard.stream().filter(FromAgent::hasHeartbeat).count();
    }
}
