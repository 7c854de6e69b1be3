package io.paddock.agent.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.protobuf.ByteString;
import io.paddock.common.ByteSize;
import io.paddock.common.resources.Resources;
import io.paddock.platform.json.Json;
import io.paddock.proto.domain.ResourceMessages;
import io.paddock.proto.json.JsonCodec;
import io.paddock.proto.link.FromAgent;
import io.paddock.proto.link.KillTask;
import io.paddock.proto.link.RunTasks;
import io.paddock.proto.link.SchedulerMessage;
import io.paddock.proto.link.ShutdownExecutor;
import io.paddock.proto.link.ToAgent;
import io.paddock.proto.recordio.RecordIO;
import io.paddock.proto.v1.CommandInfo;
import io.paddock.proto.v1.ContainerID;
import io.paddock.proto.v1.ContainerInfo;
import io.paddock.proto.v1.Environment;
import io.paddock.proto.v1.ExecutorID;
import io.paddock.proto.v1.ExecutorInfo;
import io.paddock.proto.v1.FrameworkID;
import io.paddock.proto.v1.FrameworkInfo;
import io.paddock.proto.v1.Image;
import io.paddock.proto.v1.TaskID;
import io.paddock.proto.v1.TaskInfo;
import io.paddock.proto.v1.TaskState;
import io.paddock.proto.v1.agent.Call;
import io.paddock.proto.v1.agent.ProcessIO;
import io.paddock.proto.v1.agent.Response;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A whole agent: a real link, real containers, a scripted master. */
class AgentServerTest {
    private static final FrameworkInfo FRAMEWORK = FrameworkInfo.newBuilder()
            .setId(FrameworkID.newBuilder().setValue("fw"))
            .setUser("root")
            .setName("test")
            .addCapabilities(
                    FrameworkInfo.Capability.newBuilder().setType(FrameworkInfo.Capability.Type.PARTITION_AWARE))
            .build();

    /** Long enough for a busy machine to start a JVM. */
    private static final Duration WAIT = Duration.ofSeconds(60);

    @TempDir
    Path workDir;

    private final HttpClient client = HttpClient.newHttpClient();
    private ActorSystem<Void> system;
    private ScriptedMaster master;
    private AgentServer agent;

    @BeforeEach
    void start() {
        assumeTrue(System.getProperty("user.name").equals("root"), "containers need root");
        system = ActorSystem.create(Behaviors.empty(), "agent-test");
        master = new ScriptedMaster(system);
        agent = startAgent();
        await().atMost(WAIT).until(master::registered);
    }

    private AgentServer startAgent() {
        return startAgent(0);
    }

    private AgentServer startAgent(int port) {
        AgentOptions options = new AgentOptions();
        options.listen.port = port;
        options.master = master.address();
        options.workDir = workDir;
        options.resources = "cpus:4;mem:1024;disk:1000";
        options.maxOutput = new ByteSize(2_000_000);
        options.containerDiskWatchInterval = Duration.ofSeconds(1);
        options.executorShutdownGrace = Duration.ofSeconds(2);
        options.executorReregistrationTimeout = WAIT;
        return AgentServer.start(system, options).toCompletableFuture().join();
    }

    @AfterEach
    void stop() {
        if (agent != null) {
            agent.closeAndStopTasks();
        }
        if (system != null) {
            master.close();
            system.terminate();
            system.getWhenTerminated().toCompletableFuture().join();
        }
    }

    static TaskInfo task(String id, String shell) {
        return JsonCodec.fromJson(
                        ("{\"name\":\"" + id + "\",\"task_id\":{\"value\":\"" + id
                                        + "\"},\"agent_id\":{\"value\":\"m-S0\"},"
                                        + "\"resources\":[{\"name\":\"cpus\",\"type\":\"SCALAR\",\"scalar\":{\"value\":0.1}},"
                                        + "{\"name\":\"mem\",\"type\":\"SCALAR\",\"scalar\":{\"value\":64}}]}")
                                .getBytes(StandardCharsets.UTF_8),
                        TaskInfo.getDefaultInstance())
                .toBuilder()
                .setCommand(CommandInfo.newBuilder().setShell(true).setValue(shell))
                .build();
    }

