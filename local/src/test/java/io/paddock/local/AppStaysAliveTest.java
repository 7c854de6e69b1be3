package io.paddock.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/** The life of an app, with nothing but HTTP requests to marathon: the steps build on each other. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class AppStaysAliveTest {
    private static final Duration SOON = Duration.ofSeconds(30);

    private LocalCluster cluster;

    @BeforeAll
    void startCluster(@TempDir Path directory) {
        cluster = LocalCluster.start(
                directory.resolve("work"), "--resources", "cpus:4;mem:4096;disk:4096;ports:[21000-21999]");
    }

    @AfterAll
    void stopCluster() {
        cluster.close();
    }

    @Test
    @Order(1)
    void threeContainersAnswerOnTheirPorts() {
        Http.Answer created = Http.post(cluster.marathon() + "/v2/apps", """
                {"id": "/web", "cmd": "exec busybox httpd -f -p $PORT0 -h /usr/share/doc", "instances": 3,
                 "cpus": 0.1, "mem": 32, "backoffSeconds": 0,
                 "healthChecks": [{"protocol": "HTTP", "path": "/base-files/copyright", "portIndex": 0,
                                   "gracePeriodSeconds": 5, "intervalSeconds": 1, "timeoutSeconds": 1,
                                   "maxConsecutiveFailures": 2}]}""");
        assertThat(created.status()).as(created.body()).isEqualTo(201);
        awaitHealthy(3);
        assertThat(new HashSet<>(urls())).hasSize(3).allMatch(Http::answers);
        assertThat(app().path("tasksRunning").asInt()).isEqualTo(3);
    }

    @Test
    @Order(2)
    void theyRunInCgroupsAndNamespacesOfTheirOwn() throws IOException {
        Set<Path> namespaces = new HashSet<>();
        for (long pid : serverPids()) {
            assertThat(Files.readString(Path.of("/proc/" + pid + "/cgroup"))).contains("paddock");
            Path namespace = Files.readSymbolicLink(Path.of("/proc/" + pid + "/ns/pid"));
            assertThat(namespace).isNotEqualTo(Files.readSymbolicLink(Path.of("/proc/self/ns/pid")));
            namespaces.add(namespace);
        }
        assertThat(namespaces).hasSize(3);
    }

    @Test
    @Order(3)
    void aKilledOneIsReplacedWithinThreeSeconds() throws IOException {
        Set<String> before = taskIds();
        kill9(serverPids().get(0));
        await().atMost(Duration.ofSeconds(3))
                .pollInterval(Duration.ofMillis(50))
                .until(() -> {
                    Set<String> now = taskIds();
                    return now.size() == 3
                            && !now.equals(before)
                            && urls().stream().allMatch(Http::answers);
                });
        awaitHealthy(3);
    }

    @Test
    @Order(4)
    void scalesUpAndDown() {
        assertThat(Http.put(cluster.marathon() + "/v2/apps/web", "{\"instances\": 5}")
                        .status())
                .isEqualTo(200);
        awaitHealthy(5);
        assertThat(Http.put(cluster.marathon() + "/v2/apps/web", "{\"instances\": 2}")
                        .status())
                .isEqualTo(200);
        await().atMost(SOON)
                .until(() -> taskIds().size() == 2 && app().path("deployments").isEmpty());
        awaitHealthy(2);
    }

    @Test
    @Order(5)
    void aChangeRollsWithoutFallingBelowTheFloor() {
        Set<String> before = taskIds();
        Http.Answer answer = Http.put(cluster.marathon() + "/v2/apps/web", """
                {"env": {"COLOUR": "blue"}, "upgradeStrategy": {"minimumHealthCapacity": 1, "maximumOverCapacity": 0.5}}""");
        assertThat(answer.status()).as(answer.body()).isEqualTo(200);
        List<Integer> healthySeen = new ArrayList<>();
        await().atMost(Duration.ofSeconds(60))
                .pollInterval(Duration.ofMillis(50))
                .until(() -> {
                    JsonNode app = app();
                    healthySeen.add(app.path("tasksHealthy").asInt());
                    Set<String> now = taskIds(app);
                    return app.path("deployments").isEmpty()
                            && now.stream().noneMatch(before::contains)
                            && now.size() == 2;
                });
        assertThat(healthySeen).allMatch(healthy -> healthy >= 2);
        awaitHealthy(2);
    }

    @Test
    @Order(6)
    void aTaskWhoseHealthCheckFailsIsReplaced() {
        Http.Answer created = Http.post(cluster.marathon() + "/v2/apps", """
                {"id": "/sick", "cmd": "mkdir w; echo ok > w/health; (sleep 4; rm w/health) & exec busybox httpd -f -p $PORT0 -h w",
                 "cpus": 0.1, "mem": 32, "backoffSeconds": 0,
                 "healthChecks": [{"protocol": "MESOS_HTTP", "path": "/health", "portIndex": 0, "gracePeriodSeconds": 2,
                                   "intervalSeconds": 1, "timeoutSeconds": 1, "maxConsecutiveFailures": 2,
                                   "delaySeconds": 0}]}""");
        assertThat(created.status()).as(created.body()).isEqualTo(201);
        await().atMost(SOON).until(() -> taskIds("sick").size() == 1);
        Set<String> first = taskIds("sick");
        await().atMost(SOON).until(() -> {
            Set<String> now = taskIds("sick");
            return now.size() == 1 && !now.equals(first);
        });
        JsonNode failure = Http.get(cluster.marathon() + "/v2/apps/sick")
                .json()
                .path("app")
                .path("lastTaskFailure");
        assertThat(failure.path("taskId").asText()).isIn(first);
        assertThat(Http.delete(cluster.marathon() + "/v2/apps/sick").status()).isEqualTo(200);
    }

    @Test
    @Order(7)
    void anAppThatAsksForTooMuchWaitsAndSaysWhy() {
        Http.Answer created = Http.post(
                cluster.marathon() + "/v2/apps",
                "{\"id\": \"/huge\", \"cmd\": \"sleep 1000\", \"cpus\": 100, \"mem\": 32}");
        assertThat(created.status()).as(created.body()).isEqualTo(201);
        await().atMost(SOON).untilAsserted(() -> {
            JsonNode item = queueItem("/huge");
            assertThat(item.path("count").asInt()).isEqualTo(1);
            List<String> reasons = new ArrayList<>();
            item.path("processedOffersSummary").path("rejectSummaryLastOffers").forEach(reason -> {
                if (reason.path("declined").asInt() > 0) {
                    reasons.add(reason.path("reason").asText());
                }
            });
            assertThat(reasons).contains("InsufficientCpus");
        });
        assertThat(Http.delete(cluster.marathon() + "/v2/apps/huge").status()).isEqualTo(200);
    }

    @Test
    @Order(8)
    void badInputNamesTheFieldAndChangesNothing() {
        Http.Answer negative =
                Http.post(cluster.marathon() + "/v2/apps", "{\"id\": \"/bad\", \"cmd\": \"true\", \"cpus\": -1}");
        assertThat(negative.status()).isEqualTo(422);
        assertThat(negative.body()).contains("/cpus");
        assertThat(Http.get(cluster.marathon() + "/v2/apps/bad").status()).isEqualTo(404);
        assertThat(Http.post(cluster.marathon() + "/v2/apps", "{\"id\": ").status())
                .isEqualTo(400);
    }

    @Test
    @Order(9)
    void deletingLeavesNothingBehind() throws IOException {
        List<String> urls = urls();
        List<Long> pids = serverPids();
        assertThat(Http.delete(cluster.marathon() + "/v2/apps/web").status()).isEqualTo(200);
        await().atMost(SOON)
                .until(() -> Http.get(cluster.marathon() + "/v2/apps/web").status() == 404);
        await().atMost(SOON)
                .until(() ->
                        Http.get(cluster.marathon() + "/v2/deployments").json().isEmpty());
        assertThat(urls).noneMatch(Http::answers);
        assertThat(pids).noneMatch(pid -> Files.exists(Path.of("/proc/" + pid)));
        assertThat(Http.get(cluster.marathon() + "/v2/queue").json().path("queue"))
                .isEmpty();
    }

    private JsonNode app() {
        return Http.get(cluster.marathon() + "/v2/apps/web").json().path("app");
    }

    private void awaitHealthy(int count) {
        await().atMost(SOON).pollInterval(Duration.ofMillis(100)).until(() -> {
            JsonNode app = app();
            return app.path("tasksHealthy").asInt() == count
                    && app.path("tasks").size() == count
                    && app.path("deployments").isEmpty();
        });
    }

    private Set<String> taskIds() {
        return taskIds(app());
    }

    private Set<String> taskIds(String app) {
        return taskIds(Http.get(cluster.marathon() + "/v2/apps/" + app).json().path("app"));
    }

    private static Set<String> taskIds(JsonNode app) {
        Set<String> ids = new HashSet<>();
        app.path("tasks").forEach(task -> ids.add(task.path("id").asText()));
        return ids;
    }

    private List<String> urls() {
        List<String> urls = new ArrayList<>();
        app().path("tasks")
                .forEach(task -> urls.add(
                        "http://127.0.0.1:" + task.path("ports").path(0).asInt() + "/base-files/copyright"));
        return urls;
    }

    private JsonNode queueItem(String app) {
        for (JsonNode item : Http.get(cluster.marathon() + "/v2/queue").json().path("queue")) {
            if (item.path("app").path("id").asText().equals(app)) {
                return item;
            }
        }
        return com.fasterxml.jackson.databind.node.MissingNode.getInstance();
    }

    /** The web servers of the app's tasks, found by the ports they serve. */
    private List<Long> serverPids() {
        List<String> ports = new ArrayList<>();
        app().path("tasks").forEach(task -> ports.add(task.path("ports").path(0).asText()));
        return ProcessHandle.allProcesses()
                .filter(process -> process.info().commandLine().orElse("").contains("busybox httpd"))
                .filter(process -> ports.stream()
                        .anyMatch(
                                port -> process.info().commandLine().orElse("").contains("-p " + port)))
                .map(ProcessHandle::pid)
                .toList();
    }

    private static void kill9(long pid) throws IOException {
        new ProcessBuilder("kill", "-9", Long.toString(pid))
                .inheritIO()
                .start()
                .onExit()
                .join();
    }
}
