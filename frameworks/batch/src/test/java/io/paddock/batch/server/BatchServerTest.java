package io.paddock.batch.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.paddock.client.testkit.TaskScript;
import io.paddock.proto.v1.TaskInfo;
import io.paddock.proto.v1.TaskState;
import io.paddock.proto.v1.scheduler.Call;
import io.paddock.proto.v1.scheduler.Event;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Jobs over real HTTP, kept in a real ZooKeeper, run by a master in memory. */
class BatchServerTest {
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private BatchHarness harness;

    @BeforeEach
    void start(@TempDir Path directory) {
        harness = new BatchHarness(directory);
    }

    @AfterEach
    void stop() {
        harness.close();
    }

    private static String job(String id, String more) {
        return "{\"id\":\"" + id + "\",\"run\":{\"cmd\":\"true\",\"cpus\":0.1,\"mem\":32,\"disk\":0" + more + "}}";
    }

    private JsonNode history(BatchServer server, String job) {
        return harness.json(server, "GET", "/v1/jobs/" + job + "?embed=history", "")
                .get("history");
    }

    private JsonNode awaitFinished(BatchServer server, String job) {
        await().atMost(PATIENCE).until(() -> {
            JsonNode history = history(server, job);
            return history.get("successCount").asInt()
                            + history.get("failureCount").asInt()
                    > 0;
        });
        return history(server, job);
    }

    @Test
    void aJobRunsToItsEnd() {
        BatchServer server = harness.start();
        harness.master().script(task -> TaskScript.finishesAfter(Duration.ofMillis(50)));
        assertThat(harness.send(server, "POST", "/v1/jobs", job("good", "")).statusCode())
                .isEqualTo(201);
        JsonNode run = harness.json(server, "POST", "/v1/jobs/good/runs", "");
        assertThat(run.get("status").asText()).isEqualTo("INITIAL");
        assertThat(run.get("id").asText()).matches("\\d{14}[A-Za-z0-9]{5}");
        JsonNode history = awaitFinished(server, "good");
        assertThat(history.get("successCount").asInt()).isEqualTo(1);
        assertThat(history.get("successfulFinishedRuns").get(0).get("id")).isEqualTo(run.get("id"));
        String finished = "/v1/jobs/good/runs/" + run.get("id").asText();
        assertThat(harness.send(server, "GET", finished, "").statusCode())
                .as("as clients of Metronome expect")
                .isEqualTo(404);
        assertThat(harness.json(server, "GET", finished + "?finished=true", "")
                        .get("status")
                        .asText())
                .isEqualTo("SUCCESS");
        await().atMost(PATIENCE).until(() -> harness.master().unacknowledged() == 0);
    }

    @Test
    void aFailingJobFailsOrIsTriedAgainAsItsPolicySays() {
        BatchServer server = harness.start();
        harness.master()
                .script(task -> task.getTaskId().getValue().endsWith(".1")
                        ? TaskScript.failsAfter(Duration.ZERO)
                        : TaskScript.finishesAfter(Duration.ZERO));
        harness.send(server, "POST", "/v1/jobs", job("once", ""));
        harness.send(server, "POST", "/v1/jobs", job("again", ",\"restart\":{\"policy\":\"ON_FAILURE\"}"));
        harness.send(server, "POST", "/v1/jobs/once/runs", "");
        harness.send(server, "POST", "/v1/jobs/again/runs", "");
        JsonNode once = awaitFinished(server, "once");
        assertThat(once.get("failureCount").asInt()).isEqualTo(1);
        assertThat(once.get("failedFinishedRuns").get(0).get("reason").asText())
                .contains("ended TASK_FAILED: Command exited with status 1");
        JsonNode again = awaitFinished(server, "again");
        assertThat(again.get("successCount").asInt()).isEqualTo(1);
        assertThat(again.get("successfulFinishedRuns").get(0).get("tasks")).hasSize(2);
    }

