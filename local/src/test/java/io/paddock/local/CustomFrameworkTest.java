package io.paddock.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** The scheduler API of a real cluster, driven by hand in JSON. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class CustomFrameworkTest {
    private static final String INFO = "{\"user\": \"root\", \"name\": \"%s\", \"roles\": [\"%s\"], "
            + "\"capabilities\": [{\"type\": \"MULTI_ROLE\"}, {\"type\": \"PARTITION_AWARE\"}]%s}";

    private static final String JAVA =
            Path.of(System.getProperty("java.home"), "bin", "java").toString();

    private LocalCluster cluster;

    @BeforeAll
    void startCluster(@TempDir Path directory) {
        cluster = LocalCluster.start(
                directory.resolve("work"), "--agents", "2", "--resources", "cpus:2;mem:1024;disk:1024");
    }

    @AfterAll
    void stopCluster() {
        cluster.close();
    }

    @Test
    void everyCallDoesWhatItSays() {
        try (SchedulerByHand scheduler =
                SchedulerByHand.subscribe(cluster.master(), INFO.formatted("by-hand", "hand", ""))) {
            JsonNode offer = scheduler.awaitOffer();
            assertThat(offer.path("hostname").asText()).isNotEmpty();
            assertThat(scheduler.call("ACCEPT", launch(offer, "t1", "sleep 1000")))
                    .isEqualTo(202);
            JsonNode running = scheduler.awaitUpdate("t1", "TASK_STARTING");
            assertThat(running.path("source").asText()).isEqualTo("SOURCE_EXECUTOR");
            scheduler.awaitUpdate("t1", "TASK_RUNNING");

            scheduler.call("RECONCILE", "\"reconcile\": {\"tasks\": [{\"task_id\": {\"value\": \"t1\"}}]}");
            JsonNode reconciled = scheduler.awaitUpdate("t1", "TASK_RUNNING");
            assertThat(reconciled.path("reason").asText()).isEqualTo("REASON_RECONCILIATION");
            assertThat(reconciled.has("uuid")).isFalse();

            assertThat(scheduler.call("KILL", "\"kill\": {\"task_id\": {\"value\": \"t1\"}}"))
                    .isEqualTo(202);
            scheduler.awaitUpdate("t1", "TASK_KILLED");

            JsonNode again = scheduler.awaitOffer();
            assertThat(scheduler.call(
                            "DECLINE",
                            "\"decline\": {\"offer_ids\": [%s], \"filters\": {\"refuse_seconds\": 3600}}"
                                    .formatted(again.path("id"))))
                    .isEqualTo(202);
            assertThat(scheduler.call("SUPPRESS", "\"suppress\": {}")).isEqualTo(202);
            assertThat(scheduler.call("REVIVE", "\"revive\": {}")).isEqualTo(202);
            scheduler.awaitOffer();
            assertThat(scheduler.call("TEARDOWN", "")).isEqualTo(202);
            await().atMost(Duration.ofSeconds(10)).until(() -> {
                JsonNode completed =
                        Http.get(cluster.master() + "/frameworks").json().path("completed_frameworks");
                return completed.toString().contains(scheduler.frameworkId());
            });
        }
    }

    @Test
    void aFinishedTaskGivesItsResourcesBackAtOnce() {
        try (SchedulerByHand scheduler =
                SchedulerByHand.subscribe(cluster.master(), INFO.formatted("quick", "quick", ""))) {
            JsonNode offer = scheduler.awaitOffer();
            scheduler.call("ACCEPT", launch(offer, "q1", "exit 0"));
            scheduler.awaitUpdate("q1", "TASK_FINISHED");
            scheduler.call("TEARDOWN", "");
        }
    }

    @Test
    void badCallsAreRefusedWithAReason() {
        Http.Answer noType = Http.post(cluster.master() + "/api/v1/scheduler", "{}");
        assertThat(noType.status()).isEqualTo(400);
        assertThat(noType.body()).contains("type");
        Http.Answer stranger = Http.post(
                cluster.master() + "/api/v1/scheduler",
                "{\"type\": \"REVIVE\", \"framework_id\": {\"value\": \"nobody\"}}");
        assertThat(stranger.status()).isEqualTo(400);
        try (SchedulerByHand scheduler =
                SchedulerByHand.subscribe(cluster.master(), INFO.formatted("bad", "bad", ""))) {
            JsonNode offer = scheduler.awaitOffer();
            scheduler.call("ACCEPT", launch(offer, "greedy", "true").replace("\"value\": 0.1", "\"value\": 1000"));
            JsonNode status = scheduler.awaitUpdate("greedy", "TASK_ERROR");
            assertThat(status.path("message").asText()).contains("cpus");
            scheduler.call("TEARDOWN", "");
        }
    }

    @Test
    void twoFrameworksShareTheClusterFairly() {
        try (SchedulerByHand one = SchedulerByHand.subscribe(cluster.master(), INFO.formatted("one", "one", ""))) {
            // Alone it is offered both agents; it gives them back when there is another one.
            List<JsonNode> all = new ArrayList<>();
            while (all.size() < 2) {
                one.awaitEvent("OFFERS", event -> true).at("/offers/offers").forEach(all::add);
            }
            try (SchedulerByHand two = SchedulerByHand.subscribe(cluster.master(), INFO.formatted("two", "two", ""))) {
                one.call(
                        "DECLINE",
                        "\"decline\": {\"offer_ids\": [%s, %s], \"filters\": {\"refuse_seconds\": 0}}"
                                .formatted(all.get(0).path("id"), all.get(1).path("id")));
                JsonNode first = one.awaitOffer();
                JsonNode second = two.awaitOffer();
                assertThat(first.path("agent_id")).isNotEqualTo(second.path("agent_id"));
                one.call("TEARDOWN", "");
                two.call("TEARDOWN", "");
            }
        }
    }

    @Test
    void theExampleOfTheClientLibraryRuns() throws Exception {
        String output = runExample("RunCommands.java", "echo hello", "exit 0");
        assertThat(output).contains("task-0 TASK_FINISHED").contains("task-1 TASK_FINISHED");
    }

    @Test
    void anExecutorOfOnesOwnSpeaksTheExecutorApi() throws Exception {
        String executor = "exec " + JAVA + " -Xmx64m "
                + Path.of("../docs/examples/EchoExecutor.java").toRealPath();
        assertThat(runExample("EchoTexts.java", executor, "hello", "and good bye"))
                .contains("HELLO")
                .contains("AND GOOD BYE");
    }

    /** Runs an example from its source, as its guide says. */
    private String runExample(String source, String... arguments) throws Exception {
        Path examples = Path.of("../frameworks/client/src/test/java/io/paddock/client/example");
        List<String> command = new ArrayList<>(List.of(
                JAVA,
                "-cp",
                System.getProperty("java.class.path"),
                examples.resolve(source).toString(),
                cluster.master().substring("http://".length())));
        command.addAll(List.of(arguments));
        Path output = Files.createTempFile("example", ".log");
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        try {
            assertThat(process.waitFor(60, TimeUnit.SECONDS))
                    .as(Files.readString(output))
                    .isTrue();
            assertThat(process.exitValue()).as(Files.readString(output)).isZero();
            return Files.readString(output);
        } finally {
            process.destroyForcibly();
            Files.delete(output);
        }
    }

    private static String launch(JsonNode offer, String taskId, String command) {
        return """
                "accept": {"offer_ids": [%s], "operations": [{"type": "LAUNCH", "launch": {"task_infos": [{
                  "name": "%s", "task_id": {"value": "%s"}, "agent_id": %s, "command": {"value": "%s"},
                  "resources": [{"name": "cpus", "type": "SCALAR", "scalar": {"value": 0.1}},
                                {"name": "mem", "type": "SCALAR", "scalar": {"value": 32}}]}]}}],
                  "filters": {"refuse_seconds": 0}}""".formatted(offer.path("id"), taskId, taskId, offer.path("agent_id"), command);
    }
}
