package io.paddock.agent.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.paddock.common.ByteSize;
import io.paddock.proto.json.JsonCodec;
import io.paddock.proto.link.KillTask;
import io.paddock.proto.link.RunTasks;
import io.paddock.proto.link.ToAgent;
import io.paddock.proto.v1.CommandInfo;
import io.paddock.proto.v1.FrameworkID;
import io.paddock.proto.v1.FrameworkInfo;
import io.paddock.proto.v1.TaskID;
import io.paddock.proto.v1.TaskInfo;
import io.paddock.proto.v1.TaskState;
import io.paddock.proto.v1.agent.Call;
import io.paddock.proto.v1.agent.Response;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** A whole agent: a real link, real containers, a scripted master. */
abstract class AgentUnderTest {
    static final FrameworkInfo FRAMEWORK = FrameworkInfo.newBuilder()
            .setId(FrameworkID.newBuilder().setValue("fw"))
            .setUser("root")
            .setName("test")
            .addCapabilities(
                    FrameworkInfo.Capability.newBuilder().setType(FrameworkInfo.Capability.Type.PARTITION_AWARE))
            .build();

    /** Long enough for a busy machine to start a JVM. */
    static final Duration WAIT = Duration.ofSeconds(60);

    @TempDir
    Path workDir;

    final HttpClient client = HttpClient.newHttpClient();
    ActorSystem<Void> system;
    ScriptedMaster master;
    AgentServer agent;

    @BeforeEach
    void start() throws IOException {
        assumeTrue(System.getProperty("user.name").equals("root"), "containers need root");
        system = ActorSystem.create(Behaviors.empty(), "agent-test");
        master = new ScriptedMaster(system);
        agent = startAgent();
        await().atMost(WAIT).until(master::registered);
    }

    AgentServer startAgent() {
        return startAgent(0);
    }

    /** What the agent is told besides its address. */
    AgentOptions options() {
        return new AgentOptions();
    }

    AgentServer startAgent(int port) {
        AgentOptions options = options();
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

    void run(TaskInfo task) {
        master.send(ToAgent.newBuilder()
                .setRunTasks(RunTasks.newBuilder().setFramework(FRAMEWORK).addTasks(task)));
    }

    void kill(String task) {
        master.send(ToAgent.newBuilder()
                .setKillTask(KillTask.newBuilder()
                        .setFrameworkId(FRAMEWORK.getId())
                        .setTaskId(TaskID.newBuilder().setValue(task))));
    }

    void awaitState(String task, TaskState state) {
        await().atMost(WAIT).untilAsserted(() -> assertThat(master.states(task)).contains(state));
    }

    String get(String path) throws IOException, InterruptedException {
        return client.send(
                        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + agent.port() + path))
                                .build(),
                        HttpResponse.BodyHandlers.ofString())
                .body();
    }

    Response call(Call.Type type) throws IOException, InterruptedException {
        return Response.parseFrom(post(Call.newBuilder().setType(type).build()).body());
    }

    HttpResponse<byte[]> post(Call call) throws IOException, InterruptedException {
        HttpResponse<byte[]> answer = send(call);
        assertThat(answer.statusCode()).isEqualTo(200);
        return answer;
    }

    HttpResponse<byte[]> send(Call call) throws IOException, InterruptedException {
        return client.send(
                HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + agent.port() + "/api/v1"))
                        .header("Content-Type", "application/json")
                        .header("Accept", "application/x-protobuf")
                        .POST(HttpRequest.BodyPublishers.ofByteArray(JsonCodec.toJson(call)))
                        .build(),
                HttpResponse.BodyHandlers.ofByteArray());
    }
}
