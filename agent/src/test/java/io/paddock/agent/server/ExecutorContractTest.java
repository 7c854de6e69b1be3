package io.paddock.agent.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.protobuf.ByteString;
import io.paddock.common.resources.Resources;
import io.paddock.platform.http.WireFormat;
import io.paddock.platform.json.Json;
import io.paddock.proto.domain.ResourceMessages;
import io.paddock.proto.link.FromAgent;
import io.paddock.proto.link.KillTask;
import io.paddock.proto.link.RunTasks;
import io.paddock.proto.link.SchedulerMessage;
import io.paddock.proto.link.ShutdownExecutor;
import io.paddock.proto.link.ToAgent;
import io.paddock.proto.v1.AgentID;
import io.paddock.proto.v1.CheckInfo;
import io.paddock.proto.v1.CheckStatusInfo;
import io.paddock.proto.v1.CommandInfo;
import io.paddock.proto.v1.ExecutorID;
import io.paddock.proto.v1.ExecutorInfo;
import io.paddock.proto.v1.FrameworkID;
import io.paddock.proto.v1.FrameworkInfo;
import io.paddock.proto.v1.KillPolicy;
import io.paddock.proto.v1.TaskID;
import io.paddock.proto.v1.TaskInfo;
import io.paddock.proto.v1.TaskState;
import io.paddock.proto.v1.TaskStatus;
import io.paddock.proto.v1.executor.Call;
import io.paddock.proto.v1.executor.Event;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Every call and event of the executor API over real HTTP, in JSON and in protobuf, at both paths. The executor's container only
 * sleeps: the test speaks for it.
 */
class ExecutorContractTest {
    private static final Duration WAIT = Duration.ofSeconds(60);
    private static final ByteString UUID16 = ByteString.copyFromUtf8("0123456789abcdef");
    private static final FrameworkInfo FRAMEWORK = FrameworkInfo.newBuilder()
            .setId(FrameworkID.newBuilder().setValue("fw"))
            .setUser("root")
            .setName("contract")
            .addCapabilities(
                    FrameworkInfo.Capability.newBuilder().setType(FrameworkInfo.Capability.Type.PARTITION_AWARE))
            .build();

    @TempDir
    Path workDir;

    private final HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private ActorSystem<Void> system;
    private ScriptedMaster master;
    private AgentServer agent;
    private WireFormat format = WireFormat.JSON;

