package io.paddock.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** Jobs on a real cluster, with nothing but HTTP requests to batch. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class JobRunsToItsEndTest {
    private LocalCluster cluster;
    private Path directory;

    @BeforeAll
    void startCluster(@TempDir Path temporary) {
        directory = temporary;
        cluster = LocalCluster.start(directory.resolve("work"));
    }

    @AfterAll
    void stopCluster() {
        cluster.close();
    }

    @Test
    void succeeds() {
        create("good", "echo done", "");
        start("good");
        await().atMost(Duration.ofSeconds(20))
                .untilAsserted(() ->
                        assertThat(history("good").path("successCount").asInt()).isEqualTo(1));
    }

    @Test
    void failsWithoutRetryByDefault() {
        create("bad", "exit 3", "");
        start("bad");
        await().atMost(Duration.ofSeconds(20))
                .untilAsserted(() ->
                        assertThat(history("bad").path("failureCount").asInt()).isEqualTo(1));
        assertThat(history("bad").path("failedFinishedRuns").path(0).path("tasks"))
                .hasSize(1);
    }

    @Test
    void retriesInTheSameRunWhenAskedTo() {
        Path marker = directory.resolve("tried");
        create("flaky", "test -e " + marker + " || { touch " + marker + "; exit 1; }", """
                , "restart": {"policy": "ON_FAILURE"}""");
        start("flaky");
        await().atMost(Duration.ofSeconds(20))
                .untilAsserted(
                        () -> assertThat(history("flaky").path("successCount").asInt())
                                .isEqualTo(1));
        assertThat(history("flaky").path("failureCount").asInt()).isZero();
        assertThat(marker).exists();
    }

    @Test
    void aScheduleFires() {
        create("tick", "echo tick", "");
        Http.Answer schedule = Http.post(
                cluster.batch() + "/v1/jobs/tick/schedules", "{\"id\": \"minutely\", \"cron\": \"* * * * *\"}");
        assertThat(schedule.status()).as(schedule.body()).isEqualTo(201);
        assertThat(schedule.json().path("nextRunAt").asText()).isNotEmpty();
        await().atMost(Duration.ofSeconds(150))
                .pollInterval(Duration.ofSeconds(1))
                .untilAsserted(() ->
                        assertThat(history("tick").path("successCount").asInt()).isPositive());
        assertThat(Http.delete(cluster.batch() + "/v1/jobs/tick/schedules/minutely")
                        .status())
                .isEqualTo(200);
    }

    @Test
    void badInputNamesTheFieldAndChangesNothing() {
        Http.Answer answer = Http.post(
                cluster.batch() + "/v1/jobs",
                "{\"id\": \"wrong\", \"run\": {\"cmd\": \"true\", \"cpus\": -1, \"mem\": 32, \"disk\": 0}}");
        assertThat(answer.status()).isEqualTo(422);
        assertThat(answer.body()).contains("cpus");
        assertThat(Http.get(cluster.batch() + "/v1/jobs/wrong").status()).isEqualTo(404);
    }

    private void create(String id, String command, String more) {
        Http.Answer answer = Http.post(
                cluster.batch() + "/v1/jobs",
                "{\"id\": \"%s\", \"run\": {\"cmd\": \"%s\", \"cpus\": 0.1, \"mem\": 32, \"disk\": 0%s}}"
                        .formatted(id, command, more));
        assertThat(answer.status()).as(answer.body()).isEqualTo(201);
    }

    private void start(String id) {
        Http.Answer answer = Http.post(cluster.batch() + "/v1/jobs/" + id + "/runs", "{}");
        assertThat(answer.status()).as(answer.body()).isEqualTo(201);
    }

    private JsonNode history(String id) {
        return Http.get(cluster.batch() + "/v1/jobs/" + id + "?embed=history")
                .json()
                .path("history");
    }
}
