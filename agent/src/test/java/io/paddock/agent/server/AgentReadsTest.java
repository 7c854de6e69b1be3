package io.paddock.agent.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.paddock.platform.json.Json;
import io.paddock.proto.v1.CommandInfo;
import io.paddock.proto.v1.Environment;
import io.paddock.proto.v1.Image;
import io.paddock.proto.v1.TaskInfo;
import io.paddock.proto.v1.TaskState;
import io.paddock.proto.v1.agent.Call;
import io.paddock.proto.v1.agent.Response;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What an agent tells over HTTP while a task runs. */
class AgentReadsTest extends AgentUnderTest {
    @Test
    void rotatedOutputIsReadAsItWasWritten() throws Exception {
        run(task("t1", "head -c 3000000 /dev/zero | tr '\\0' x; echo; echo first; sleep 1; echo last; sleep 1000"));
        String sandbox = workDir.toRealPath() + "/slaves/m-S0/frameworks/fw/executors/t1/runs/latest";
        await().atMost(WAIT).until(() -> Files.exists(Path.of(sandbox, "stdout.1.gz")));
        for (String name : List.of("stdout.1", "stdout.1.gz")) {
            String path = URLEncoder.encode(sandbox + "/" + name, StandardCharsets.UTF_8);
            JsonNode size = Json.mapper().readTree(get("/files/read?offset=-1&path=" + path));
            assertThat(size.path("offset").longValue()).isGreaterThanOrEqualTo(2_000_000);
            JsonNode read = Json.mapper().readTree(get("/files/read?offset=1900000&length=5&path=" + path));
            assertThat(read.path("data").textValue()).isEqualTo("xxxxx");
        }
        assertThat(get("/files/browse?path=" + URLEncoder.encode(sandbox, StandardCharsets.UTF_8)))
                .contains("stdout.1.gz");
    }