    @Test
    void aTaskCarriesWhatTheJobSays() {
        BatchServer server = harness.start();
        harness.send(
                server,
                "POST",
                "/v1/jobs",
                job(
                                "prod.app",
                                ",\"env\":{\"A\":\"b\"},\"user\":\"nobody\",\"taskKillGracePeriodSeconds\":7,"
                                        + "\"artifacts\":[{\"uri\":\"http://x/y.tgz\",\"cache\":true}],"
                                        + "\"docker\":{\"image\":\"alpine\",\"forcePullImage\":true},"
                                        + "\"networks\":[{\"mode\":\"container/bridge\"}],"
                                        + "\"volumes\":[{\"containerPath\":\"/c\",\"hostPath\":\"/h\",\"mode\":\"RO\"}]")
                        .replace("\"run\"", "\"labels\":{\"l\":\"v\"},\"run\""));
        String run = harness.json(server, "POST", "/v1/jobs/prod.app/runs", "")
                .get("id")
                .asText();
        String id = "prod_app_" + run + ".1";
        await().atMost(PATIENCE).until(() -> harness.master().tasks().containsKey(id));
        TaskInfo task = harness.master().task(id);
        assertThat(task.getName()).isEqualTo(run + ".app.prod");
        assertThat(task.getCommand().getValue()).isEqualTo("true");
        assertThat(task.getCommand().getUser()).isEqualTo("nobody");
        assertThat(task.getCommand().getUris(0).getCache()).isTrue();
        assertThat(task.getCommand().getEnvironment().getVariablesList())
                .anyMatch(v -> v.getName().equals("A") && v.getValue().equals("b"))
                .anyMatch(v ->
                        v.getName().equals("MARATHON_APP_ID") && v.getValue().equals("/prod/app/" + run))
                .anyMatch(
                        v -> v.getName().equals("MESOS_TASK_ID") && v.getValue().equals(id));
        assertThat(task.getContainer().getDocker().getImage()).isEqualTo("alpine");
        assertThat(task.getContainer().getDocker().getNetwork().name()).isEqualTo("BRIDGE");
        assertThat(task.getContainer().getVolumes(0).getHostPath()).isEqualTo("/h");
        assertThat(task.getKillPolicy().getGracePeriod().getNanoseconds())
                .isEqualTo(Duration.ofSeconds(7).toNanos());
        assertThat(task.getLabels().getLabels(0).getValue()).isEqualTo("v");
    }

    @Test
    void aRunCanBeGivenItsOwnParameters() {
        BatchServer server = harness.start();
        harness.send(server, "POST", "/v1/jobs", job("param", ",\"env\":{\"A\":\"1\",\"B\":\"2\"}"));
        String run = harness.json(
                        server,
                        "POST",
                        "/v1/jobs/param/runs",
                        "{\"env\":{\"B\":\"3\"},\"labels\":{\"l\":\"v\"},\"mem\":64}")
                .get("id")
                .asText();
        String id = "param_" + run + ".1";
        await().atMost(PATIENCE).until(() -> harness.master().tasks().containsKey(id));
        TaskInfo task = harness.master().task(id);
        assertThat(task.getCommand().getEnvironment().getVariablesList())
                .anyMatch(v -> v.getName().equals("A") && v.getValue().equals("1"))
                .anyMatch(v -> v.getName().equals("B") && v.getValue().equals("3"));
        assertThat(task.getLabels().getLabels(0).getKey()).isEqualTo("l");
        assertThat(task.getResourcesList())
                .anyMatch(r -> r.getName().equals("mem") && r.getScalar().getValue() == 64);
        assertThat(harness.json(server, "GET", "/v1/jobs/param", "")
                        .get("run")
                        .get("env")
                        .get("B")
                        .asText())
                .as("the job is as it was")
                .isEqualTo("2");
        assertThat(harness.send(server, "POST", "/v1/jobs/param/runs", "{\"cmd\":\"rm\"}")
                        .statusCode())
                .isEqualTo(422);
    }

