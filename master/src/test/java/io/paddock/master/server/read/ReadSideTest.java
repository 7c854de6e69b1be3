package io.paddock.master.server.read;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.paddock.master.server.MasterOptions;
import io.paddock.master.server.MasterServer;
import io.paddock.master.testing.FakeAgent;
import io.paddock.master.testing.FakeFramework;
import io.paddock.platform.json.Json;
import io.paddock.proto.json.JsonCodec;
import io.paddock.proto.recordio.RecordIO;
import io.paddock.proto.v1.Offer;
import io.paddock.proto.v1.TaskState;
import io.paddock.proto.v1.TaskStatus;
import io.paddock.proto.v1.master.Call;
import io.paddock.proto.v1.master.Event;
import io.paddock.proto.v1.master.Response;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.StreamSupport;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** A real master with an agent and a framework that only pretend, read by HTTP. */
class ReadSideTest {
    private static ActorTestKit kit;
    private static MasterServer master;
    private static FakeAgent agent;
    private static FakeFramework framework;

    private final HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    @BeforeAll
    static void startCluster() {
        kit = ActorTestKit.create();
        MasterOptions options = new MasterOptions();
        options.listen.port = 0;
        options.cluster = "testing";
        master = MasterServer.start(kit.system(), options).toCompletableFuture().join();
        await().until(() -> master.leadership().leading().isPresent());
        agent = FakeAgent.start(master.port(), "cpus:4;mem:1024;disk:2048;ports:[31000-31099];cpus(special):1");
        framework = FakeFramework.start(master.port(), "reader", "team/a");
        framework.launch(offer(0), "t-running", 1, 64);
        framework.launch(offer(1), "t-failed", 0.5, 32);
        await().until(() -> active() == 2);
        agent.report(
                "t-failed",
                TaskState.TASK_FAILED,
                TaskStatus.Reason.REASON_CONTAINER_LIMITATION_MEMORY,
                "out of memory");
        await().until(() -> active() == 1);
        framework.wantNothing();
    }

    @AfterAll
    static void stopCluster() {
        framework.close();
        agent.close();
        master.close();
        kit.shutdownTestKit();
    }

    @Test
    void stateHasWhatTheMesosWebUiAndExportersRead() throws Exception {
        for (String path : List.of("/state", "/master/state", "/state.json", "/master/state.json", "/master/state/")) {
            JsonNode state = get(path);
            assertThat(state.path("hostname").textValue()).isEqualTo("127.0.0.1");
            assertThat(state.path("cluster").textValue()).isEqualTo("testing");
            assertThat(state.path("leader").textValue()).isEqualTo("master@127.0.0.1:" + master.port());
            assertThat(state.path("leader_info").path("port").intValue()).isEqualTo(master.port());
            assertThat(state.path("activated_slaves").intValue()).isEqualTo(1);
            assertThat(state.path("flags").path("offer_timeout").textValue()).isEqualTo("2mins");
            assertThat(state.path("elected_time").isDouble()).isTrue();
            for (String list :
                    List.of("recovered_slaves", "completed_frameworks", "orphan_tasks", "unregistered_frameworks")) {
                assertThat(state.path(list).isArray()).as(list).isTrue();
            }
        }
    }

    @Test
    void stateTellsAnAgentsResources() throws Exception {
        JsonNode slave = get("/state").path("slaves").path(0);
        assertThat(slave.path("id").textValue()).isEqualTo(agent.id());
        assertThat(slave.path("pid").textValue()).startsWith("slave(1)@127.0.0.2:");
        assertThat(slave.path("active").booleanValue()).isTrue();
        assertThat(slave.path("attributes").path("rack").textValue()).isEqualTo("r1");
        assertThat(slave.path("resources").path("cpus").doubleValue()).isEqualTo(5.0);
        assertThat(slave.path("resources").path("gpus").toString()).isEqualTo("0.0");
        assertThat(slave.path("resources").path("ports").textValue()).isEqualTo("[31000-31099]");
        assertThat(slave.path("used_resources").path("mem").doubleValue()).isEqualTo(64.0);
        assertThat(slave.path("reserved_resources").path("special").path("cpus").doubleValue())
                .isEqualTo(1.0);
        assertThat(slave.path("unreserved_resources").path("cpus").doubleValue())
                .isEqualTo(4.0);
    }

