package io.paddock.benchmarks;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.paddock.common.resources.Resources;
import io.paddock.proto.domain.ResourceMessages;
import io.paddock.proto.link.AcknowledgeStatusUpdate;
import io.paddock.proto.link.FromAgent;
import io.paddock.proto.link.Heartbeat;
import io.paddock.proto.link.Register;
import io.paddock.proto.link.RunTasks;
import io.paddock.proto.link.StatusUpdate;
import io.paddock.proto.link.ToAgent;
import io.paddock.proto.v1.AgentID;
import io.paddock.proto.v1.AgentInfo;
import io.paddock.proto.v1.TaskInfo;
import io.paddock.proto.v1.TaskState;
import io.paddock.proto.v1.TaskStatus;
import java.io.ByteArrayOutputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * An agent with a real link to a real master and no containers: every task runs and finishes as soon as its updates are
 * acknowledged. One WebSocket, no thread of its own.
 */
final class SimulatedAgent implements WebSocket.Listener {
    private static final AtomicLong UPDATES = new AtomicLong();
    private static final AtomicLong RESENT = new AtomicLong();
    private static final int RESEND_SECONDS = 10;

    private final AgentInfo info;
    private final CompletableFuture<AgentID> registered = new CompletableFuture<>();
    private final ScheduledExecutorService timer;
    private final ByteArrayOutputStream partial = new ByteArrayOutputStream();
    private final Queue<FromAgent> outgoing = new ArrayDeque<>();
    /** The update of each task that is in flight, and since when; the acknowledgement of RUNNING lets the task finish. */
    private final Map<String, Unacknowledged> inFlight = new HashMap<>();

    private boolean sending;
    private @Nullable WebSocket socket;

    private record Unacknowledged(StatusUpdate update, long sentAtNanos) {}

    private SimulatedAgent(int number, ScheduledExecutorService timer) {
        this.timer = timer;
        this.info = AgentInfo.newBuilder()
                .setHostname("agent-" + number)
                .setPort(5051)
                .addAllResources(ResourceMessages.toMessages(
                        Resources.parse("cpus:24;mem:65536;disk:65536;ports:[31000-32000]")))
                .build();
    }

    /** Connects and registers; completes when the master has answered. */
    static CompletionStage<SimulatedAgent> connect(
            HttpClient client, URI link, int number, ScheduledExecutorService timer) {
        SimulatedAgent agent = new SimulatedAgent(number, timer);
        return client.newWebSocketBuilder()
                .connectTimeout(Duration.ofSeconds(30))
                .buildAsync(link, agent)
                .thenCompose(socket -> {
                    agent.send(FromAgent.newBuilder()
                            .setRegister(Register.newBuilder()
                                    .setAgent(agent.info)
                                    .setVersion("0.1.0")
                                    .addCapabilities(capability(AgentInfo.Capability.Type.MULTI_ROLE))
                                    .addCapabilities(capability(AgentInfo.Capability.Type.HIERARCHICAL_ROLE))
                                    .addCapabilities(capability(AgentInfo.Capability.Type.RESERVATION_REFINEMENT)))
                            .build());
                    return agent.registered;
                })
                .thenApply(id -> agent);
    }

    private static AgentInfo.Capability capability(AgentInfo.Capability.Type type) {
        return AgentInfo.Capability.newBuilder().setType(type).build();
    }

    @Override
    public void onOpen(WebSocket webSocket) {
        synchronized (this) {
            socket = webSocket;
        }
        webSocket.request(1);
    }

    @Override
    public @Nullable CompletionStage<?> onBinary(WebSocket webSocket, ByteBuffer data, boolean last) {
        byte[] bytes = new byte[data.remaining()];
        data.get(bytes);
        partial.writeBytes(bytes);
        if (last) {
            try {
                received(ToAgent.parseFrom(partial.toByteArray()));
            } catch (InvalidProtocolBufferException e) {
                throw new IllegalStateException(info.getHostname() + " received a broken frame", e);
            }
            partial.reset();
        }
        webSocket.request(1);
        return null;
    }