    @Test
    void aRunThatDoesNotFitWaitsAndTheQueueSaysWhy() {
        BatchServer server = harness.start();
        harness.send(server, "POST", "/v1/jobs", job("big", "").replace("\"cpus\":0.1", "\"cpus\":64"));
        harness.send(server, "POST", "/v1/jobs/big/runs", "");
        await().atMost(PATIENCE).untilAsserted(() -> {
            JsonNode queue = harness.json(server, "GET", "/v1/queue", "");
            assertThat(queue.get(0).get("jobId").asText()).isEqualTo("big");
            assertThat(queue.get(0).get("runs").get(0).get("reason").asText())
                    .contains("too little cpus (64 needed, at most 4 offered)");
        });
        String run = harness.json(server, "GET", "/v1/jobs/big/runs", "")
                .get(0)
                .get("id")
                .asText();
        assertThat(harness.json(server, "POST", "/v1/jobs/big/runs/" + run + "/actions/stop", "")
                        .get("status")
                        .asText())
                .isEqualTo("FAILED");
        assertThat(harness.json(server, "GET", "/v1/queue", "")).isEmpty();
    }

    @Test
    void stoppingARunKillsItsTask() {
        BatchServer server = harness.start();
        harness.send(server, "POST", "/v1/jobs", job("long", ""));
        String run =
                harness.json(server, "POST", "/v1/jobs/long/runs", "").get("id").asText();
        await().atMost(PATIENCE)
                .until(() -> harness.json(server, "GET", "/v1/jobs/long/runs/" + run, "")
                        .get("status")
                        .asText()
                        .equals("ACTIVE"));
        assertThat(harness.send(server, "DELETE", "/v1/jobs/long", "").statusCode())
                .isEqualTo(409);
        assertThat(harness.send(server, "POST", "/v1/jobs/long/runs/" + run + "/actions/stop", "")
                        .statusCode())
                .isEqualTo(200);
        assertThat(awaitFinished(server, "long")
                        .get("failedFinishedRuns")
                        .get(0)
                        .get("reason")
                        .asText())
                .isEqualTo("stopped by request");
    }

    @Test
    void eventsTellWhatHappensAndCanBeResumed() throws Exception {
        BatchServer server = harness.start();
        harness.master().script(task -> TaskScript.finishesAfter(Duration.ZERO));
        String first;
        try (BufferedReader events = harness.stream(server, "/v1/events")) {
            assertThat(events.readLine()).as("a comment: the stream is open").isEqualTo(":");
            harness.send(server, "POST", "/v1/jobs", job("good", ""));
            harness.send(server, "POST", "/v1/jobs/good/runs", "");
            first = next(events, "id: ");
            assertThat(next(events, "event: ")).isEqualTo("job_created");
            assertThat(next(events, "event: ")).isEqualTo("run_created");
            String type = next(events, "event: ");
            while (!type.equals("run_succeeded")) {
                type = next(events, "event: ");
            }
            assertThat(next(events, "data: ")).contains("\"jobId\":\"good\"", "\"status\":\"SUCCESS\"");
        }
        try (BufferedReader resumed = harness.stream(server, "/v1/events", "Last-Event-ID", first)) {
            assertThat(next(resumed, "event: ")).isEqualTo("run_created");
        }
    }

    private static String next(BufferedReader events, String prefix) throws IOException {
        String line = events.readLine();
        while (!line.startsWith(prefix)) {
            line = events.readLine();
        }
        return line.substring(prefix.length());
    }

    @Test
    void aRemovedFrameworkIsReplacedByANewOne() {
        BatchServer server = harness.start();
        await().atMost(PATIENCE).until(() -> harness.master().frameworks().size() == 1);
        harness.master()
                .emit(Event.newBuilder()
                        .setType(Event.Type.ERROR)
                        .setError(Event.Error.newBuilder().setMessage("Framework has been removed"))
                        .build());
        await().atMost(PATIENCE).until(() -> harness.master().frameworks().size() == 2);
        harness.master().script(task -> TaskScript.finishesAfter(Duration.ZERO));
        harness.send(server, "POST", "/v1/jobs", job("good", ""));
        harness.send(server, "POST", "/v1/jobs/good/runs", "");
        assertThat(awaitFinished(server, "good").get("successCount").asInt()).isEqualTo(1);
    }

