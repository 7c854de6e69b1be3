package io.paddock.marathon.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** Everything that is not about apps and groups: ping, info, metrics, the stream of events, checks run by marathon. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class SystemApiTest {
    private static final Duration SOON = Duration.ofSeconds(15);
    private RunningMarathon marathon;

    @BeforeAll
    void start() {
        marathon = new RunningMarathon();
        marathon.master.addAgent("127.0.0.1", "cpus:16;mem:16384;disk:1000;ports:[31000-31999]");
    }

    @AfterAll
    void stop() {
        marathon.close();
    }

    @Test
    void answersWhatItIs() {
        assertThat(marathon.get("/ping").body()).isEqualTo("pong");
        assertThat(marathon.send("GET", "/ping", null, "Accept", "application/json")
                        .body())
                .isEqualTo("\"pong\"");
        JsonNode info = marathon.get("/v2/info").json();
        assertThat(info.path("name").asText()).isEqualTo("marathon");
        assertThat(info.path("version").asText()).startsWith("1.");
        assertThat(info.path("frameworkId").asText()).isNotEmpty();
        assertThat(info.path("elected").asBoolean()).isTrue();
        assertThat(marathon.get("/v2/leader").json().path("leader").asText())
                .isEqualTo("127.0.0.1:" + marathon.server().port());
        assertThat(marathon.get("/v2/plugins").json().path("plugins").isArray()).isTrue();
        assertThat(marathon.get("/metrics")
                        .json()
                        .path("gauges")
                        .path("marathon.apps.active.gauge")
                        .path("value")
                        .asDouble())
                .isNotNegative();
        assertThat(marathon.get("/metrics/prometheus").body()).contains("marathon_apps_active_gauge ");
        assertThat(marathon.get("/").header("Location")).isEqualTo("/v2/info");
        assertThat(marathon.get("/v2/pods").status()).isEqualTo(404);
        assertThat(marathon.send("HEAD", "/v2/pods", null).status()).isEqualTo(404);
    }

    @Test
    void streamsEvents() throws IOException {
        assertThat(marathon.get("/v2/events").status()).isEqualTo(405);
        try (Watcher all = new Watcher("/v2/events", "");
                Watcher some = new Watcher("/v2/events?event_type=deployment_success", "")) {
            await().atMost(SOON).until(() -> all.types().contains("event_stream_attached"));
            marathon.post("/v2/apps", "{\"id\":\"/events\",\"cmd\":\"sleep 100\",\"cpus\":0.1}");
            await().atMost(SOON).until(() -> some.types().contains("deployment_success"));
            assertThat(some.types()).containsOnly("deployment_success");
            await().atMost(SOON)
                    .until(() -> all.types()
                            .containsAll(List.of(
                                    "api_post_event",
                                    "group_change_success",
                                    "deployment_info",
                                    "instance_changed_event",
                                    "status_update_event",
                                    "deployment_step_success",
                                    "deployment_success")));
            assertThat(all.lines)
                    .anyMatch(l -> l.startsWith("data: {\"eventType\":\"status_update_event\",\"slaveId\""));

            String seen = all.lastId();
            marathon.delete("/v2/apps/events");
            await().atMost(SOON).until(() -> all.types().contains("app_terminated_event"));
            try (Watcher again =
                    new Watcher("/v2/events?event_type=app_terminated_event", "Last-Event-ID: " + seen + "\r\n")) {
                await().atMost(SOON).until(() -> again.types().contains("app_terminated_event"));
            }
        }
    }

    /** Nothing is written to it meanwhile: no such event happens. */
    @Test
    void aWatcherThatClosesItsStreamIsGoneAtOnce() throws IOException {
        int before = streams();
        Watcher watcher = new Watcher("/v2/events?event_type=no_such_event", "");
        await().atMost(SOON).until(() -> streams() == before + 1);
        watcher.close();
        await().atMost(Duration.ofSeconds(8)).until(() -> streams() == before);
    }

    private int streams() {
        JsonNode gauges = marathon.get("/metrics").json().path("gauges");
        return gauges.path("marathon.http.event-streams.active.gauge")
                .path("value")
                .asInt(-1);
    }

    @Test
    void marathonsOwnChecksDecideHealth() {
        String path = "/ping";
        String json = "{\"id\":\"/checked\",\"cmd\":\"sleep 100\",\"cpus\":0.1,\"backoffSeconds\":0,"
                + "\"healthChecks\":[{\"protocol\":\"HTTP\",\"path\":\"%s\",\"port\":%d,\"gracePeriodSeconds\":1,"
                + "\"intervalSeconds\":1,\"timeoutSeconds\":1,\"maxConsecutiveFailures\":2},"
                + "{\"protocol\":\"TCP\",\"port\":%d,\"gracePeriodSeconds\":1,\"intervalSeconds\":1}]}";
        int port = marathon.server().port();
        marathon.post("/v2/apps", String.format(json, path, port, port));
        await().atMost(SOON).until(() -> app().path("tasksHealthy").asInt() == 1);
        JsonNode task = app().path("tasks").path(0);
        assertThat(task.path("healthCheckResults")).hasSize(2);
        assertThat(task.path("healthCheckResults").path(0).path("alive").asBoolean())
                .isTrue();

        marathon.delete("/v2/apps/checked");
        await().atMost(SOON).until(() -> marathon.get("/v2/deployments").json().isEmpty());
        marathon.post("/v2/apps", String.format(json, "/nowhere", port, port));
        await().atMost(SOON)
                .until(() ->
                        app().path("lastTaskFailure").path("message").asText().contains("answered 404"));
        marathon.delete("/v2/apps/checked");
    }

    private JsonNode app() {
        return marathon.get("/v2/apps/checked").json().path("app");
    }

    /** A reader of the stream that sees the bytes as they are. */
    private final class Watcher implements AutoCloseable {
        private final Socket socket;
        private final List<String> lines = new CopyOnWriteArrayList<>();

        Watcher(String path, String headers) throws IOException {
            URI uri = URI.create(marathon.url());
            socket = new Socket(uri.getHost(), uri.getPort());
            socket.getOutputStream()
                    .write(("GET " + path + " HTTP/1.1\r\nHost: x\r\nAccept: text/event-stream\r\n" + headers + "\r\n")
                            .getBytes(StandardCharsets.UTF_8));
            Thread reader = new Thread(this::read, "watcher");
            reader.setDaemon(true);
            reader.start();
        }

        private void read() {
            try (var in = new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8))) {
                for (String line = in.readLine(); line != null; line = in.readLine()) {
                    lines.add(line);
                }
            } catch (IOException e) {
                // The test is over.
            }
        }

        List<String> types() {
            return lines.stream()
                    .filter(l -> l.startsWith("event: "))
                    .map(l -> l.substring(7))
                    .toList();
        }

        String lastId() {
            List<String> ids = lines.stream().filter(l -> l.startsWith("id: ")).toList();
            return ids.get(ids.size() - 1).substring(4);
        }

        @Override
        public void close() throws IOException {
            socket.close();
        }
    }
}