    private void run(TaskInfo task) {
        master.send(ToAgent.newBuilder()
                .setRunTasks(RunTasks.newBuilder().setFramework(FRAMEWORK).addTasks(task)));
    }

    private void kill(String task) {
        master.send(ToAgent.newBuilder()
                .setKillTask(KillTask.newBuilder()
                        .setFrameworkId(FRAMEWORK.getId())
                        .setTaskId(TaskID.newBuilder().setValue(task))));
    }

    private void awaitState(String task, TaskState state) {
        await().atMost(WAIT).untilAsserted(() -> assertThat(master.states(task)).contains(state));
    }

    private String get(String path) throws IOException, InterruptedException {
        return client.send(
                        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + agent.port() + path))
                                .build(),
                        HttpResponse.BodyHandlers.ofString())
                .body();
    }

    @Test
    void aCommandTaskRunsToItsEnd() throws Exception {
        run(task("t1", "echo hello; echo $MESOS_EXECUTOR_ID; exit 3"));
        awaitState("t1", TaskState.TASK_FAILED);
        assertThat(master.states("t1"))
                .containsExactly(TaskState.TASK_STARTING, TaskState.TASK_RUNNING, TaskState.TASK_FAILED);
        assertThat(master.last("t1").getStatus().getMessage()).contains("status 3");
        Path sandbox = workDir.toRealPath().resolve("slaves/m-S0/frameworks/fw/executors/t1/runs/latest");
        assertThat(Files.readString(sandbox.resolve("stdout"))).contains("hello\nt1\n");
        String path = URLEncoder.encode(sandbox + "/stdout", StandardCharsets.UTF_8);
        JsonNode read = Json.mapper().readTree(get("/files/read?offset=0&length=5&path=" + path));
        assertThat(read.path("data").textValue()).isEqualTo("hello");
        assertThat(get("/slave(1)/files/browse?jsonp=cb&path="
                        + URLEncoder.encode(sandbox.toString(), StandardCharsets.UTF_8)))
                .startsWith("cb([{")
                .contains("\"mode\":\"-rw");
    }

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
    void aKilledTaskEndsAndFreesItsContainer() throws Exception {
        run(task("t1", "sleep 1000"));
        awaitState("t1", TaskState.TASK_RUNNING);
        JsonNode state = Json.mapper().readTree(get("/state"));
        assertThat(state.path("frameworks")
                        .path(0)
                        .path("executors")
                        .path(0)
                        .path("tasks")
                        .path(0)
                        .path("state")
                        .textValue())
                .isEqualTo("TASK_RUNNING");
        assertThat(state.path("resources").path("cpus").doubleValue()).isEqualTo(4);
        assertThat(get("/slave%281%29/monitor/statistics")).contains("\"executor_id\":\"t1\"");
        kill("t1");
        awaitState("t1", TaskState.TASK_KILLED);
        await().atMost(Duration.ofSeconds(10))
                .untilAsserted(() -> assertThat(get("/containers")).isEqualTo("[]"));
    }

    @Test
    void tasksOutliveTheAgentAndTheirUpdatesArrive() throws Exception {
        run(task("t1", "sleep 3; exit 7"));
        run(task("t2", "sleep 1000"));
        awaitState("t1", TaskState.TASK_RUNNING);
        awaitState("t2", TaskState.TASK_RUNNING);
        agent.close();
        int before = master.heard.size();
        // t1 ends while no agent is there
        await().pollDelay(Duration.ofSeconds(4)).until(() -> true);
        agent = startAgent();
        awaitState("t1", TaskState.TASK_FAILED);
        assertThat(master.last("t1").getStatus().getMessage()).contains("status 7");
        var reregister = master.heard.subList(before, master.heard.size()).stream()
                .filter(m -> m.hasReregister())
                .findFirst()
                .orElseThrow()
                .getReregister();
        assertThat(reregister.getTasksList())
                .extracting(t -> t.getTaskId().getValue())
                .contains("t2");
        assertThat(master.states("t2")).last().isEqualTo(TaskState.TASK_RUNNING);
        kill("t2");
        awaitState("t2", TaskState.TASK_KILLED);
    }

    @Test
    void aCustomExecutorRunsTasksAndSurvivesTheAgent() {
        String classPath = System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
        ExecutorInfo executor = ExecutorInfo.newBuilder()
                .setType(ExecutorInfo.Type.CUSTOM)
                .setExecutorId(ExecutorID.newBuilder().setValue("echo"))
                .setCommand(CommandInfo.newBuilder()
                        .setShell(false)
                        .setValue(System.getProperty("java.home") + "/bin/java")
                        .addAllArguments(
                                List.of("java", "-XX:+UseSerialGC", "-cp", classPath, EchoExecutor.class.getName())))
                .addAllResources(ResourceMessages.toMessages(Resources.parse("cpus:0.5;mem:256")))
                .build();
        for (String id : List.of("t1", "t2")) {
            run(task(id, "").toBuilder().clearCommand().setExecutor(executor).build());
        }
        awaitState("t1", TaskState.TASK_RUNNING);
        awaitState("t2", TaskState.TASK_RUNNING);

        int port = agent.port();
        agent.close();
        agent = startAgent(port);
        await().atMost(WAIT).untilAsserted(() -> {
            message("t1");
            assertThat(master.states("t1")).last().isEqualTo(TaskState.TASK_FINISHED);
        });
        assertThat(master.heard.stream().filter(FromAgent::hasExecutorMessage))
                .anyMatch(m -> m.getExecutorMessage().getData().toStringUtf8().equals("t1"));
        kill("t2");
        awaitState("t2", TaskState.TASK_KILLED);
        master.send(ToAgent.newBuilder()
                .setShutdownExecutor(ShutdownExecutor.newBuilder()
                        .setFrameworkId(FRAMEWORK.getId())
                        .setExecutorId(executor.getExecutorId())));
        await().atMost(Duration.ofSeconds(10))
                .untilAsserted(() -> assertThat(master.heard.stream().filter(FromAgent::hasExecutorTerminated))
                        .hasSize(1));
    }

    private void message(String text) {
        master.send(ToAgent.newBuilder()
                .setSchedulerMessage(SchedulerMessage.newBuilder()
                        .setFrameworkId(FRAMEWORK.getId())
                        .setExecutorId(ExecutorID.newBuilder().setValue("echo"))
                        .setData(ByteString.copyFromUtf8(text))));
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
        Call metrics = Call.newBuilder()
                .setType(Call.Type.GET_METRICS)
                .setGetMetrics(Call.GetMetrics.getDefaultInstance())
                .build();
        assertThat(Response.parseFrom(post(metrics).body()).getGetMetrics().getMetricsList())
                .anyMatch(m -> m.getName().equals("slave/tasks_running") && m.getValue() == 1);
    }

    /** Every key that the kernel counts here; not perf (no counters), pressure (needs eventfd) and the port mapper's. */
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
                "disk_used_bytes")) {
            assertThat(statistics.has(key)).as(key + " in " + statistics).isTrue();
        }
        assertThat(statistics.path("disk_used_bytes").asLong()).isGreaterThanOrEqualTo(5_000_000);
        String page = get("/metrics/prometheus");
        assertThat(page)
                .contains(
                        "# TYPE container_cpu_usage_seconds_total counter\n",
                        "name=\"t1\",task_id=\"t1\",executor_id=\"t1\",framework_id=\"fw\",framework=\"test\","
                                + "app=\"/shop/\\\"web\\\"\"} 67108864\n",
                        "slave_tasks_running 1\n");
        assertThat(page.lines())
                .allMatch(line -> line.matches("# (HELP|TYPE) [a-z_0-9]+ .*|[a-z_0-9]+(\\{.*})? [-0-9.E]+"));
        assertThat(page).containsPattern("container_memory_working_set_bytes\\{[^}]*} [1-9]");
    }

    @Test
    void theOutputOfATaskCanBeFollowed() throws Exception {
        run(task("t1", "for i in 1 2 3 4 5 6 7 8; do sleep 0.3; echo line $i; done"));
        awaitState("t1", TaskState.TASK_RUNNING);
        Call attach = Call.newBuilder()
                .setType(Call.Type.ATTACH_CONTAINER_OUTPUT)
                .setAttachContainerOutput(Call.AttachContainerOutput.newBuilder()
                        .setContainerId(master.last("t1")
                                .getStatus()
                                .getContainerStatus()
                                .getContainerId()))
                .build();
        byte[] body = post(attach).body();
        StringBuilder text = new StringBuilder();
        for (byte[] record : new RecordIO.Decoder(1 << 20).decode(body)) {
            text.append(ProcessIO.parseFrom(record).getData().getData().toStringUtf8());
        }
        assertThat(text).contains("line 7\nline 8\n");
    }

    @Test
    void aSessionRunsInTheTasksContainer() throws Exception {
        run(task("t1", "echo here > file; sleep 1000"));
        awaitState("t1", TaskState.TASK_RUNNING);
        ContainerID session = ContainerID.newBuilder()
                .setValue("session")
                .setParent(master.last("t1").getStatus().getContainerStatus().getContainerId())
                .build();
        Call.Builder launch = Call.newBuilder().setType(Call.Type.LAUNCH_NESTED_CONTAINER_SESSION);
        launch.getLaunchNestedContainerSessionBuilder()
                .setContainerId(session)
                .setCommand(CommandInfo.newBuilder().setValue("cat $MESOS_SANDBOX/file; echo bad >&2; exit 3"));
        String out = "";
        String err = "";
        for (byte[] record :
                new RecordIO.Decoder(1 << 20).decode(post(launch.build()).body())) {
            ProcessIO.Data data = ProcessIO.parseFrom(record).getData();
            out += data.getType() == ProcessIO.Data.Type.STDOUT ? data.getData().toStringUtf8() : "";
            err += data.getType() == ProcessIO.Data.Type.STDERR ? data.getData().toStringUtf8() : "";
        }
        assertThat(out).isEqualTo("here\n");
        assertThat(err).isEqualTo("bad\n");
        Call.Builder wait = Call.newBuilder().setType(Call.Type.WAIT_CONTAINER);
        wait.getWaitContainerBuilder().setContainerId(session);
        assertThat(Response.parseFrom(post(wait.build()).body())
                        .getWaitContainer()
                        .getExitStatus())
                .isEqualTo(3 << 8);
    }

    @Test
    void aTaskWithATerminalCanBeAttachedTo() throws Exception {
        TaskInfo.Builder task =
                task("t1", "echo name?; read name; echo hello $name, $(stty size); sleep 1000").toBuilder();
        task.getContainerBuilder().setType(ContainerInfo.Type.MESOS).getTtyInfoBuilder();
        run(task.build());
        run(task("t2", "sleep 1000"));
        awaitState("t1", TaskState.TASK_RUNNING);
        awaitState("t2", TaskState.TASK_RUNNING);
        ContainerID id = master.last("t1").getStatus().getContainerStatus().getContainerId();
        ProcessIO.Builder resize = ProcessIO.newBuilder().setType(ProcessIO.Type.CONTROL);
        resize.getControlBuilder()
                .setType(ProcessIO.Control.Type.TTY_INFO)
                .getTtyInfoBuilder()
                .getWindowSizeBuilder()
                .setRows(20)
                .setColumns(70);
        ProcessIO.Builder typed = ProcessIO.newBuilder().setType(ProcessIO.Type.DATA);
        typed.getDataBuilder().setType(ProcessIO.Data.Type.STDIN).setData(ByteString.copyFromUtf8("you\n"));
        assertThat(input(id, resize.build()).statusCode()).isEqualTo(200);
        assertThat(input(id, typed.build()).statusCode()).isEqualTo(200);
        Path stdout = Path.of(agent.view().toCompletableFuture().join().frameworks().get(0).executors().stream()
                        .filter(executor -> executor.container().equals(id))
                        .findFirst()
                        .orElseThrow()
                        .sandbox())
                .resolve("stdout");
        await().atMost(WAIT)
                .untilAsserted(() -> assertThat(Files.readString(stdout)).contains("hello you, 20 70\r\n"));
        HttpResponse<String> none =
                input(master.last("t2").getStatus().getContainerStatus().getContainerId(), typed.build());
        assertThat(none.statusCode()).isEqualTo(500);
        assertThat(none.body()).contains("has no terminal (container.tty_info)");
        assertThat(input(ContainerID.newBuilder().setValue("nobody").build(), typed.build())
                        .statusCode())
                .isEqualTo(404);
    }

    /** ATTACH_CONTAINER_INPUT with one message after the container's id. */
    private HttpResponse<String> input(ContainerID id, ProcessIO io) throws Exception {
        Call.Builder first = Call.newBuilder().setType(Call.Type.ATTACH_CONTAINER_INPUT);
        first.getAttachContainerInputBuilder()
                .setType(Call.AttachContainerInput.Type.CONTAINER_ID)
                .setContainerId(id);
        Call.Builder second = Call.newBuilder().setType(Call.Type.ATTACH_CONTAINER_INPUT);
        second.getAttachContainerInputBuilder()
                .setType(Call.AttachContainerInput.Type.PROCESS_IO)
                .setProcessIo(io);
        byte[] one = RecordIO.encode(first.build().toByteArray());
        byte[] two = RecordIO.encode(second.build().toByteArray());
        return client.send(
                HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + agent.port() + "/api/v1"))
                        .header("Content-Type", "application/recordio")
                        .header("Message-Content-Type", "application/x-protobuf")
                        .POST(HttpRequest.BodyPublishers.ofByteArrays(java.util.List.of(one, two)))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }

    @Test
    void aRestartedMasterIsFoundAgain() {
        run(task("t1", "sleep 1000"));
        awaitState("t1", TaskState.TASK_RUNNING);
        int port = master.port();
        master.close();
        master = new ScriptedMaster(system, port);
        await().atMost(WAIT)
                .untilAsserted(() -> assertThat(master.heard)
                        .anySatisfy(m -> assertThat(m.getReregister().getTasksList())
                                .extracting(t -> t.getTaskId().getValue())
                                .containsExactly("t1")));
        kill("t1");
        awaitState("t1", TaskState.TASK_KILLED);
    }

    @Test
    void leavingForGoodLeavesNothing() {
        run(task("t1", "sleep 1000"));
        awaitState("t1", TaskState.TASK_RUNNING);
        agent.closeAndStopTasks();
        assertThat(master.states("t1")).last().isEqualTo(TaskState.TASK_KILLED);
        assertThat(master.heard).anyMatch(FromAgent::hasLeaving);
        assertThat(workDir.resolve("containers")).isEmptyDirectory();
        agent = null;
    }

    private Response call(Call.Type type) throws IOException, InterruptedException {
        return Response.parseFrom(post(Call.newBuilder().setType(type).build()).body());
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

    private HttpResponse<byte[]> post(Call call) throws IOException, InterruptedException {
        HttpResponse<byte[]> answer = send(call);
        assertThat(answer.statusCode()).isEqualTo(200);
        return answer;
    }

    private HttpResponse<byte[]> send(Call call) throws IOException, InterruptedException {
        return client.send(
                HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + agent.port() + "/api/v1"))
                        .header("Content-Type", "application/json")
                        .header("Accept", "application/x-protobuf")
                        .POST(HttpRequest.BodyPublishers.ofByteArray(JsonCodec.toJson(call)))
                        .build(),
                HttpResponse.BodyHandlers.ofByteArray());
    }
}
