package io.paddock.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** Apps from an image of a real registry on loopback. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ImageRunsTest {
    private LocalCluster cluster;
    private ImageRegistry registry;

    @BeforeAll
    void start(@TempDir Path directory) throws Exception {
        registry = ImageRegistry.start(directory.resolve("registry"));
        registry.pushBusybox("test/web:1");
        cluster = LocalCluster.start(directory.resolve("work"));
    }

    @AfterAll
    void stop() {
        cluster.close();
        registry.close();
    }

    @Test
    void onTheHostNetworkInItsOwnRoot() {
        create("""
                {"id": "/plain", "cmd": "echo from the image > /tmp/index.html; exec httpd -f -p $PORT0 -h /tmp",
                 "cpus": 0.1, "mem": 32, "container": {"type": "MESOS", "docker": {"image": "%s/test/web:1"}}}""".formatted(registry.address()));
        int port = awaitPort("plain");
        await().atMost(Duration.ofSeconds(20)).until(() -> Http.answers("http://127.0.0.1:" + port + "/index.html"));
        assertThat(Http.get("http://127.0.0.1:" + port + "/index.html").body()).isEqualTo("from the image\n");
        assertThat(Path.of("/tmp/index.html"))
                .as("the image's /tmp is not the host's")
                .doesNotExist();
        delete("plain");
    }

    @Test
    void onABridgeWithAPortMapping() {
        create("""
                {"id": "/bridged", "args": ["httpd", "-f", "-p", "80", "-h", "/www"], "cpus": 0.1, "mem": 32,
                 "networks": [{"mode": "container/bridge"}],
                 "container": {"type": "DOCKER", "docker": {"image": "%s/test/web:1"},
                               "portMappings": [{"containerPort": 80, "hostPort": 0}]}}""".formatted(registry.address()));
        int port = awaitPort("bridged");
        await().atMost(Duration.ofSeconds(20)).until(() -> Http.answers("http://127.0.0.1:" + port + "/index.html"));
        assertThat(Http.get("http://127.0.0.1:" + port + "/index.html").body()).isEqualTo("hello from www\n");
        JsonNode task =
                Http.get(cluster.marathon() + "/v2/apps/bridged/tasks").json().at("/tasks/0");
        assertThat(task.at("/ipAddresses/0/ipAddress").asText()).isNotEqualTo("127.0.0.1");
        delete("bridged");
        await().atMost(Duration.ofSeconds(20)).until(() -> !Http.answers("http://127.0.0.1:" + port + "/index.html"));
    }

    @Test
    void anImageThatIsNotThereFailsTheTaskWithTheRegistrysWords() {
        create("""
                {"id": "/missing", "cmd": "true", "cpus": 0.1, "mem": 32,
                 "container": {"type": "MESOS", "docker": {"image": "%s/test/nothing:1"}}}""".formatted(registry.address()));
        await().atMost(Duration.ofSeconds(30)).untilAsserted(() -> {
            JsonNode failure =
                    Http.get(cluster.marathon() + "/v2/apps/missing").json().at("/app/lastTaskFailure");
            assertThat(failure.path("message").asText()).contains("test/nothing");
        });
        delete("missing");
    }

    @Test
    void fromTheCommandLineWithItsOutputAndStatus() {
        try (PaddockProcess run = PaddockProcess.start(
                "run-image-" + cluster.offset(),
                cluster.clientEnvironment(),
                List.of("run", "--image", registry.address() + "/test/web:1", "cat /www/index.html; exit 4"))) {
            assertThat(run.awaitExit(Duration.ofSeconds(40))).as(run.output()).isEqualTo(4);
            assertThat(run.output()).contains("hello from www");
        }
    }

    private void create(String app) {
        Http.Answer answer = Http.post(cluster.marathon() + "/v2/apps", app);
        assertThat(answer.status()).as(answer.body()).isEqualTo(201);
    }

    private void delete(String app) {
        assertThat(Http.delete(cluster.marathon() + "/v2/apps/" + app).status()).isEqualTo(200);
    }

    private int awaitPort(String app) {
        await().atMost(Duration.ofSeconds(40))
                .until(() -> Http.get(cluster.marathon() + "/v2/apps/" + app)
                                .json()
                                .at("/app/tasksRunning")
                                .asInt()
                        == 1);
        return Http.get(cluster.marathon() + "/v2/apps/" + app)
                .json()
                .at("/app/tasks/0/ports/0")
                .asInt();
    }
}
