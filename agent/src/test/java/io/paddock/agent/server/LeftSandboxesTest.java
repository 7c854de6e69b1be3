package io.paddock.agent.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.paddock.platform.json.Json;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Of standalone containers that the agent does not know: it was killed while it launched or removed them. */
class LeftSandboxesTest {
    @TempDir
    private Path workDir;

    private final HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private ActorSystem<Void> system;
    private ScriptedMaster master;
    private AgentServer agent;

    @BeforeEach
    void start() throws IOException {
        assumeTrue(System.getProperty("user.name").equals("root"), "containers need root");
        Files.writeString(sandbox("young").resolve("file"), "of the launch before");
        Files.setLastModifiedTime(sandbox("old"), FileTime.from(Instant.EPOCH));
        system = ActorSystem.create(Behaviors.empty(), "left-sandboxes");
        master = new ScriptedMaster(system);
        AgentOptions options = new AgentOptions();
        options.listen.port = 0;
        options.master = master.address();
        options.workDir = workDir;
        options.resources = "cpus:4;mem:1024;disk:1000";
        options.gcDelay = Duration.ofDays(1000);
        options.gcDiskHeadroom = 0;
        options.diskWatchInterval = Duration.ofMillis(100);
        agent = AgentServer.start(system, options).toCompletableFuture().join();
    }

    @AfterEach
    void stop() {
        if (agent != null) {
            agent.closeAndStopTasks();
        }
        if (system != null) {
            master.close();
            system.terminate();
            system.getWhenTerminated().toCompletableFuture().join();
        }
    }

    private Path sandbox(String id) throws IOException {
        return Files.createDirectories(workDir.resolve("standalone").resolve(id));
    }

    private String answer(HttpRequest.Builder request, String path) throws Exception {
        URI uri = URI.create("http://127.0.0.1:" + agent.port() + path);
        HttpResponse<String> response = client.send(request.uri(uri).build(), HttpResponse.BodyHandlers.ofString());
        assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
        return response.body();
    }

    private int pending() throws Exception {
        String metrics = answer(HttpRequest.newBuilder(), "/metrics/snapshot");
        return Json.mapper().readTree(metrics).path("gc/path_removals_pending").asInt();
    }

    @Test
    void areCollectedWhenTheyAreOldUnlessTheIdIsUsedAgain() throws Exception {
        await().until(() -> Files.notExists(workDir.resolve("standalone/old")));
        await().untilAsserted(() -> assertThat(pending()).isEqualTo(1));
        String launch = """
                {"type":"LAUNCH_CONTAINER","launch_container":{"container_id":{"value":"young"},"command":{"value":"true"}}}
                """;
        answer(
                HttpRequest.newBuilder()
                        .header("Content-Type", "application/json")
                        .POST(HttpRequest.BodyPublishers.ofString(launch)),
                "/api/v1");
        await().untilAsserted(() -> assertThat(pending()).isZero());
        assertThat(workDir.resolve("standalone/young")).exists();
    }
}