    @BeforeEach
    void start() {
        assumeTrue(System.getProperty("user.name").equals("root"), "containers need root");
        system = ActorSystem.create(Behaviors.empty(), "executor-contract");
        master = new ScriptedMaster(system);
        AgentOptions options = new AgentOptions();
        options.listen.port = 0;
        options.master = master.address();
        options.workDir = workDir;
        options.resources = "cpus:4;mem:1024;disk:1000";
        options.executorShutdownGrace = Duration.ofSeconds(2);
        agent = AgentServer.start(system, options).toCompletableFuture().join();
        await().atMost(WAIT).until(master::registered);
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

    private static TaskInfo task(String id) {
        return TaskInfo.newBuilder()
                .setName(id)
                .setTaskId(TaskID.newBuilder().setValue(id))
                .setAgentId(AgentID.newBuilder().setValue("m-S0"))
                .addAllResources(ResourceMessages.toMessages(Resources.parse("cpus:0.1;mem:32")))
                .setExecutor(ExecutorInfo.newBuilder()
                        .setExecutorId(ExecutorID.newBuilder().setValue("e"))
                        .setFrameworkId(FRAMEWORK.getId())
                        .setCommand(CommandInfo.newBuilder().setShell(true).setValue("sleep 1000")))
                .build();
    }

    private void launch(String id) {
        master.send(ToAgent.newBuilder()
                .setRunTasks(RunTasks.newBuilder().setFramework(FRAMEWORK).addTasks(task(id))));
    }

    private URI uri() {
        String path = format == WireFormat.JSON ? "/api/v1/executor" : "/slave(1)/api/v1/executor";
        return URI.create("http://127.0.0.1:" + agent.port() + path);
    }

    private HttpRequest.Builder request(Call.Builder call) {
        return HttpRequest.newBuilder(uri())
                .header("Content-Type", format.mediaType())
                .header("Accept", format.mediaType())
                .POST(HttpRequest.BodyPublishers.ofByteArray(format.encode(call.build())));
    }

    private HttpResponse<String> send(HttpRequest.Builder request) {
        try {
            return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
        } catch (IOException | InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static Call.Builder call(Call.Type type) {
        return Call.newBuilder()
                .setType(type)
                .setFrameworkId(FRAMEWORK.getId())
                .setExecutorId(ExecutorID.newBuilder().setValue("e"));
    }

    private static Call.Builder message() {
        return call(Call.Type.MESSAGE).setMessage(Call.Message.newBuilder().setData(ByteString.copyFrom(new byte[] {
            0, (byte) 200
        })));
    }

    private static Call.Builder update(TaskStatus.Builder status) {
        return call(Call.Type.UPDATE).setUpdate(Call.Update.newBuilder().setStatus(status));
    }

    private static TaskStatus.Builder status(String task, TaskState state) {
        return TaskStatus.newBuilder()
                .setTaskId(TaskID.newBuilder().setValue(task))
                .setState(state)
                .setSource(TaskStatus.Source.SOURCE_EXECUTOR)
                .setUuid(UUID16);
    }

    private void refused(int code, String why, Call.Builder call) {
        HttpResponse<String> response = send(request(call));
        assertThat(response.statusCode()).as(response.body()).isEqualTo(code);
        assertThat(response.body()).contains(why);
    }

    private void accepted(Call.Builder call) {
        HttpResponse<String> response = send(request(call));
        assertThat(response.statusCode()).as(response.body()).isEqualTo(202);
        assertThat(response.body()).isEmpty();
    }

    /** One SUBSCRIBE: its events as they come. */
    private final class Stream {
        final List<Event> events = new CopyOnWriteArrayList<>();
        volatile boolean ended;

        Stream(Call.Subscribe.Builder subscribe) {
            try {
                HttpResponse<InputStream> response = client.send(
                        request(call(Call.Type.SUBSCRIBE).setSubscribe(subscribe))
                                .build(),
                        HttpResponse.BodyHandlers.ofInputStream());
                assertThat(response.statusCode()).isEqualTo(200);
                assertThat(response.headers().firstValue("Content-Type")).contains(format.mediaType());
                Thread reader = new Thread(() -> read(response.body()), "executor-events");
                reader.setDaemon(true);
                reader.start();
            } catch (IOException | InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }

        private void read(InputStream body) {
            try (InputStream in = body) {
                int length = 0;
                for (int b = in.read(); b >= 0; b = in.read()) {
                    if (b == '\n') {
                        events.add(format.decode(in.readNBytes(length), Event.getDefaultInstance()));
                        length = 0;
                    } else {
                        length = 10 * length + b - '0';
                    }
                }
            } catch (IOException e) {
                // The agent went away: seen as ended.
            }
            ended = true;
        }

        Event next(Event.Type type) {
            await().atMost(WAIT).until(() -> events.stream().anyMatch(e -> e.getType() == type));
            return events.stream().filter(e -> e.getType() == type).findFirst().orElseThrow();
        }
    }

    /** An executor whose container runs and which has not subscribed. */
    private void started(WireFormat in) {
        format = in;
        launch("t1");
        await().atMost(WAIT).until(() -> send(request(message())).statusCode() == 403);
    }

    /** Nothing is written to it meanwhile: its heartbeats are half an hour apart. */
    @Test
    void anExecutorThatClosesItsStreamIsGoneAtOnce() throws Exception {
        started(WireFormat.JSON);
        byte[] body = format.encode(call(Call.Type.SUBSCRIBE)
                .setSubscribe(Call.Subscribe.getDefaultInstance())
                .build());
        String head = "POST /api/v1/executor HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
                + "Accept: application/json\r\nContent-Length: " + body.length + "\r\n\r\n";
        try (Socket socket = new Socket("127.0.0.1", agent.port())) {
            socket.getOutputStream().write(head.getBytes(StandardCharsets.US_ASCII));
            socket.getOutputStream().write(body);
            assertThat(socket.getInputStream().read()).isEqualTo('H');
            await().atMost(WAIT).until(() -> isReached() == 1);
        }
        await().atMost(WAIT).until(() -> isReached() == 0);
    }

    /** Whether a message for the executor reaches it, by the agent's own count. */
    private int isReached() throws Exception {
        double[] before = messages();
        master.send(ToAgent.newBuilder()
                .setSchedulerMessage(SchedulerMessage.newBuilder()
                        .setFrameworkId(FRAMEWORK.getId())
                        .setExecutorId(ExecutorID.newBuilder().setValue("e"))
                        .setData(ByteString.copyFromUtf8("there?"))));
        await().atMost(WAIT).until(() -> messages()[0] + messages()[1] > before[0] + before[1]);
        return messages()[0] > before[0] ? 1 : 0;
    }

    private double[] messages() {
        JsonNode metrics = Json.read(
                send(HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + agent.port() + "/metrics/snapshot")))
                        .body()
                        .getBytes(StandardCharsets.UTF_8),
                JsonNode.class);
        return new double[] {
            metrics.path("slave/valid_framework_messages").asDouble(),
            metrics.path("slave/invalid_framework_messages").asDouble()
        };
    }

    @ParameterizedTest
    @EnumSource(WireFormat.class)
    void whoHasNotSubscribedOrIsNotKnownIsRefused(WireFormat in) {
        started(in);
        refused(403, "subscribed", message());
        refused(403, "subscribed", update(status("t1", TaskState.TASK_RUNNING)));
        accepted(call(Call.Type.HEARTBEAT));
        refused(
                400,
                "framework_id",
                message().setFrameworkId(FrameworkID.newBuilder().setValue("none")));
        refused(
                400,
                "executor_id",
                message().setExecutorId(ExecutorID.newBuilder().setValue("none")));
        accepted(call(Call.Type.HEARTBEAT).setExecutorId(ExecutorID.newBuilder().setValue("none")));
        refused(501, "type", call(Call.Type.UNKNOWN));
        refused(400, "type", call(Call.Type.HEARTBEAT).clearType());
        refused(400, "subscribe", call(Call.Type.SUBSCRIBE));
        refused(400, "update", call(Call.Type.UPDATE));
        refused(400, "message", call(Call.Type.MESSAGE));

        HttpRequest.BodyPublisher body = HttpRequest.BodyPublishers.ofString("{\"type\":\"HEARTBEAT\"}");
        assertThat(send(HttpRequest.newBuilder(uri())).statusCode()).isEqualTo(405);
        assertThat(send(HttpRequest.newBuilder(uri()).POST(body)).statusCode()).isEqualTo(400);
        assertThat(send(HttpRequest.newBuilder(uri()).POST(body).header("Content-Type", "text/plain"))
                        .statusCode())
                .isEqualTo(415);
        assertThat(send(HttpRequest.newBuilder(uri()).POST(body).header("Content-Type", "application/json"))
                        .body())
                .contains("executor_id");
        HttpResponse<String> unreadable = send(
                request(call(Call.Type.HEARTBEAT)).POST(HttpRequest.BodyPublishers.ofString("{\"type\":\"HEARTBEAT")));
        assertThat(unreadable.statusCode()).as(unreadable.body()).isEqualTo(400);
        HttpResponse<String> notAcceptable =
                send(request(call(Call.Type.SUBSCRIBE).setSubscribe(Call.Subscribe.getDefaultInstance()))
                        .setHeader("Accept", "text/html"));
        assertThat(notAcceptable.statusCode()).isEqualTo(406);
    }

    @ParameterizedTest
    @EnumSource(WireFormat.class)
    void anExecutorGetsItsTasksAndTellsWhatBecomesOfThem(WireFormat in) {
        started(in);
        Stream stream = new Stream(Call.Subscribe.newBuilder());
        Event.Subscribed subscribed = stream.next(Event.Type.SUBSCRIBED).getSubscribed();
        assertThat(subscribed.getExecutorInfo()).isEqualTo(task("t1").getExecutor());
        assertThat(subscribed.getFrameworkInfo().getId()).isEqualTo(FRAMEWORK.getId());
        assertThat(subscribed.getFrameworkInfo().getCapabilitiesList()).isEqualTo(FRAMEWORK.getCapabilitiesList());
        assertThat(subscribed.getAgentInfo().getId().getValue()).isEqualTo("m-S0");
        assertThat(subscribed.getContainerId().getValue()).isNotEmpty();
        assertThat(stream.next(Event.Type.LAUNCH).getLaunch().getTask()).isEqualTo(task("t1"));

        TaskStatus.Builder good = status("t1", TaskState.TASK_RUNNING).setMessage("hello");
        refused(400, "uuid", update(good.clone().clearUuid()));
        refused(400, "uuid", update(good.clone().setUuid(ByteString.copyFromUtf8("short"))));
        refused(400, "source", update(good.clone().setSource(TaskStatus.Source.SOURCE_AGENT)));
        refused(400, "source", update(good.clone().clearSource()));
        refused(400, "timestamp", update(good.clone().setTimestamp(Double.POSITIVE_INFINITY)));
        refused(
                400,
                "executor_id",
                update(good.clone().setExecutorId(ExecutorID.newBuilder().setValue("other"))));
        refused(400, "STAGING", update(good.clone().setState(TaskState.TASK_STAGING)));
        refused(
                400,
                "check_status",
                update(good.clone().setCheckStatus(CheckStatusInfo.newBuilder().setType(CheckInfo.Type.HTTP))));
        refused(400, "check_status", update(good.clone().setCheckStatus(CheckStatusInfo.getDefaultInstance())));
        assertThat(master.updates("t1")).isEmpty();

        accepted(update(good.clone()
                .setCheckStatus(CheckStatusInfo.newBuilder()
                        .setType(CheckInfo.Type.HTTP)
                        .setHttp(CheckStatusInfo.Http.getDefaultInstance()))));
        Event.Acknowledged acknowledged = stream.next(Event.Type.ACKNOWLEDGED).getAcknowledged();
        assertThat(acknowledged.getUuid()).isEqualTo(UUID16);
        assertThat(acknowledged.getTaskId().getValue()).isEqualTo("t1");
        await().atMost(WAIT).until(() -> !master.updates("t1").isEmpty());
        TaskStatus told = master.last("t1").getStatus();
        assertThat(told.getState()).isEqualTo(TaskState.TASK_RUNNING);
        assertThat(told.getMessage()).isEqualTo("hello");
        assertThat(told.getUuid()).isEqualTo(UUID16);
        assertThat(told.getExecutorId().getValue()).isEqualTo("e");
        assertThat(told.getAgentId().getValue()).isEqualTo("m-S0");
        assertThat(told.hasTimestamp()).isTrue();
        assertThat(told.getContainerStatus().getContainerId()).isEqualTo(subscribed.getContainerId());

        accepted(message());
        await().atMost(WAIT).until(() -> master.heard.stream().anyMatch(FromAgent::hasExecutorMessage));
        assertThat(master.heard.stream()
                        .filter(FromAgent::hasExecutorMessage)
                        .findFirst()
                        .orElseThrow()
                        .getExecutorMessage()
                        .getData())
                .isEqualTo(message().getMessage().getData());
        steer(stream);
    }

    /** What the master and the scheduler ask of a running executor reaches it. */
    private void steer(Stream stream) {
        ByteString data = ByteString.copyFromUtf8("from the scheduler");
        ExecutorID executor = ExecutorID.newBuilder().setValue("e").build();
        master.send(ToAgent.newBuilder()
                .setSchedulerMessage(SchedulerMessage.newBuilder()
                        .setFrameworkId(FRAMEWORK.getId())
                        .setExecutorId(executor)
                        .setData(data)));
        assertThat(stream.next(Event.Type.MESSAGE).getMessage().getData()).isEqualTo(data);
        KillPolicy.Builder policy = KillPolicy.newBuilder();
        policy.getGracePeriodBuilder().setNanoseconds(5);
        master.send(ToAgent.newBuilder()
                .setKillTask(KillTask.newBuilder()
                        .setFrameworkId(FRAMEWORK.getId())
                        .setTaskId(task("t1").getTaskId())
                        .setKillPolicy(policy)));
        assertThat(stream.next(Event.Type.KILL).getKill().getKillPolicy()).isEqualTo(policy.build());
        accepted(update(status("t1", TaskState.TASK_KILLED).setUuid(ByteString.copyFromUtf8("fedcba9876543210"))));
        await().atMost(WAIT).until(() -> master.states("t1").contains(TaskState.TASK_KILLED));
        master.send(ToAgent.newBuilder()
                .setShutdownExecutor(ShutdownExecutor.newBuilder()
                        .setFrameworkId(FRAMEWORK.getId())
                        .setExecutorId(executor)));
        stream.next(Event.Type.SHUTDOWN);
        Stream late = new Stream(Call.Subscribe.newBuilder());
        late.next(Event.Type.SHUTDOWN);
        await().atMost(WAIT).until(() -> late.ended);
        await().atMost(WAIT).until(() -> master.heard.stream().anyMatch(FromAgent::hasExecutorTerminated));
    }

    @ParameterizedTest
    @EnumSource(WireFormat.class)
    void aNewStreamReplacesTheOldOneAndNothingIsLostOrDoubled(WireFormat in) {
        started(in);
        Stream first = new Stream(Call.Subscribe.newBuilder());
        first.next(Event.Type.LAUNCH);
        launch("t2");
        await().atMost(WAIT)
                .until(() -> first.events.stream()
                                .filter(e -> e.getType() == Event.Type.LAUNCH)
                                .count()
                        == 2);
        TaskStatus.Builder running = status("t1", TaskState.TASK_RUNNING);
        Call.Subscribe.Builder again = Call.Subscribe.newBuilder()
                .addUnacknowledgedTasks(task("t1"))
                .addUnacknowledgedUpdates(Call.Update.newBuilder().setStatus(running));
        Stream second = new Stream(again);
        second.next(Event.Type.SUBSCRIBED);
        assertThat(second.next(Event.Type.ACKNOWLEDGED).getAcknowledged().getUuid())
                .isEqualTo(UUID16);
        await().atMost(WAIT).until(() -> first.ended);
        // Nobody has t2: it was lost on its way.
        await().atMost(WAIT).until(() -> !master.updates("t2").isEmpty());
        assertThat(master.last("t2").getStatus().getState()).isEqualTo(TaskState.TASK_DROPPED);
        assertThat(master.last("t2").getStatus().getReason()).isEqualTo(TaskStatus.Reason.REASON_AGENT_RESTARTED);
        Stream third = new Stream(again);
        third.next(Event.Type.ACKNOWLEDGED);
        assertThat(master.states("t1")).containsExactly(TaskState.TASK_RUNNING);
        Call.Subscribe.Builder bad = Call.Subscribe.newBuilder()
                .addUnacknowledgedUpdates(
                        Call.Update.newBuilder().setStatus(running.clone().clearUuid()));
        refused(400, "uuid", call(Call.Type.SUBSCRIBE).setSubscribe(bad));
        assertThat(third.ended).isFalse();
    }
}
