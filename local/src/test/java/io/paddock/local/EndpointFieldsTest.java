package io.paddock.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/**
 * What dashboards, exporters, DNS servers and command line tools read from a Mesos cluster is there, field by field, on a
 * cluster that runs something.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class EndpointFieldsTest {
    private static final String AGENT = "id hostname port attributes pid registered_time resources used_resources"
            + " offered_resources reserved_resources unreserved_resources active deactivated version capabilities";
    private static final String FRAMEWORK =
            "id name used_resources offered_resources capabilities hostname webui_url" + " active connected recovered";
    private static final String COUNTS = " TASK_STAGING TASK_STARTING TASK_RUNNING TASK_KILLING TASK_FINISHED"
            + " TASK_KILLED TASK_FAILED TASK_LOST TASK_ERROR TASK_UNREACHABLE";
    private static final String BUILD = "version build_date build_time build_user ";
    private static final String SCALARS = "cpus gpus mem disk";

    private LocalCluster cluster;

    @BeforeAll
    void runSomething(@TempDir Path directory) {
        cluster = LocalCluster.start(directory.resolve("work"));
        String app =
                "{\"id\": \"/fields\", \"cmd\": \"echo written; exec sleep 5000\", \"cpus\": 0.1, \"mem\": 32, \"labels\": {\"a\": \"b\"},"
                        + " \"portDefinitions\": [{\"port\": 0, \"name\": \"http\"}]}";
        assertThat(Http.post(cluster.marathon() + "/v2/apps", app).status()).isEqualTo(201);
        await().atMost(Duration.ofSeconds(40))
                .until(() ->
                        master("/metrics/snapshot").path("master/tasks_running").asInt() == 1);
    }

    @AfterAll
    void stop() {
        cluster.close();
    }

    private JsonNode master(String path) {
        return Http.get(cluster.master() + path).json();
    }

    private JsonNode agent(String path) {
        return Http.get(cluster.agent() + path).json();
    }

    private static void has(JsonNode object, String fields) {
        Set<String> missing = new TreeSet<>(List.of(fields.split(" ")));
        object.fieldNames().forEachRemaining(missing::remove);
        assertThat(missing).as("missing in %s", object).isEmpty();
    }

    private static JsonNode named(JsonNode array, String name) {
        for (JsonNode element : array) {
            if (element.path("name").asText().equals(name)) {
                return element;
            }
        }
        throw new AssertionError(name + " is not in " + array);
    }

    @Test
    void stateOfTheMaster() {
        JsonNode state = master("/master/state.json");
        has(
                state,
                BUILD + "start_time elected_time id pid hostname capabilities activated_slaves deactivated_slaves"
                        + " unreachable_slaves leader leader_info flags slaves recovered_slaves frameworks"
                        + " completed_frameworks orphan_tasks unregistered_frameworks");
        has(state.path("leader_info"), "id pid port hostname");
        has(state.at("/slaves/0"), AGENT);
        has(state.at("/slaves/0/resources"), SCALARS + " ports");
        assertThat(state.at("/slaves/0/pid").asText()).matches("slave\\(1\\)@[0-9.]+:[0-9]+");

        JsonNode marathon = named(state.path("frameworks"), "marathon");
        has(
                marathon,
                FRAMEWORK + " user failover_timeout checkpoint registered_time unregistered_time resources tasks"
                        + " unreachable_tasks completed_tasks offers executors");
        JsonNode task = marathon.at("/tasks/0");
        has(task, "id name framework_id executor_id slave_id state resources role statuses labels discovery");
        has(task.path("resources"), SCALARS + " ports");
        JsonNode status = task.path("statuses").get(task.path("statuses").size() - 1);
        has(status, "state timestamp container_status");
        has(status.path("container_status"), "container_id network_infos");
        assertThat(status.at("/container_status/network_infos/0/ip_addresses/0/ip_address")
                        .asText())
                .isNotEmpty();
    }

    @Test
    void agentsFrameworksTasksAndRoles() {
        JsonNode slaves = master("/slaves");
        has(slaves, "slaves recovered_slaves");
        has(
                slaves.at("/slaves/0"),
                AGENT + " reserved_resources_full unreserved_resources_full used_resources_full"
                        + " offered_resources_full");
        has(master("/frameworks"), "frameworks completed_frameworks unregistered_frameworks");
        assertThat(master("/tasks?limit=1").path("tasks")).hasSize(1);
        for (JsonNode role : master("/roles").path("roles")) {
            has(role, "name weight quota resources allocated offered reserved frameworks");
            has(role.path("quota"), "role guarantee limit consumed");
        }
        JsonNode summary = master("/state-summary");
        has(summary, "hostname slaves frameworks");
        has(summary.at("/slaves/0"), AGENT + COUNTS + " framework_ids");
        has(named(summary.path("frameworks"), "marathon"), FRAMEWORK + COUNTS + " slave_ids");
        assertThat(summary.at("/slaves/0/TASK_RUNNING").asInt()).isEqualTo(1);
    }

    @Test
    void stateOfTheAgent() {
        JsonNode state = agent("/slave(1)/state");
        has(
                state,
                BUILD + "start_time id pid hostname capabilities resources reserved_resources unreserved_resources"
                        + " reserved_resources_full unreserved_resources_full reserved_resources_allocated"
                        + " unreserved_resources_allocated resource_providers attributes master_hostname flags"
                        + " frameworks completed_frameworks");
        JsonNode framework = named(state.path("frameworks"), "marathon");
        has(framework, "id name user failover_timeout checkpoint hostname executors completed_executors");
        has(
                framework.at("/executors/0"),
                "id name source container directory resources role tasks queued_tasks completed_tasks");
    }

    @Test
    void statisticsOfContainers() {
        for (String path : List.of("/monitor/statistics", "/containers")) {
            JsonNode container = agent(path).get(0);
            has(container, "framework_id executor_id executor_name source statistics");
            has(
                    container.path("statistics"),
                    "timestamp processes threads cpus_user_time_secs cpus_system_time_secs cpus_limit cpus_nr_periods"
                            + " cpus_nr_throttled cpus_throttled_time_secs mem_rss_bytes mem_limit_bytes"
                            + " mem_total_bytes mem_cache_bytes mem_anon_bytes mem_file_bytes mem_mapped_file_bytes"
                            + " disk_used_bytes disk_statistics");
        }
        has(agent("/containers").get(0), "container_id status");
    }

    /** Requests of mesos-ps, mesos-cat and mesos-tail: from the master's state to the agent's, and to its files. */
    @Test
    void theOldToolsFindATaskAndItsOutput() {
        JsonNode state = master("/master/state.json");
        JsonNode task = named(state.path("frameworks"), "marathon").at("/tasks/0");
        JsonNode slave = state.at("/slaves/0");
        assertThat(slave.path("id")).isEqualTo(task.path("slave_id"));
        String agent = "http://" + slave.path("pid").asText().replaceFirst(".*@", "");
        JsonNode executor = named(
                        Http.get(agent + "/slave(1)/state.json").json().path("frameworks"), "marathon")
                .at("/executors/0");
        assertThat(executor.path("id")).isEqualTo(task.path("id"));
        String directory = executor.path("directory").asText();
        JsonNode files =
                Http.get(agent + "/files/browse.json?path=" + directory).json();
        has(files.get(0), "path mode nlink size mtime uid gid");
        String read = agent + "/files/read.json?path=" + directory + "/stdout";
        await().atMost(Duration.ofSeconds(20))
                .until(() -> Http.get(read + "&offset=-1").json().path("offset").asInt() == 8);
        assertThat(Http.get(read + "&offset=-1").json().path("data").asText()).isEmpty();
        assertThat(Http.get(read + "&offset=2&length=3").json()).hasToString("{\"data\":\"itt\",\"offset\":2}");
        assertThat(Http.get(agent + "/files/download.json?path=" + directory + "/stdout")
                        .body())
                .isEqualTo("written\n");
        JsonNode statistics =
                Http.get(agent + "/monitor/statistics.json").json().get(0);
        assertThat(statistics.path("executor_id")).isEqualTo(task.path("id"));
        assertThat(Http.get(agent + "/files/read.json?path=/nowhere&offset=0").status())
                .isEqualTo(404);
        assertThat(state.path("leader").asText()).matches("master@[0-9.]+:[0-9]+");
        assertThat(Http.get(cluster.master() + "/master/redirect")
                        .headers()
                        .firstValue("location")
                        .orElseThrow())
                .contains(state.path("leader").asText().substring("master@".length()));
    }

    /** Requests of the newer command line: lists with a trailing slash or a limit, then a command inside of a task. */
    @Test
    void theNewerCommandLineEntersATask() throws Exception {
        has(master("/master/frameworks/").at("/frameworks/0"), "id name active hostname webui_url");
        JsonNode task = master("/tasks?order=asc&limit=-1").at("/tasks/0");
        JsonNode container = task.at("/statuses/0/container_status/container_id");
        has(container, "value");
        assertThat(task.at("/container/type").asText("MESOS")).isEqualTo("MESOS");
        String nested = "{\"parent\":" + container + ",\"value\":\"" + UUID.randomUUID() + "\"}";
        String session =
                "{\"type\":\"LAUNCH_NESTED_CONTAINER_SESSION\",\"launch_nested_container_session\":{\"container_id\":"
                        + nested
                        + ",\"command\":{\"value\":\"sh\",\"arguments\":[\"sh\",\"-c\",\"echo hi; exit 3\"],\"shell\":false}}}";
        HttpResponse<String> output = HttpClient.newHttpClient()
                .send(
                        HttpRequest.newBuilder(URI.create(cluster.agent() + "/slave(1)/api/v1"))
                                .header("Content-Type", "application/json")
                                .header("Accept", "application/recordio")
                                .header("Message-Accept", "application/json")
                                .POST(HttpRequest.BodyPublishers.ofString(session))
                                .build(),
                        HttpResponse.BodyHandlers.ofString());
        assertThat(output.headers().firstValue("content-type")).contains("application/recordio");
        assertThat(output.headers().firstValue("message-content-type")).contains("application/json");
        assertThat(output.body()).isEqualTo("54\n{\"type\":\"DATA\",\"data\":{\"type\":\"STDOUT\",\"data\":\"aGkK\"}}");
        Http.Answer waited = Http.post(
                cluster.agent() + "/slave(1)/api/v1",
                "{\"type\":\"WAIT_NESTED_CONTAINER\",\"wait_nested_container\":{\"container_id\":" + nested + "}}");
        assertThat(waited.json().at("/wait_nested_container/exit_status").asInt())
                .isEqualTo(3 << 8);
    }

    @Test
    void metricsThatAlertsAndExportersRead() {
        has(
                master("/metrics/snapshot"),
                "master/uptime_secs master/elected master/cpus_percent master/mem_percent master/disk_used"
                        + " master/gpus_total master/cpus_revocable_total master/slaves_active master/slaves_connected"
                        + " master/slaves_unreachable master/frameworks_active master/outstanding_offers"
                        + " master/tasks_running master/tasks_lost master/tasks_gone_by_operator"
                        + " master/messages_launch_tasks master/messages_status_update master/dropped_messages"
                        + " master/valid_status_updates master/invalid_status_update_acknowledgements"
                        + " master/operations/total master/operations/reserve/pending master/event_queue_messages"
                        + " master/event_queue_http_requests master/slave_registrations master/slave_removals/reason_unhealthy"
                        + " registrar/queued_operations registrar/registry_size_bytes registrar/state_store_ms/p99"
                        + " registrar/state_fetch_ms system/load_1min system/mem_free_bytes");
        has(
                agent("/metrics/snapshot"),
                "slave/uptime_secs slave/registered slave/cpus_used slave/mem_percent slave/frameworks_active"
                        + " slave/tasks_running slave/tasks_failed slave/executors_running slave/executors_terminated"
                        + " slave/container_launch_errors slave/valid_status_updates system/cpus_total"
                        + " system/load_15min");
        assertThat(master("/metrics/snapshot")
                        .path("registrar/registry_size_bytes")
                        .asLong())
                .isPositive();
    }
}