    @Test
    void stateTellsAFrameworksTasksWithTheReasonOfTheLastStatus() throws Exception {
        JsonNode reader = get("/state").path("frameworks").path(0);
        assertThat(reader.path("id").textValue()).isEqualTo(framework.id());
        assertThat(reader.path("roles").toString()).isEqualTo("[\"team/a\"]");
        assertThat(reader.path("active").booleanValue()).isTrue();
        JsonNode running = reader.path("tasks").path(0);
        assertThat(running.path("id").textValue()).isEqualTo("t-running");
        assertThat(running.path("state").textValue()).isEqualTo("TASK_RUNNING");
        assertThat(running.path("slave_id").textValue()).isEqualTo(agent.id());
        assertThat(running.path("executor_id").textValue()).isEmpty();
        assertThat(running.path("role").textValue()).isEqualTo("team/a");
        assertThat(running.path("resources").path("cpus").doubleValue()).isEqualTo(1.0);
        JsonNode failed = reader.path("completed_tasks").path(0);
        JsonNode last = failed.path("statuses").path(failed.path("statuses").size() - 1);
        assertThat(last.path("state").textValue()).isEqualTo("TASK_FAILED");
        assertThat(last.path("reason").textValue()).isEqualTo("REASON_CONTAINER_LIMITATION_MEMORY");
        assertThat(last.path("message").textValue()).isEqualTo("out of memory");
    }

    @Test
    void summaryCountsTasksByState() throws Exception {
        JsonNode summary = get("/state-summary");
        for (JsonNode counted : List.of(
                summary.path("slaves").path(0), summary.path("frameworks").path(0))) {
            assertThat(counted.path("TASK_RUNNING").intValue()).isEqualTo(1);
            assertThat(counted.path("TASK_FAILED").intValue()).isEqualTo(1);
            assertThat(counted.path("TASK_LOST").intValue()).isZero();
        }
        assertThat(summary.path("slaves").path(0).path("framework_ids").toString())
                .contains(framework.id());
        assertThat(summary.path("frameworks").path(0).path("slave_ids").toString())
                .isEqualTo("[\"" + agent.id() + "\"]");
    }

    @Test
    void listsAreFilteredAndPaged() throws Exception {
        JsonNode slaves = get("/slaves?slave_id=" + agent.id());
        assertThat(slaves.path("slaves").size()).isEqualTo(1);
        JsonNode reserved = slaves.path("slaves").path(0).path("reserved_resources_full");
        assertThat(reserved.path("special").path(0).path("role").textValue()).isEqualTo("special");
        assertThat(get("/slaves?slave_id=none").path("slaves").size()).isZero();
        assertThat(get("/frameworks?framework_id=none").path("frameworks").size())
                .isZero();
        assertThat(ids(get("/tasks?framework_id=" + framework.id()).path("tasks")))
                .containsExactly("t-failed", "t-running");
        assertThat(ids(get("/tasks?order=asc&limit=1&framework_id=" + framework.id())
                        .path("tasks")))
                .containsExactly("t-running");
        assertThat(ids(get("/tasks?order=asc&offset=1&framework_id=" + framework.id())
                        .path("tasks")))
                .containsExactly("t-failed");
        assertThat(ids(get("/tasks?task_id=t-failed&limit=-1").path("tasks"))).containsExactly("t-failed");
        assertThat(text("/tasks?limit=few"))
                .isEqualTo("400 limit: expected a whole number of at least -1 but got 'few'\n");
        assertThat(text("/tasks?order=up")).startsWith("400 order: ");
    }

    @Test
    void rolesIncludeAncestors() throws Exception {
        JsonNode roles = get("/roles").path("roles");
        List<String> names = new ArrayList<>();
        roles.forEach(role -> names.add(role.path("name").textValue()));
        assertThat(names).containsExactly("special", "team", "team/a");
        assertThat(roles.path(1).path("allocated").path("cpus").doubleValue()).isEqualTo(1.0);
        assertThat(roles.path(2).path("frameworks").toString()).isEqualTo("[\"" + framework.id() + "\"]");
        assertThat(roles.path(0).path("reserved").path("cpus").doubleValue()).isEqualTo(1.0);
    }

    @Test
    void metricsHaveTheirMesosNames() throws Exception {
        JsonNode metrics = get("/metrics/snapshot");
        assertThat(metrics.path("master/elected").doubleValue()).isEqualTo(1.0);
        assertThat(metrics.path("master/slaves_active").doubleValue()).isEqualTo(1.0);
        assertThat(metrics.path("master/cpus_total").doubleValue()).isEqualTo(5.0);
        assertThat(metrics.path("master/cpus_used").doubleValue()).isEqualTo(1.0);
        assertThat(metrics.path("master/tasks_running").doubleValue()).isEqualTo(1.0);
        assertThat(metrics.path("master/tasks_failed").doubleValue()).isEqualTo(1.0);
        assertThat(metrics.path("master/task_failed/source_executor/reason_container_limitation_memory")
                        .doubleValue())
                .isEqualTo(1.0);
        assertThat(text("/metrics/prometheus")).startsWith("200 ").contains("master_tasks_failed_total");
    }