    /** Without the reconciliation it would wait for {@code Launcher.SILENCE}, which is longer than our patience. */
    @Test
    void aLaunchThatIsLostOnItsWayIsFoundMissingAndRepeated() {
        BatchServer server = harness.start();
        harness.master().script(task -> TaskScript.finishesAfter(Duration.ZERO));
        await().atMost(PATIENCE).until(() -> harness.master().frameworks().size() == 1);
        harness.master().loseNext(Call.Type.ACCEPT);
        harness.send(server, "POST", "/v1/jobs", job("good", ""));
        String run =
                harness.json(server, "POST", "/v1/jobs/good/runs", "").get("id").asText();
        JsonNode history = awaitFinished(server, "good");
        assertThat(history.get("successCount").asInt()).isEqualTo(1);
        assertThat(history.get("failureCount").asInt()).isZero();
        assertThat(harness.master().tasks()).containsExactly(Map.entry("good_" + run + ".2", TaskState.TASK_FINISHED));
        assertThat(harness.master().calls(Call.Type.SUBSCRIBE)).hasSize(2);
        await().atMost(PATIENCE).until(() -> harness.master().unacknowledged() == 0);
    }

    @Test
    void anotherInstanceTakesOverWithoutLaunchingTwice() {
        BatchServer first = harness.start();
        BatchServer standby = harness.start();
        harness.send(first, "POST", "/v1/jobs", job("long", ""));
        String run =
                harness.json(first, "POST", "/v1/jobs/long/runs", "").get("id").asText();
        await().atMost(PATIENCE)
                .until(() -> harness.json(first, "GET", "/v1/jobs/long/runs/" + run, "")
                        .get("status")
                        .asText()
                        .equals("ACTIVE"));

        HttpResponse<String> passedOn = harness.send(standby, "GET", "/v1/jobs/long", "");
        assertThat(passedOn.statusCode()).isEqualTo(200);
        assertThat(passedOn.headers().firstValue("X-LEADER")).contains(first.address());
        assertThat(passedOn.headers().firstValue("X-VIA")).contains(standby.address());
        assertThat(harness.send(standby, "GET", "/v1/jobs", "", "X-VIA", "other:1")
                        .statusCode())
                .isEqualTo(400);
        assertThat(harness.json(standby, "GET", "/leader", "").get("leader").asText())
                .isEqualTo(first.address());

        first.close();
        await().atMost(PATIENCE).until(standby::leads);
        assertThat(harness.json(standby, "GET", "/v1/jobs/long/runs", "")).hasSize(1);
        await().atMost(PATIENCE)
                .until(() -> !harness.master().calls(Call.Type.RECONCILE).isEmpty());
        String task = "long_" + run + ".1";
        harness.master().report(task, TaskState.TASK_FINISHED, "done");
        assertThat(awaitFinished(standby, "long").get("successCount").asInt()).isEqualTo(1);
        List<Call> launches = harness.master().calls(Call.Type.ACCEPT);
        assertThat(launches).as("launched once").hasSize(1);
        assertThat(harness.master().frameworks()).as("one framework").hasSize(1);
    }

    @Test
    void anInstanceThatLosesZooKeeperStopsLeadingAndSaysWhy() {
        BatchServer server = harness.start();
        harness.stopZooKeeper();
        await().atMost(Duration.ofSeconds(60))
                .until(() -> server.failed().toCompletableFuture().isDone());
        assertThat(server.leads()).isFalse();
        assertThat(harness.send(server, "GET", "/ping", "").statusCode()).isEqualTo(200);
        assertThat(harness.send(server, "GET", "/v1/jobs", "").statusCode()).isEqualTo(503);
    }
}
