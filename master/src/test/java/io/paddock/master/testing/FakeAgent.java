package io.paddock.master.testing;

import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.paddock.common.resources.Resources;
import io.paddock.proto.domain.ResourceMessages;
import io.paddock.proto.link.FromAgent;
import io.paddock.proto.link.Heartbeat;
import io.paddock.proto.link.Register;
import io.paddock.proto.link.StatusUpdate;
import io.paddock.proto.link.ToAgent;
import io.paddock.proto.v1.AgentID;
import io.paddock.proto.v1.AgentInfo;
import io.paddock.proto.v1.Attribute;
import io.paddock.proto.v1.FrameworkID;
import io.paddock.proto.v1.TaskID;
import io.paddock.proto.v1.TaskInfo;
import io.paddock.proto.v1.TaskState;
import io.paddock.proto.v1.TaskStatus;
import io.paddock.proto.v1.Value;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiFunction;

/**
 * An agent without containers: links to a master, says of every task that it runs, and serves files from memory on a port of its
 * own.
 */
public final class FakeAgent implements AutoCloseable {
    private final HttpServer http;
    private final WebSocket link;
    private final CompletableFuture<AgentID> registered = new CompletableFuture<>();
    private final Map<String, FrameworkID> frameworkOfTask = new ConcurrentHashMap<>();
    private final Map<String, BiFunction<String, String, String>> pages = new ConcurrentHashMap<>();
    private CompletableFuture<WebSocket> sending;

    private FakeAgent(int masterPort, String resources, Map<String, String> headers) throws IOException {
        http = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
        http.createContext("/", this::serve);
        http.start();
        WebSocket.Builder linking = HttpClient.newHttpClient().newWebSocketBuilder();
        headers.forEach(linking::header);
        link = linking.buildAsync(URI.create("ws://127.0.0.1:" + masterPort + "/api/paddock/link"), new Frames())
                .join();
        sending = CompletableFuture.completedFuture(link);
        send(FromAgent.newBuilder()
                .setRegister(Register.newBuilder()
                        .setVersion("1.11.0")
                        .setIp("127.0.0.2")
                        .addCapabilities(capability(AgentInfo.Capability.Type.MULTI_ROLE))
                        .addCapabilities(capability(AgentInfo.Capability.Type.HIERARCHICAL_ROLE))
                        .addCapabilities(capability(AgentInfo.Capability.Type.RESERVATION_REFINEMENT))
                        .addCapabilities(capability(AgentInfo.Capability.Type.TASK_RESOURCE_LIMITS))
                        .setAgent(AgentInfo.newBuilder()
                                .setHostname("127.0.0.1")
                                .setPort(http.getAddress().getPort())
                                .addAllResources(ResourceMessages.toMessages(Resources.parse(resources)))
                                .addAttributes(Attribute.newBuilder()
                                        .setName("rack")
                                        .setType(Value.Type.TEXT)
                                        .setText(Value.Text.newBuilder().setValue("r1"))))));
    }

    /** Registers and waits for the answer. */
    public static FakeAgent start(int masterPort, String resources) {
        return start(masterPort, resources, Map.of());
    }

    /** The same as somebody. */
    public static FakeAgent start(int masterPort, String resources, String authorization) {
        return start(masterPort, resources, Map.of("Authorization", authorization));
    }

    private static FakeAgent start(int masterPort, String resources, Map<String, String> headers) {
        try {
            FakeAgent agent = new FakeAgent(masterPort, resources, headers);
            agent.registered.join();
            return agent;
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    public String id() {
        return registered.join().getValue();
    }

    /** Answers a path of the agent's port: from path and query to a JSON body. */
    public void page(String path, BiFunction<String, String, String> body) {
        pages.put(path, body);
    }

    /** Reports a task's end or any other state, once the task has arrived. */
    public void report(String taskId, TaskState state, TaskStatus.Reason reason, String message) {
        FrameworkID framework = await().until(() -> frameworkOfTask.get(taskId), Objects::nonNull);
        TaskStatus.Builder status = TaskStatus.newBuilder()
                .setTaskId(TaskID.newBuilder().setValue(taskId))
                .setAgentId(registered.join())
                .setState(state)
                .setSource(TaskStatus.Source.SOURCE_EXECUTOR)
                .setTimestamp(Instant.now().toEpochMilli() / 1000.0)
                .setUuid(uuid());
        if (!message.isEmpty()) {
            status.setReason(reason).setMessage(message);
        }
        send(FromAgent.newBuilder()
                .setStatusUpdate(StatusUpdate.newBuilder()
                        .setFrameworkId(framework)
                        .setStatus(status)
                        .setLatestState(state)));
    }

    @Override
    public void close() {
        link.abort();
        http.stop(0);
    }

    private void received(ToAgent message) {
        switch (message.getMessageCase()) {
            case REGISTERED -> registered.complete(message.getRegistered().getAgentId());
            case HEARTBEAT -> send(FromAgent.newBuilder().setHeartbeat(Heartbeat.getDefaultInstance()));
            case RUN_TASKS -> {
                for (TaskInfo task : message.getRunTasks().getTasksList()) {
                    frameworkOfTask.put(
                            task.getTaskId().getValue(),
                            message.getRunTasks().getFramework().getId());
                    report(
                            task.getTaskId().getValue(),
                            TaskState.TASK_RUNNING,
                            TaskStatus.Reason.REASON_TASK_INVALID,
                            "");
                }
            }
            case KILL_TASK ->
                report(
                        message.getKillTask().getTaskId().getValue(),
                        TaskState.TASK_KILLED,
                        TaskStatus.Reason.REASON_TASK_KILLED_DURING_LAUNCH,
                        "killed on request");
            default -> {
                // a fake need not follow the rest
            }
        }
    }

    private synchronized void send(FromAgent.Builder message) {
        byte[] frame = message.build().toByteArray();
        sending = sending.thenCompose(socket -> socket.sendBinary(ByteBuffer.wrap(frame), true));
    }

    private void serve(HttpExchange exchange) throws IOException {
        String path = exchange.getRequestURI().getPath();
        BiFunction<String, String, String> page = pages.get(path);
        String query = exchange.getRequestURI().getQuery();
        byte[] body =
                (page == null ? "" : page.apply(path, query == null ? "" : query)).getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().add("Content-Type", "application/json");
        exchange.sendResponseHeaders(page == null ? 404 : 200, body.length == 0 ? -1 : body.length);
        exchange.getResponseBody().write(body);
        exchange.close();
    }

    private static AgentInfo.Capability capability(AgentInfo.Capability.Type type) {
        return AgentInfo.Capability.newBuilder().setType(type).build();
    }

    private static ByteString uuid() {
        UUID uuid = UUID.randomUUID();
        return ByteString.copyFrom(ByteBuffer.allocate(16)
                .putLong(uuid.getMostSignificantBits())
                .putLong(uuid.getLeastSignificantBits())
                .array());
    }

    private final class Frames implements WebSocket.Listener {
        private final ByteArrayOutputStream frame = new ByteArrayOutputStream();

        @Override
        public CompletionStage<?> onBinary(WebSocket socket, ByteBuffer data, boolean last) {
            byte[] part = new byte[data.remaining()];
            data.get(part);
            frame.writeBytes(part);
            if (last) {
                byte[] whole = frame.toByteArray();
                frame.reset();
                try {
                    received(ToAgent.parseFrom(whole));
                } catch (InvalidProtocolBufferException e) {
                    registered.completeExceptionally(e);
                }
            }
            socket.request(1);
            return null;
        }
    }
}