    @Test
    void smallEndpointsAnswer() throws Exception {
        assertThat(text("/health")).isEqualTo("200 ");
        assertThat(get("/version").path("version").textValue()).isEqualTo(MasterServer.VERSION);
        assertThat(get("/flags").path("flags").path("cluster").textValue()).isEqualTo("testing");
        assertThat(get("/system/stats.json").path("cpus_total").doubleValue()).isPositive();
        assertThat(get("/weights").isArray()).isTrue();
        assertThat(get("/quota").path("infos").isArray()).isTrue();
        assertThat(get("/maintenance/schedule").path("windows").isArray()).isTrue();
        assertThat(get("/master/maintenance/status").path("draining_machines").isArray())
                .isTrue();
        JsonNode registry = get("/registrar(1)/registry");
        assertThat(registry.at("/slaves/slaves/0/info/id/value").textValue()).isEqualTo(agent.id());
        assertThat(registry.at("/unreachable/slaves").isArray()).isTrue();
        assertThat(text("/teardown")).startsWith("405");
        assertThat(text("/version?jsonp=cb")).startsWith("200 cb({\"version\"").endsWith("});");
        assertThat(text("/nothing")).startsWith("404");
        HttpResponse<String> redirect = client.send(
                HttpRequest.newBuilder(uri("/master/redirect")).build(), HttpResponse.BodyHandlers.ofString());
        assertThat(redirect.statusCode()).isEqualTo(307);
        assertThat(redirect.headers().firstValue("Location")).contains("//127.0.0.1:" + master.port());
    }

    @Test
    void anAgentIsReadThroughTheMaster() throws Exception {
        agent.page("/files/read", (path, query) -> "{\"offset\":0,\"data\":\"" + query + "\"}");
        assertThat(get("/agent/" + agent.id() + "/files/read?path=/a/b&offset=-1")
                        .path("data")
                        .textValue())
                .isEqualTo("path=/a/b&offset=-1");
        assertThat(text("/agent/none/files/read")).isEqualTo("404 No agent 'none' is registered\n");
        assertThat(text("/agent/" + agent.id() + "/api/v1")).startsWith("404");
    }

    @Test
    void operatorReadsAnswerInBothFormats() throws Exception {
        Response agents = call(Call.Type.GET_AGENTS);
        assertThat(agents.getGetAgents().getAgents(0).getAgentInfo().getId().getValue())
                .isEqualTo(agent.id());
        assertThat(call(Call.Type.GET_HEALTH).getGetHealth().getHealthy()).isTrue();
        assertThat(call(Call.Type.GET_VERSION).getGetVersion().getVersionInfo().getVersion())
                .isEqualTo(MasterServer.VERSION);
        Response frameworks = call(Call.Type.GET_FRAMEWORKS);
        assertThat(frameworks
                        .getGetFrameworks()
                        .getFrameworks(0)
                        .getFrameworkInfo()
                        .getName())
                .isEqualTo("reader");
        Response tasks = call(Call.Type.GET_TASKS);
        assertThat(tasks.getGetTasks().getTasks(0).getTaskId().getValue()).isEqualTo("t-running");
        assertThat(tasks.getGetTasks().getCompletedTasks(0).getTaskId().getValue())
                .isEqualTo("t-failed");
        assertThat(call(Call.Type.GET_MASTER).getGetMaster().getMasterInfo().getPort())
                .isEqualTo(master.port());
        assertThat(call(Call.Type.GET_ROLES).getGetRoles().getRolesCount()).isEqualTo(3);
        assertThat(call(Call.Type.GET_METRICS).getGetMetrics().getMetricsCount())
                .isGreaterThan(50);
        for (Call.Type type : List.of(
                Call.Type.GET_STATE,
                Call.Type.GET_EXECUTORS,
                Call.Type.GET_OPERATIONS,
                Call.Type.GET_WEIGHTS,
                Call.Type.GET_QUOTA,
                Call.Type.GET_FLAGS,
                Call.Type.GET_LOGGING_LEVEL,
                Call.Type.GET_MAINTENANCE_STATUS,
                Call.Type.GET_MAINTENANCE_SCHEDULE)) {
            assertThat(call(type).getType().name()).isEqualTo(type.name());
        }
        assertThat(postJson("{\"type\":\"GET_HEALTH\"}").body())
                .isEqualTo("{\"type\":\"GET_HEALTH\",\"get_health\":{\"healthy\":true}}");
        assertThat(postJson("{\"type\":\"READ_FILE\",\"read_file\":{\"path\":\"/x\",\"offset\":0}}")
                        .statusCode())
                .isEqualTo(404);
        assertThat(postJson("{\"type\":\"READ_FILE\",\"read_file\":{\"path\":\"/x\"}}")
                        .body())
                .contains("read_file.offset");
    }

