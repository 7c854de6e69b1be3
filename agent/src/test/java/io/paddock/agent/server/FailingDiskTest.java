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
import io.paddock.proto.link.RunTasks;
import io.paddock.proto.link.StatusUpdate;
import io.paddock.proto.link.ToAgent;
import io.paddock.proto.v1.CommandInfo;
import io.paddock.proto.v1.ExecutorID;
import io.paddock.proto.v1.ExecutorInfo;
import io.paddock.proto.v1.TaskInfo;
import io.paddock.proto.v1.TaskState;
import io.paddock.proto.v1.TaskStatus;
import java.io.IOException;
import java.io.OutputStream;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** An agent whose disk cannot be written for a while: a small one that is filled, and launches too large for the log's room. */
@Timeout(180)
class FailingDiskTest extends AgentUnderTest {
    @BeforeEach
    @Override
    void start() throws IOException {
        assumeTrue(System.getProperty("user.name").equals("root"), "a disk of its own needs root");
        try {
            Linux.mount("tmpfs", workDir, "tmpfs", 0, "size=32m");
        } catch (IOException e) {
            Assumptions.abort("may not mount: " + e.getMessage());
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
        awaitNoTrouble();
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

    /** The frames of the small one fit, those of the large one do not: what was told does not come back with a new agent. */
    @Test
    void whatWasToldToHaveFailedIsNotStartedByTheNextAgent() throws Exception {
        Path rest = fill();
        master.send(ToAgent.newBuilder()
                .setRunTasks(RunTasks.newBuilder()
                        .setFramework(FRAMEWORK)
                        .addTasks(task("small", "sleep 1000"))
                        .addTasks(large("large"))));
        awaitState("small", TaskState.TASK_FAILED);
        awaitState("large", TaskState.TASK_FAILED);
        agent.close();

        Files.delete(rest);
        master.heard.clear();
        agent = startAgent();
        await().atMost(WAIT).until(master::registered);
        run(task("after", "sleep 1000"));
        awaitState("after", TaskState.TASK_RUNNING);
        assertThat(master.heard.stream()
                        .filter(FromAgent::hasReregister)
                        .flatMap(each -> each.getReregister().getTasksList().stream())
                        .map(each -> each.getTaskId().getValue()))
                .doesNotContain("small", "large");
        assertThat(executors()).containsExactly("after");
        assertThat(master.updates("small")).isEmpty();
    }

    @Override
    AgentOptions options() {
        AgentOptions options = super.options();
        options.mostWaiting = 40;
        return options;
    }

    private void awaitTrouble() {
        run(large("first"));
        awaitState("first", TaskState.TASK_FAILED);
    }

    private void awaitNoTrouble() {
        await().atMost(WAIT)
                .untilAsserted(() -> assertThat(get("/metrics/snapshot")).contains("\"slave/checkpoints_blocked\":0"));
    }

    private long reregistrations() {
        return master.heard.stream().filter(FromAgent::hasReregister).count();
    }

    @Test
    void whatWaitedForAnExecutorThatSubscribesMeanwhileEndsAtOnce() throws Exception {
        run(task("waits", "").toBuilder()
                .clearCommand()
                .setExecutor(ExecutorInfo.newBuilder()
                        .setExecutorId(ExecutorID.newBuilder().setValue("e"))
                        .setFrameworkId(FRAMEWORK.getId())
                        .setCommand(CommandInfo.newBuilder().setValue("sleep 1000")))
                .build());
        await().atMost(WAIT).untilAsserted(() -> assertThat(get("/containers")).contains("executor_pid"));
        Path rest = fill();
        awaitTrouble();
        var subscribed = client.sendAsync(
                executorCall("\"type\":\"SUBSCRIBE\",\"subscribe\":{}"), HttpResponse.BodyHandlers.ofInputStream());
        awaitState("waits", TaskState.TASK_FAILED);
        assertThat(master.last("waits").getStatus().getMessage()).startsWith("Not started: ");
        assertThat(subscribed).isNotDone();
        Files.delete(rest);
        awaitNoTrouble();
        assertThat(subscribed.join().statusCode()).isEqualTo(200);
    }

    @Test
    void askedForAgainMeanwhileItIsLetInOnce() throws Exception {
        Path rest = fill();
        awaitTrouble();
        for (int i = 0; i < 3; i++) {
            long links = master.links.get();
            master.closeLink();
            await().atMost(WAIT).until(() -> master.links.get() > links);
        }
        await().during(Duration.ofSeconds(4)).atMost(WAIT).until(() -> reregistrations() == 0);

        Files.delete(rest);
        awaitNoTrouble();
        run(task("after", "sleep 1000"));
        awaitState("after", TaskState.TASK_RUNNING);
        assertThat(reregistrations()).isEqualTo(1);
    }

    /** It is the agent that does not listen. */
    @Test
    void aMasterWhoseMessagesAreNotTakenIsNotTakenForSilent() throws Exception {
        Path rest = fill();
        awaitTrouble();
        for (int i = 0; i < 60; i++) {
            kill("unknown" + i);
        }
        await().atMost(WAIT)
                .untilAsserted(() -> assertThat(callOfAnExecutor()).contains("Too much waits for the disk"));
        long links = master.links.get();
        await().during(Duration.ofSeconds(8)).atMost(WAIT).until(() -> master.links.get() == links);
        assertThat(master.updates("unknown0")).isEmpty();

        Files.delete(rest);
        for (int i = 0; i < 60; i++) {
            awaitState("unknown" + i, TaskState.TASK_DROPPED);
        }
        run(task("after", "sleep 1000"));
        awaitState("after", TaskState.TASK_RUNNING);
        assertThat(reregistrations()).isZero();
        assertThat(callOfAnExecutor()).doesNotContain("disk");
    }

    private String callOfAnExecutor() throws Exception {
        return client.send(executorCall("\"type\":\"HEARTBEAT\""), HttpResponse.BodyHandlers.ofString())
                .body();
    }

    private HttpRequest executorCall(String json) {
        return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + agent.port() + "/api/v1/executor"))
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(
                        "{" + json + ",\"framework_id\":{\"value\":\"fw\"},\"executor_id\":{\"value\":\"e\"}}"))
                .build();
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
