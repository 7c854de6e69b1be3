package io.paddock.master.server;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.paddock.common.resources.Resources;
import io.paddock.proto.domain.ResourceMessages;
import io.paddock.proto.link.FromAgent;
import io.paddock.proto.link.OperationUpdate;
import io.paddock.proto.link.Register;
import io.paddock.proto.link.Reregister;
import io.paddock.proto.link.StatusUpdate;
import io.paddock.proto.link.ToAgent;
import io.paddock.proto.v1.AgentID;
import io.paddock.proto.v1.AgentInfo;
import io.paddock.proto.v1.FrameworkID;
import io.paddock.proto.v1.FrameworkInfo;
import io.paddock.proto.v1.OperationState;
import io.paddock.proto.v1.OperationStatus;
import io.paddock.proto.v1.Task;
import io.paddock.proto.v1.TaskID;
import io.paddock.proto.v1.TaskInfo;
import io.paddock.proto.v1.TaskState;
import io.paddock.proto.v1.TaskStatus;
import java.io.ByteArrayOutputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;

/** An agent as a test drives it: a real WebSocket to the master, everything it receives kept. */
final class ScriptedAgent implements AutoCloseable {
    final List<ToAgent> received = new CopyOnWriteArrayList<>();
    volatile boolean closed;
    private final WebSocket socket;

    private ScriptedAgent(HttpClient client, int port) {
        this.socket = client.newWebSocketBuilder()
                .buildAsync(URI.create("ws://127.0.0.1:" + port + "/api/paddock/link"), new Listener())
                .join();
    }

    static ScriptedAgent connect(HttpClient client, int port) {
        return new ScriptedAgent(client, port);
    }

    static AgentInfo.Builder info(String resources) {
        return AgentInfo.newBuilder()
                .setHostname("127.0.0.1")
                .setPort(5051)
                .addAllResources(ResourceMessages.toMessages(Resources.parse(resources)));
    }

    void register(String resources) {
        register(info(resources));
    }

    void register(AgentInfo.Builder info) {
        send(FromAgent.newBuilder()
                .setRegister(Register.newBuilder()
                        .setAgent(info)
                        .setVersion("0.1.0")
                        .addCapabilities(capability(AgentInfo.Capability.Type.MULTI_ROLE))
                        .addCapabilities(capability(AgentInfo.Capability.Type.HIERARCHICAL_ROLE))
                        .addCapabilities(capability(AgentInfo.Capability.Type.RESERVATION_REFINEMENT))
                        .addCapabilities(capability(AgentInfo.Capability.Type.AGENT_DRAINING))));
    }

    /** As an agent that has every capability there is. */
    void registerWithFeedback(String resources) {
        Register.Builder register =
                Register.newBuilder().setAgent(info(resources)).setVersion("0.1.0");
        for (AgentInfo.Capability.Type type : AgentInfo.Capability.Type.values()) {
            if (type != AgentInfo.Capability.Type.UNKNOWN) {
                register.addCapabilities(capability(type));
            }
        }
        send(FromAgent.newBuilder().setRegister(register));
    }

    void reregister(String id, String resources, List<FrameworkInfo> frameworks, List<Task> tasks) {
        send(FromAgent.newBuilder()
                .setReregister(Reregister.newBuilder()
                        .setAgent(info(resources).setId(AgentID.newBuilder().setValue(id)))
                        .setVersion("0.1.0")
                        .addCapabilities(capability(AgentInfo.Capability.Type.MULTI_ROLE))
                        .addCapabilities(capability(AgentInfo.Capability.Type.HIERARCHICAL_ROLE))
                        .addCapabilities(capability(AgentInfo.Capability.Type.RESERVATION_REFINEMENT))
                        .addAllFrameworks(frameworks)
                        .addAllTasks(tasks)));
    }

    private static AgentInfo.Capability capability(AgentInfo.Capability.Type type) {
        return AgentInfo.Capability.newBuilder().setType(type).build();
    }

    /** @return the update's uuid */
    ByteString update(FrameworkID framework, TaskID task, TaskState state) {
        UUID uuid = UUID.randomUUID();
        ByteString bytes = ByteString.copyFrom(ByteBuffer.allocate(16)
                .putLong(uuid.getMostSignificantBits())
                .putLong(uuid.getLeastSignificantBits())
                .flip());
        send(FromAgent.newBuilder()
                .setStatusUpdate(StatusUpdate.newBuilder()
                        .setFrameworkId(framework)
                        .setLatestState(state)
                        .setStatus(TaskStatus.newBuilder()
                                .setTaskId(task)
                                .setState(state)
                                .setSource(TaskStatus.Source.SOURCE_EXECUTOR)
                                .setUuid(bytes))));
        return bytes;
    }

    /** Every operation it was told of is done. */
    void operationsFinished() {
        for (ToAgent told : received(ToAgent.MessageCase.APPLY_OPERATION)) {
            send(FromAgent.newBuilder()
                    .setOperationUpdate(OperationUpdate.newBuilder()
                            .setFrameworkId(told.getApplyOperation().getFrameworkId())
                            .setUuid(told.getApplyOperation().getUuid())
                            .setStatus(OperationStatus.newBuilder().setState(OperationState.OPERATION_FINISHED))));
        }
    }

    List<TaskInfo> launched() {
        return received(ToAgent.MessageCase.RUN_TASKS).stream()
                .flatMap(m -> m.getRunTasks().getTasksList().stream())
                .toList();
    }

    List<ToAgent> received(ToAgent.MessageCase kind) {
        return received.stream().filter(m -> m.getMessageCase() == kind).toList();
    }

    synchronized void send(FromAgent.Builder message) {
        socket.sendBinary(ByteBuffer.wrap(message.build().toByteArray()), true).join();
    }

    @Override
    public void close() {
        socket.abort();
    }

    private final class Listener implements WebSocket.Listener {
        private final ByteArrayOutputStream partial = new ByteArrayOutputStream();

        @Override
        public CompletionStage<?> onBinary(WebSocket webSocket, ByteBuffer data, boolean last) {
            byte[] bytes = new byte[data.remaining()];
            data.get(bytes);
            partial.writeBytes(bytes);
            if (last) {
                try {
                    received.add(ToAgent.parseFrom(partial.toByteArray()));
                } catch (InvalidProtocolBufferException e) {
                    throw new IllegalStateException(e);
                }
                partial.reset();
            }
            webSocket.request(1);
            return null;
        }

        @Override
        public CompletionStage<?> onClose(WebSocket webSocket, int statusCode, String reason) {
            closed = true;
            return null;
        }

        @Override
        public void onError(WebSocket webSocket, Throwable error) {
            closed = true;
        }
    }
}