    @Test
    void subscribersGetTheStateAndThenEveryChange() throws Exception {
        HttpResponse<InputStream> response = client.send(
                post("{\"type\":\"SUBSCRIBE\"}", "application/x-protobuf"), HttpResponse.BodyHandlers.ofInputStream());
        List<Event> events = new CopyOnWriteArrayList<>();
        CompletableFuture<Void> reading = CompletableFuture.runAsync(() -> read(response.body(), events));
        await().until(() -> events.size() >= 2);
        assertThat(events.get(0).getSubscribed().getGetState().getGetAgents().getAgentsCount())
                .isPositive();
        assertThat(events.get(0).getSubscribed().getHeartbeatIntervalSeconds()).isEqualTo(15);
        assertThat(events.get(1).getType()).isEqualTo(Event.Type.HEARTBEAT);

        try (FakeFramework second = FakeFramework.start(master.port(), "second", "team/a")) {
            await().until(() -> types(events).contains(Event.Type.FRAMEWORK_ADDED));
            await().until(() -> !second.offers().isEmpty());
            second.launch(second.offers().get(0), "t-streamed", 0.1, 32);
            await().until(() -> types(events).containsAll(List.of(Event.Type.TASK_ADDED, Event.Type.TASK_UPDATED)));
            Event updated = events.stream()
                    .filter(event -> event.getType() == Event.Type.TASK_UPDATED)
                    .findFirst()
                    .orElseThrow();
            assertThat(updated.getTaskUpdated().getStatus().getTaskId().getValue())
                    .isEqualTo("t-streamed");
            second.call("{\"framework_id\":{\"value\":\"" + second.id() + "\"},\"type\":\"TEARDOWN\"}");
            await().until(() -> types(events).contains(Event.Type.FRAMEWORK_REMOVED));
        }
        response.body().close();
        reading.join();
    }

    private static Offer offer(int index) {
        await().until(() -> framework.offers().size() > index);
        return framework.offers().get(index);
    }

    private static long active() {
        return master.leadership().leading().orElseThrow().current().agents().stream()
                .mapToLong(known -> known.tasks().size())
                .sum();
    }

    private static List<Event.Type> types(List<Event> events) {
        return events.stream().map(Event::getType).toList();
    }

    private static List<String> ids(JsonNode tasks) {
        return StreamSupport.stream(tasks.spliterator(), false)
                .map(task -> task.path("id").textValue())
                .toList();
    }

    private static void read(InputStream in, List<Event> events) {
        RecordIO.Decoder decoder = new RecordIO.Decoder(16 << 20);
        byte[] buffer = new byte[1 << 16];
        try {
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                for (byte[] record : decoder.decode(Arrays.copyOf(buffer, n))) {
                    events.add(Event.parseFrom(record));
                }
            }
        } catch (IOException e) {
            assertThat(e).hasMessageContaining("closed");
        }
    }

    private Response call(Call.Type type) throws Exception {
        String json = "{\"type\":\"" + type + "\"" + (type == Call.Type.GET_METRICS ? ",\"get_metrics\":{}" : "") + "}";
        HttpResponse<byte[]> binary =
                client.send(post(json, "application/x-protobuf"), HttpResponse.BodyHandlers.ofByteArray());
        assertThat(binary.statusCode()).as(type.name()).isEqualTo(200);
        Response inProtobuf = Response.parseFrom(binary.body());
        Response inJson = JsonCodec.fromJson(postJson(json).body(), Response.getDefaultInstance());
        assertThat(inJson.getType()).isEqualTo(inProtobuf.getType());
        return inProtobuf;
    }

    private HttpResponse<String> postJson(String json) throws Exception {
        return client.send(post(json, "application/json"), HttpResponse.BodyHandlers.ofString());
    }

    private HttpRequest post(String json, String accept) {
        return HttpRequest.newBuilder(uri("/api/v1"))
                .header("Content-Type", "application/json")
                .header("Accept", accept)
                .POST(HttpRequest.BodyPublishers.ofString(json))
                .build();
    }

    private JsonNode get(String path) throws Exception {
        HttpResponse<byte[]> response =
                client.send(HttpRequest.newBuilder(uri(path)).build(), HttpResponse.BodyHandlers.ofByteArray());
        assertThat(response.statusCode()).as(path).isEqualTo(200);
        assertThat(response.headers().firstValue("Content-Type").orElse(""))
                .as(path)
                .startsWith("application/json");
        return Json.mapper().readTree(response.body());
    }

    private String text(String path) throws Exception {
        HttpResponse<String> response =
                client.send(HttpRequest.newBuilder(uri(path)).build(), HttpResponse.BodyHandlers.ofString());
        return response.statusCode() + " " + response.body();
    }

    private static URI uri(String path) {
        return URI.create("http://127.0.0.1:" + master.port() + path);
    }
}