    @Test
    void filesOutsideSandboxesAreNotShown() throws Exception {
        run(task("t1", "ln -s /etc/passwd leak; sleep 1000"));
        awaitState("t1", TaskState.TASK_RUNNING);
        String sandbox = workDir.toRealPath() + "/slaves/m-S0/frameworks/fw/executors/t1/runs/latest";
        await().atMost(Duration.ofSeconds(5)).until(() -> Files.isSymbolicLink(Path.of(sandbox, "leak")));
        for (String path : new String[] {
            "/etc/passwd",
            sandbox + "/leak",
            sandbox + "/../../../../../../../../meta/agent.log",
            "relative",
            sandbox + "/nope"
        }) {
            HttpResponse<String> answer = client.send(
                    HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + agent.port() + "/files/read?offset=0&path="
                                    + URLEncoder.encode(path, StandardCharsets.UTF_8)))
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
            assertThat(answer.statusCode()).as(path).isEqualTo(404);
        }
    }

    @Test
    void theOperatorApiAnswers() throws Exception {
        run(task("t1", "sleep 1000"));
        awaitState("t1", TaskState.TASK_RUNNING);
        assertThat(call(Call.Type.GET_TASKS).getGetTasks().getLaunchedTasksList())
                .extracting(t -> t.getTaskId().getValue())
                .containsExactly("t1");
        assertThat(call(Call.Type.GET_CONTAINERS).getGetContainers().getContainersList())
                .hasSize(1);
        assertThat(call(Call.Type.GET_AGENT)
                        .getGetAgent()
                        .getAgentInfo()
                        .getId()
                        .getValue())
                .isEqualTo("m-S0");
        String container =
                Json.mapper().readTree(get("/containers")).at("/0/container_id").textValue();
        for (String query : List.of("container_id=" + container, "framework_id=fw", "framework_id=fw&executor_id=t1")) {
            assertThat(Json.mapper().readTree(get("/containers?" + query)))
                    .as(query)
                    .hasSize(1);
        }
        for (String query : List.of("container_id=none", "framework_id=none", "framework_id=fw&executor_id=none")) {
            assertThat(get("/containers?" + query)).as(query).isEqualTo("[]");
        }
        Call metrics = Call.newBuilder()
                .setType(Call.Type.GET_METRICS)
                .setGetMetrics(Call.GetMetrics.getDefaultInstance())
                .build();
        assertThat(Response.parseFrom(post(metrics).body()).getGetMetrics().getMetricsList())
                .anyMatch(m -> m.getName().equals("slave/tasks_running") && m.getValue() == 1);
    }

    /** What every container on the host's network has; all keys are held by StatisticsTest. */
    @Test
    void statisticsHaveEveryKeyAndPrometheusUnderstandsThem() throws Exception {
        run(task("t1", "head -c 5000000 /dev/urandom > big; cat big > /dev/null; sync; sleep 1000").toBuilder()
                .setCommand(CommandInfo.newBuilder()
                        .setValue("head -c 5000000 /dev/urandom > big; sync; touch done; sleep 1000")
                        .setEnvironment(Environment.newBuilder()
                                .addVariables(Environment.Variable.newBuilder()
                                        .setName("MARATHON_APP_ID")
                                        .setValue("/shop/\"web\""))))
                .build());
        awaitState("t1", TaskState.TASK_RUNNING);
        String sandbox = workDir.toRealPath() + "/slaves/m-S0/frameworks/fw/executors/t1/runs/latest";
        await().atMost(WAIT).until(() -> Files.exists(Path.of(sandbox, "done")));
        JsonNode statistics =
                Json.mapper().readTree(get("/monitor/statistics")).path(0).path("statistics");
        for (String key : List.of(
                "timestamp",
                "processes",
                "threads",
                "cpus_user_time_secs",
                "cpus_system_time_secs",
                "cpus_limit",
                "cpus_nr_periods",
                "cpus_nr_throttled",
                "cpus_throttled_time_secs",
                "mem_rss_bytes",
                "mem_limit_bytes",
                "mem_total_bytes",
                "mem_total_memsw_bytes",
                "mem_cache_bytes",
                "mem_anon_bytes",
                "mem_file_bytes",
                "mem_mapped_file_bytes",
                "mem_swap_bytes",
                "mem_soft_limit_bytes",
                "mem_unevictable_bytes",
                "mem_kmem_usage_bytes",
                "mem_kmem_tcp_usage_bytes",
                "disk_used_bytes",
                "disk_statistics")) {
            assertThat(statistics.has(key)).as(key + " in " + statistics).isTrue();
        }
        assertThat(statistics.path("disk_used_bytes").asLong()).isGreaterThanOrEqualTo(5_000_000);
        String page = get("/metrics/prometheus");
        assertThat(page)
                .contains(
                        "# TYPE container_cpu_usage_seconds_total counter\n",
                        "name=\"t1\",task_id=\"t1\",executor_id=\"t1\",framework_id=\"fw\",framework=\"test\","
                                + "app=\"/shop/\\\"web\\\"\",image=\"\"} 67108864\n",
                        "machine_cpu_cores ",
                        "machine_memory_bytes ",
                        "slave_tasks_running 1\n");
        assertThat(page.lines())
                .allMatch(line -> line.matches("# (HELP|TYPE) [a-z_0-9]+ .*|[a-z_0-9]+(\\{.*})? [-0-9.E]+"));
        assertThat(page).containsPattern("container_start_time_seconds\\{[^}]*} [1-9]");
        assertThat(page).containsPattern("container_memory_working_set_bytes\\{[^}]*} [1-9]");
    }

    @Test
    void helpNamesWhatIsThere() throws Exception {
        int endpoints = 0;
        for (JsonNode process : Json.mapper().readTree(get("/help?format=json")).path("processes")) {
            for (JsonNode endpoint : process.path("endpoints")) {
                boolean read = endpoint.path("text").asText().startsWith("GET");
                String path = "/" + process.path("id").asText()
                        + endpoint.path("name").asText();
                HttpRequest.Builder request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + agent.port()
                        + path.replace("(", "%28").replace(")", "%29")));
                HttpResponse<String> answer = client.send(
                        (read ? request.GET() : request.POST(HttpRequest.BodyPublishers.noBody())).build(),
                        HttpResponse.BodyHandlers.ofString());
                assertThat(answer.statusCode()).as(path).isNotIn(404, 405, 500);
                endpoints++;
            }
        }
        assertThat(endpoints).isEqualTo(21);
        assertThat(get("/help")).contains("/slave(1)/state ", "/metrics/snapshot ");
        assertThat(get("/help/slave(1)/flags").lines()).hasSize(1);
    }

    @Test
    void imagesToKeepAreNamedAsImagesAre() throws Exception {
        HttpResponse<byte[]> answer = send(Call.newBuilder()
                .setType(Call.Type.PRUNE_IMAGES)
                .setPruneImages(Call.PruneImages.newBuilder()
                        .addExcludedImages(Image.newBuilder()
                                .setType(Image.Type.DOCKER)
                                .setDocker(Image.Docker.newBuilder().setName("not an image"))))
                .build());
        assertThat(answer.statusCode()).isEqualTo(400);
        assertThat(new String(answer.body(), StandardCharsets.UTF_8))
                .startsWith("prune_images.excluded_images: image name expected");
    }

    @Test
    void whatALaunchWaitsForIsTold() throws Exception {
        assertThat(get("/containerizer/debug")).isEqualTo("{\"pending\":[]}");
        try (ServerSocket silent = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            TaskInfo.Builder task = task("t1", "true").toBuilder();
            task.getCommandBuilder().addUrisBuilder().setValue("http://127.0.0.1:" + silent.getLocalPort() + "/never");
            run(task.build());
            await().atMost(WAIT).untilAsserted(() -> {
                JsonNode pending = Json.mapper()
                        .readTree(get("/slave(1)/containerizer/debug"))
                        .path("pending");
                assertThat(pending).hasSize(1);
                assertThat(pending.path(0).path("operation").textValue()).isEqualTo("fetch::prepare");
                assertThat(pending.path(0).path("args").path("containerId").textValue())
                        .hasSize(36);
                assertThat(pending.path(0).path("running_secs").isNumber()).isTrue();
            });
            kill("t1");
            awaitState("t1", TaskState.TASK_KILLED);
        }
        await().atMost(WAIT)
                .untilAsserted(() -> assertThat(get("/containerizer/debug")).isEqualTo("{\"pending\":[]}"));
        JsonNode metrics = Json.mapper().readTree(get("/metrics/snapshot"));
        assertThat(metrics.path("containerizer/fetcher/task_fetches_failed").asInt())
                .isEqualTo(1);
    }

    /** Those of Mesos' agents; not there are those of daemons, disks and providers that this one does not have. */
    @Test
    void metricsHaveTheNamesOfMesos() throws Exception {
        TaskInfo.Builder task = task("t1", "sleep 1000").toBuilder();
        task.getCommandBuilder().addUrisBuilder().setValue("/etc/passwd").setCache(true);
        run(task.build());
        awaitState("t1", TaskState.TASK_RUNNING);
        JsonNode metrics = Json.mapper().readTree(get("/metrics/snapshot"));
        List<String> names = new ArrayList<>(List.of(
                "slave/uptime_secs",
                "slave/registered",
                "slave/recovery_errors",
                "slave/recovery_time_secs",
                "slave/frameworks_active",
                "slave/executors_registering",
                "slave/executors_running",
                "slave/executors_terminating",
                "slave/executors_terminated",
                "slave/executors_preempted",
                "slave/valid_status_updates",
                "slave/invalid_status_updates",
                "slave/valid_framework_messages",
                "slave/invalid_framework_messages",
                "slave/executor_directory_max_allowed_age_secs",
                "slave/container_launch_errors",
                "gc/path_removals_pending",
                "gc/path_removals_succeeded",
                "gc/path_removals_failed",
                "containerizer/fetcher/task_fetches_succeeded",
                "containerizer/fetcher/task_fetches_failed",
                "containerizer/fetcher/cache_size_total_bytes",
                "containerizer/fetcher/cache_size_used_bytes",
                "containerizer/mesos/container_destroy_errors",
                "containerizer/mesos/filesystem/containers_new_rootfs",
                "containerizer/mesos/provisioner/bind/remove_rootfs_errors",
                "containerizer/mesos/provisioner/docker_store/image_pull_ms/count",
                "containerizer/mesos/provisioner/remove_container_errors",
                "resource_provider_manager/subscribed",
                "resource_provider_manager/events/subscribe",
                "resource_provider_manager/events/disconnect",
                "system/cpus_total",
                "system/load_1min",
                "system/load_5min",
                "system/load_15min",
                "system/mem_total_bytes",
                "system/mem_free_bytes"));
        for (String state :
                List.of("staging", "starting", "running", "killing", "finished", "failed", "killed", "lost", "gone")) {
            names.add("slave/tasks_" + state);
        }
        for (String resource : List.of("cpus", "gpus", "mem", "disk")) {
            for (String figure : List.of("total", "used", "percent")) {
                names.add("slave/" + resource + "_" + figure);
                names.add("slave/" + resource + "_revocable_" + figure);
            }
        }
        for (String name : names) {
            assertThat(metrics.path(name).isNumber()).as(name).isTrue();
        }
        assertThat(metrics.path("containerizer/fetcher/task_fetches_succeeded").asInt())
                .isEqualTo(1);
        assertThat(metrics.path("containerizer/fetcher/cache_size_used_bytes").asLong())
                .isEqualTo(Files.size(Path.of("/etc/passwd")));
        assertThat(metrics.path("containerizer/fetcher/cache_size_total_bytes").asLong())
                .isEqualTo(2L << 30);
        assertThat(metrics.path("slave/recovery_time_secs").asDouble()).isBetween(0.0, 60.0);
    }
}