    private void received(ToAgent message) {
        switch (message.getMessageCase()) {
            case REGISTERED:
                long beat = Math.round(message.getRegistered().getHeartbeatSeconds() * 1000);
                timer.scheduleAtFixedRate(this::sendAgain, RESEND_SECONDS, RESEND_SECONDS, TimeUnit.SECONDS);
                timer.scheduleAtFixedRate(
                        () -> send(FromAgent.newBuilder()
                                .setHeartbeat(Heartbeat.getDefaultInstance())
                                .build()),
                        beat,
                        beat,
                        TimeUnit.MILLISECONDS);
                registered.complete(message.getRegistered().getAgentId());
                break;
            case REFUSED:
                registered.completeExceptionally(
                        new IllegalStateException(message.getRefused().getMessage()));
                break;
            case RUN_TASKS:
                run(message.getRunTasks());
                break;
            case ACKNOWLEDGE:
                acknowledged(message.getAcknowledge());
                break;
            default:
                break;
        }
    }

    private void run(RunTasks tasks) {
        for (TaskInfo task : tasks.getTasksList()) {
            StatusUpdate base = StatusUpdate.newBuilder()
                    .setFrameworkId(tasks.getFramework().getId())
                    .setLatestState(TaskState.TASK_RUNNING)
                    .setStatus(TaskStatus.newBuilder()
                            .setTaskId(task.getTaskId())
                            .setAgentId(task.getAgentId())
                            .setSource(TaskStatus.Source.SOURCE_EXECUTOR)
                            .setState(TaskState.TASK_RUNNING))
                    .build();
            report(base, TaskState.TASK_RUNNING);
        }
    }

    private synchronized void acknowledged(AcknowledgeStatusUpdate acknowledgement) {
        Unacknowledged current = inFlight.get(acknowledgement.getTaskId().getValue());
        if (current == null || !current.update().getStatus().getUuid().equals(acknowledgement.getUuid())) {
            return;
        }
        inFlight.remove(acknowledgement.getTaskId().getValue());
        if (current.update().getStatus().getState() == TaskState.TASK_RUNNING) {
            report(current.update(), TaskState.TASK_FINISHED);
        }
    }

    private synchronized void report(StatusUpdate base, TaskState state) {
        StatusUpdate.Builder update = base.toBuilder().setLatestState(state);
        update.getStatusBuilder()
                .setState(state)
                .setTimestamp(System.currentTimeMillis() / 1000.0)
                .setUuid(ByteString.copyFrom(ByteBuffer.allocate(16)
                        .putLong(8, UPDATES.incrementAndGet())
                        .array()));
        inFlight.put(update.getStatus().getTaskId().getValue(), new Unacknowledged(update.build(), System.nanoTime()));
        send(FromAgent.newBuilder().setStatusUpdate(update).build());
    }

    /** As a real agent does with what nobody acknowledged. */
    private synchronized void sendAgain() {
        long sentBefore = System.nanoTime() - TimeUnit.SECONDS.toNanos(RESEND_SECONDS);
        inFlight.replaceAll((task, waiting) -> {
            if (waiting.sentAtNanos() - sentBefore > 0) {
                return waiting;
            }
            RESENT.incrementAndGet();
            send(FromAgent.newBuilder().setStatusUpdate(waiting.update()).build());
            return new Unacknowledged(waiting.update(), System.nanoTime());
        });
    }

    /** How many updates all agents sent again, as their acknowledgements were late. */
    static long resent() {
        return RESENT.get();
    }

    /** A WebSocket takes one message at a time: the others wait here. */
    private synchronized void send(FromAgent message) {
        outgoing.add(message);
        sendNext();
    }

    private synchronized void sendNext() {
        if (!sending && !outgoing.isEmpty() && socket != null) {
            sending = true;
            socket.sendBinary(ByteBuffer.wrap(outgoing.remove().toByteArray()), true)
                    .whenComplete((ok, failure) -> {
                        synchronized (this) {
                            sending = false;
                            if (failure == null) {
                                sendNext();
                            }
                        }
                    });
        }
    }

    void disconnect() {
        WebSocket open = socket;
        if (open != null) {
            open.abort();
        }
    }
}
