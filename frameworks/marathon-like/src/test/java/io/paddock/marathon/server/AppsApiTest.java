package io.paddock.marathon.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.paddock.marathon.server.RunningMarathon.Reply;
import io.paddock.proto.v1.TaskState;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code /v2/apps} and what hangs on it, over real HTTP. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class AppsApiTest {
    private static final Duration SOON = Duration.ofSeconds(10);
    private RunningMarathon marathon;

    @BeforeAll
    void start() {
        marathon = new RunningMarathon();
        marathon.master.addAgent("host1", "cpus:16;mem:16384;disk:1000;ports:[31000-31999]");
    }

    @AfterAll
    void stop() {
        marathon.close();
    }

    private JsonNode app(String id) {
        return marathon.get("/v2/apps" + id).json().path("app");
    }

    private void awaitRunning(String id, int count) {
        await().atMost(SOON).until(() -> {
            JsonNode app = app(id);
            return app.path("tasksRunning").asInt() == count
                    && app.path("deployments").isEmpty();
        });
    }

    private void create(String json) {
        Reply reply = marathon.post("/v2/apps", json);
        assertThat(reply.status()).as(reply.body()).isEqualTo(201);
    }

    @Test
    void createsAnApp() {
        Reply reply =
                marathon.post("/v2/apps", "{\"id\":\"create/web\",\"cmd\":\"sleep 100\",\"cpus\":0.1,\"instances\":2}");
        assertThat(reply.status()).as(reply.body()).isEqualTo(201);
        assertThat(reply.header("Location")).isEqualTo("/create/web");
        assertThat(reply.header("Marathon-Deployment-Id")).isNotEmpty();
        assertThat(reply.header("X-Marathon-Leader")).startsWith("http://127.0.0.1:");
        assertThat(reply.header("Cache-Control")).contains("no-store");
        assertThat(reply.json().path("id").asText()).isEqualTo("/create/web");
        assertThat(reply.json().path("deployments").path(0).path("id").asText())
                .isEqualTo(reply.header("Marathon-Deployment-Id"));
        assertThat(reply.json().has("versionInfo")).isFalse();
        assertThat(reply.json().has("tasks")).isFalse();

        awaitRunning("/create/web", 2);
        JsonNode task = app("/create/web").path("tasks").path(0);
        assertThat(task.path("id").asText()).matches("create_web\\.instance-[0-9a-f-]{36}\\._app\\.1");
        assertThat(task.path("state").asText()).isEqualTo("TASK_RUNNING");
        assertThat(task.path("host").asText()).isEqualTo("host1");
        assertThat(task.path("ports").path(0).asInt()).isBetween(31000, 31999);
        assertThat(marathon.get("/v2/groups/create").json().path("id").asText()).isEqualTo("/create");
    }

    @Test
    void refusesASecondAppOfThatName() {
        create("{\"id\":\"/twice\",\"cmd\":\"true\",\"instances\":0}");
        Reply reply = marathon.post("/v2/apps", "{\"id\":\"/twice\",\"cmd\":\"true\"}");
        assertThat(reply.status()).isEqualTo(409);
        assertThat(reply.json().path("message").asText()).contains("/twice");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "/id | {\"cmd\":\"true\"}",
                "/id | {\"id\":\"/UPPER\",\"cmd\":\"true\"}",
                "/id | {\"id\":\"/a/tasks\",\"cmd\":\"true\"}",
                "/ | {\"id\":\"/a\"}",
                "/ | {\"id\":\"/a\",\"cmd\":\"x y\",\"args\":[\"x\"]}",
                "/cpus | {\"id\":\"/a\",\"cmd\":\"true\",\"cpus\":-1}",
                "/cpus | {\"id\":\"/a\",\"cmd\":\"true\",\"cpus\":\"many\"}",
                "/instances | {\"id\":\"/a\",\"cmd\":\"true\",\"instances\":-1}",
                "/upgradeStrategy/minimumHealthCapacity | {\"id\":\"/a\",\"cmd\":\"true\",\"upgradeStrategy\":{\"minimumHealthCapacity\":2,\"maximumOverCapacity\":1}}",
                "/constraints(0) | {\"id\":\"/a\",\"cmd\":\"true\",\"constraints\":[[\"hostname\",\"NEAR\"]]}",
                "/constraints(0) | {\"id\":\"/a\",\"cmd\":\"true\",\"constraints\":[[\"hostname\",\"LIKE\",\"[\"]]}",
                "/constraints(0) | {\"id\":\"/a\",\"cmd\":\"true\",\"constraints\":[[\"hostname\",\"UNIQUE\",\"x\"]]}",
                "/healthChecks(0)/portIndex | {\"id\":\"/a\",\"cmd\":\"true\",\"healthChecks\":[{\"protocol\":\"HTTP\",\"portIndex\":3}]}",
                "/healthChecks(0)/protocol | {\"id\":\"/a\",\"cmd\":\"true\",\"healthChecks\":[{\"protocol\":\"GOPHER\"}]}",
                "/portDefinitions | {\"id\":\"/a\",\"cmd\":\"true\",\"portDefinitions\":[{\"port\":80},{\"port\":80}]}",
                "/networks(0)/name | {\"id\":\"/a\",\"cmd\":\"true\",\"networks\":[{\"mode\":\"container\"}]}",
                "/container/docker | {\"id\":\"/a\",\"cmd\":\"true\",\"container\":{\"type\":\"DOCKER\"}}",
                "/container/docker/image | {\"id\":\"/a\",\"container\":{\"type\":\"DOCKER\",\"docker\":{}}}",
                "/container/volumes(0)/persistent | {\"id\":\"/a\",\"cmd\":\"x y\",\"container\":{\"type\":\"MESOS\",\"volumes\":[{\"containerPath\":\"d\",\"persistent\":{\"size\":1}}]}}",
                "/env/A | {\"id\":\"/a\",\"cmd\":\"true\",\"env\":{\"A\":{\"secret\":\"s\"}}}",
                "/acceptedResourceRoles | {\"id\":\"/a\",\"cmd\":\"true\",\"acceptedResourceRoles\":[]}",
                "/unreachableStrategy/inactiveAfterSeconds | {\"id\":\"/a\",\"cmd\":\"true\",\"unreachableStrategy\":{\"inactiveAfterSeconds\":9,\"expungeAfterSeconds\":1}}",
                "/dependencies | {\"id\":\"/a\",\"cmd\":\"true\",\"dependencies\":[\"/a\"]}",
            })
    void badInputNamesTheFieldAndChangesNothing(String path, String json) {
        Reply reply = marathon.post("/v2/apps", json);
        assertThat(reply.status()).as(reply.body()).isEqualTo(422);
        List<String> paths = new ArrayList<>();
        reply.json().path("details").forEach(d -> {
            paths.add(d.path("path").asText());
            assertThat(d.path("errors").size()).isPositive();
        });
        assertThat(paths).as(reply.body()).contains(path);
        assertThat(marathon.get("/v2/apps/a").status()).isEqualTo(404);
    }

    @Test
    void otherRefusals() {
        assertThat(marathon.post("/v2/apps", "{\"id\": ").status()).isEqualTo(400);
        assertThat(marathon.post("/v2/apps", "").status()).isEqualTo(400);
        assertThat(marathon.send("POST", "/v2/apps", "id=web", "Content-Type", "text/plain")
                        .status())
                .isEqualTo(415);
        assertThat(marathon.get("/v2/apps/nobody").status()).isEqualTo(404);
        assertThat(marathon.patch("/v2/apps/nobody", "{\"instances\":1}").status())
                .isEqualTo(404);
        assertThat(marathon.delete("/v2/apps/nobody").status()).isEqualTo(404);
        assertThat(marathon.post("/v2/apps/nobody/restart", "{}").status()).isEqualTo(404);
        assertThat(marathon.send("PATCH", "/v2/tasks", "{}").status()).isEqualTo(405);
        assertThat(marathon.get("/v2/apps?label=a=b").status()).isEqualTo(422);
        assertThat(marathon.get("/nowhere").status()).isEqualTo(404);
        assertThat(marathon.get("/v2/apps/nobody/versions/yesterday").status()).isEqualTo(422);
    }

    @Test
    void aChangeKeepsWhatItDoesNotName() {
        create(
                "{\"id\":\"/merge\",\"cmd\":\"sleep 1\",\"mem\":64,\"instances\":0,\"labels\":{\"a\":\"1\",\"b\":\"2\"},\"env\":{\"X\":\"1\"}}");
        Reply reply = marathon.put("/v2/apps/merge", "{\"labels\":{\"c\":\"3\"},\"user\":null,\"ignored\":1}");
        assertThat(reply.status()).as(reply.body()).isEqualTo(200);
        assertThat(reply.json().path("deploymentId").asText()).isNotEmpty();
        JsonNode app = app("/merge");
        assertThat(app.path("labels").toString()).isEqualTo("{\"c\":\"3\"}");
        assertThat(app.path("env").path("X").asText()).isEqualTo("1");
        assertThat(app.path("mem").asDouble()).isEqualTo(64);
        assertThat(app.path("version").asText())
                .isEqualTo(reply.json().path("version").asText());

        marathon.put("/v2/apps/merge?partialUpdate=false", "{\"cmd\":\"sleep 2\",\"instances\":0}");
        assertThat(app("/merge").has("env")).isFalse();
        assertThat(app("/merge").path("mem").asDouble()).isEqualTo(128);
    }

    @Test
    void putCreatesWhatIsNotThere() {
        Reply reply = marathon.put("/v2/apps/put/new", "{\"cmd\":\"sleep 1\",\"instances\":0}");
        assertThat(reply.status()).isEqualTo(201);
        assertThat(reply.header("Location")).isEqualTo("/put/new");
        assertThat(marathon.put(
                                "/v2/apps",
                                "[{\"id\":\"/put/new\",\"mem\":1},{\"id\":\"/put/other\",\"cmd\":\"sleep 1\",\"instances\":0}]")
                        .status())
                .isEqualTo(200);
        assertThat(app("/put/other").path("cmd").asText()).isEqualTo("sleep 1");
    }

    @Test
    void versionsAreKeptAndCanBeGoneBackTo() {
        create("{\"id\":\"/history\",\"cmd\":\"sleep 1\",\"instances\":0}");
        String first = app("/history").path("version").asText();
        marathon.put("/v2/apps/history", "{\"cmd\":\"sleep 2\"}");
        JsonNode versions = marathon.get("/v2/apps/history/versions").json().path("versions");
        assertThat(versions).hasSize(2);
        assertThat(versions.path(1).asText()).isEqualTo(first);
        assertThat(marathon.get("/v2/apps/history/versions/" + first)
                        .json()
                        .path("cmd")
                        .asText())
                .isEqualTo("sleep 1");

        assertThat(marathon.put("/v2/apps/history", "{\"version\":\"" + first + "\",\"cmd\":\"x\"}")
                        .status())
                .isEqualTo(422);
        assertThat(marathon.put("/v2/apps/history", "{\"version\":\"" + first + "\"}")
                        .status())
                .isEqualTo(200);
        assertThat(app("/history").path("cmd").asText()).isEqualTo("sleep 1");
    }

    @ParameterizedTest
    @CsvSource({
        "/v2/apps//paths/web",
        "/v2/apps/paths%2Fweb",
        "/v2/apps/%2Fpaths/web",
        "/v2/apps/paths/x/../web",
        "/v2/apps/paths/web/"
    })
    void pathsAreRead(String path) {
        marathon.put("/v2/apps/paths/web", "{\"cmd\":\"sleep 1\",\"instances\":0}");
        assertThat(marathon.get(path).json().path("app").path("id").asText()).isEqualTo("/paths/web");
    }

    @Test
    void listsAndFilters() {
        marathon.put("/v2/apps/list/one", "{\"cmd\":\"sleep 11\",\"instances\":0,\"labels\":{\"tier\":\"web\"}}");
        marathon.put("/v2/apps/list/two", "{\"cmd\":\"SLEEP 12\",\"instances\":0,\"labels\":{\"tier\":\"db\"}}");
        assertThat(ids("/v2/apps?id=LIST/")).containsExactly("/list/one", "/list/two");
        assertThat(ids("/v2/apps?id=list/&cmd=sleep%2012")).containsExactly("/list/two");
        assertThat(ids("/v2/apps?id=list/&label=tier==web")).containsExactly("/list/one");
        assertThat(ids("/v2/apps?id=list/&label=tier!=web")).containsExactly("/list/two");
        assertThat(ids("/v2/apps?id=list/&label=tier%20in%20(web,db)")).hasSize(2);
        assertThat(marathon.get("/v2/apps/list/*").json().path("*")).hasSize(2);
        JsonNode one = marathon.get("/v2/apps?id=list/one").json().path("apps").path(0);
        assertThat(one.has("tasksRunning")).isTrue();
        assertThat(one.has("tasks")).isFalse();
        assertThat(marathon.get("/v2/apps?id=list/one&embed=apps.tasks")
                        .json()
                        .path("apps")
                        .path(0)
                        .has("tasks"))
                .isTrue();
    }

    private List<String> ids(String path) {
        List<String> ids = new ArrayList<>();
        marathon.get(path).json().path("apps").forEach(a -> ids.add(a.path("id").asText()));
        return ids;
    }

    @Test
    void aKilledTaskIsReplacedAndTheFailureIsShown() {
        create("{\"id\":\"/alive\",\"cmd\":\"sleep 100\",\"cpus\":0.1,\"backoffSeconds\":0}");
        awaitRunning("/alive", 1);
        String first = app("/alive").path("tasks").path(0).path("id").asText();
        marathon.master.report(first, TaskState.TASK_FAILED, "exited with 137");
        await().atMost(Duration.ofSeconds(3)).until(() -> {
            JsonNode task = app("/alive").path("tasks").path(0);
            return task.path("state").asText().equals("TASK_RUNNING")
                    && !task.path("id").asText().equals(first);
        });
        JsonNode failure = app("/alive").path("lastTaskFailure");
        assertThat(failure.path("taskId").asText()).isEqualTo(first);
        assertThat(failure.path("message").asText()).isEqualTo("exited with 137");
    }

    @Test
    void killsTasks() {
        create("{\"id\":\"/kill\",\"cmd\":\"sleep 100\",\"cpus\":0.1,\"instances\":3,\"backoffSeconds\":0}");
        awaitRunning("/kill", 3);
        JsonNode tasks = marathon.get("/v2/apps/kill/tasks").json().path("tasks");
        String one = tasks.path(0).path("id").asText();
        assertThat(marathon.delete("/v2/apps/kill/tasks/" + one + "?scale=true&wipe=true")
                        .status())
                .isEqualTo(400);
        Reply killed = marathon.delete("/v2/apps/kill/tasks/" + one);
        assertThat(killed.json().path("task").path("id").asText()).isEqualTo(one);
        await().atMost(SOON)
                .until(() -> !marathon.get("/v2/apps/kill/tasks").body().contains(one));
        awaitRunning("/kill", 3);

        String two = tasks.path(1).path("id").asText();
        Reply scaled = marathon.post("/v2/tasks/delete?scale=true", "{\"ids\":[\"" + two + "\"]}");
        assertThat(scaled.json().path("deploymentId").asText())
                .as(scaled.body())
                .isNotEmpty();
        awaitRunning("/kill", 2);
        assertThat(app("/kill").path("instances").asInt()).isEqualTo(2);

        assertThat(marathon.post("/v2/tasks/delete", "{\"ids\":[\"nonsense\"]}").status())
                .isEqualTo(400);
        assertThat(marathon.delete("/v2/apps/kill/tasks?host=elsewhere").json().path("tasks"))
                .isEmpty();
        assertThat(marathon.delete("/v2/apps/kill/tasks?host=host1").json().path("tasks"))
                .hasSize(2);
    }

    @Test
    void restartAndDelete() {
        create("{\"id\":\"/bye\",\"cmd\":\"sleep 100\",\"cpus\":0.1}");
        awaitRunning("/bye", 1);
        String first = app("/bye").path("tasks").path(0).path("id").asText();
        assertThat(marathon.post("/v2/apps/bye/restart", "").status()).isEqualTo(200);
        await().atMost(SOON)
                .until(() -> !marathon.get("/v2/apps/bye/tasks").body().contains(first));
        awaitRunning("/bye", 1);
        assertThat(marathon.delete("/v2/apps/bye").json().path("deploymentId").asText())
                .isNotEmpty();
        assertThat(marathon.get("/v2/apps/bye").status()).isEqualTo(404);
        await().atMost(SOON)
                .until(() -> marathon.get("/v2/tasks").json().path("tasks").findValuesAsText("appId").stream()
                        .noneMatch("/bye"::equals));
    }

    @Test
    void whatIsTooBigWaitsAndSaysWhy() {
        create("{\"id\":\"/huge\",\"cmd\":\"sleep 100\",\"cpus\":100}");
        await().atMost(SOON).untilAsserted(() -> {
            JsonNode item = queued("/huge");
            assertThat(item.path("count").asInt()).isEqualTo(1);
            assertThat(item.path("delay").path("overdue").asBoolean()).isTrue();
            JsonNode summary = item.path("processedOffersSummary");
            assertThat(summary.path("unusedOffersCount").asInt()).isPositive();
            JsonNode cpus = summary.path("rejectSummaryLastOffers").path(4);
            assertThat(cpus.path("reason").asText()).isEqualTo("InsufficientCpus");
            assertThat(cpus.path("declined").asInt()).isEqualTo(1);
            assertThat(item.path("reason").asText())
                    .startsWith(
                            "The last offers of 1 agents did not fit: 1 for InsufficientCpus (needs 100, the largest");
            assertThat(item.path("lastUnusedOffers")
                            .path(0)
                            .path("reason")
                            .path(0)
                            .asText())
                    .isEqualTo("InsufficientCpus");
        });
        Reply locked = marathon.put("/v2/apps/huge", "{\"cpus\":0.1}");
        assertThat(locked.status()).isEqualTo(409);
        String deployment = locked.json().path("deployments").path(0).path("id").asText();
        assertThat(marathon.get("/v2/deployments").body()).contains(deployment);
        assertThat(marathon.delete("/v2/queue//huge/delay").status()).isEqualTo(204);
        assertThat(marathon.delete("/v2/queue/nobody/delay").status()).isEqualTo(404);
        assertThat(marathon.delete("/v2/deployments/" + deployment + "?force=true")
                        .status())
                .isEqualTo(202);
        assertThat(marathon.delete("/v2/deployments/" + deployment).status()).isEqualTo(404);
        assertThat(marathon.delete("/v2/apps/huge").status()).isEqualTo(200);
        assertThat(queued("/huge").isMissingNode()).isTrue();
    }

    private JsonNode queued(String app) {
        for (JsonNode item : marathon.get("/v2/queue?embed=lastUnusedOffers&embed=reason")
                .json()
                .path("queue")) {
            if (item.path("app").path("id").asText().equals(app)) {
                return item;
            }
        }
        return com.fasterxml.jackson.databind.node.MissingNode.getInstance();
    }
}
