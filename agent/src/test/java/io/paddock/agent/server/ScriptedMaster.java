package io.paddock.agent.server;

import io.paddock.platform.http.HttpOptions;
import io.paddock.platform.http.HttpServer;
import io.paddock.proto.link.AcknowledgeStatusUpdate;
import io.paddock.proto.link.FromAgent;
import io.paddock.proto.link.Registered;
import io.paddock.proto.link.StatusUpdate;
import io.paddock.proto.link.ToAgent;
import io.paddock.proto.v1.AgentID;
import io.paddock.proto.v1.MasterInfo;
import io.paddock.proto.v1.TaskState;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.http.javadsl.model.ws.BinaryMessage;
import org.apache.pekko.http.javadsl.model.ws.Message;
import org.apache.pekko.http.javadsl.server.Directives;
import org.apache.pekko.http.javadsl.server.PathMatchers;
import org.apache.pekko.stream.OverflowStrategy;
import org.apache.pekko.stream.javadsl.Flow;
import org.apache.pekko.stream.javadsl.Sink;
import org.apache.pekko.stream.javadsl.Source;
import org.apache.pekko.stream.javadsl.SourceQueueWithComplete;
import org.apache.pekko.util.ByteString;

/** A master over real WebSockets that lets every agent in, acknowledges updates and keeps all it hears. */
final class ScriptedMaster implements AutoCloseable {
    final List<FromAgent> heard = new CopyOnWriteArrayList<>();
    final AtomicInteger links = new AtomicInteger();
    volatile boolean acknowledging = true;
    private final ActorSystem<?> system;
    private final HttpServer http;
    private volatile SourceQueueWithComplete<ToAgent> agent;

    ScriptedMaster(ActorSystem<?> system) {
        this(system, 0);
    }

    ScriptedMaster(ActorSystem<?> system, int port) {
        this.system = system;
        this.http = HttpServer.bind(
                        system,
                        HttpOptions.plain("127.0.0.1", port),
                        Directives.path(
                                PathMatchers.segment("api").slash("paddock").slash("link"),
                                () -> Directives.extractRequest(request -> Directives.handleWebSocketMessages(link()))))
                .toCompletableFuture()
                .join();
    }

    int port() {
        return http.port();
    }

    String address() {
        return "127.0.0.1:" + http.port();
    }

    private Flow<Message, Message, ?> link() {
        var pair = Source.<ToAgent>queue(1000, OverflowStrategy.fail()).preMaterialize(system);
        agent = pair.first();
        links.incrementAndGet();
        Source<Message, ?> out =
                pair.second().map(m -> BinaryMessage.create(ByteString.fromArrayUnsafe(m.toByteArray())));
        Sink<Message, ?> in = Flow.<Message>create()
                .map(m ->
                        FromAgent.parseFrom(m.asBinaryMessage().getStrictData().toArrayUnsafe()))
                .to(Sink.foreach(m -> hear(m, pair.first())));
        return Flow.fromSinkAndSourceCoupled(in, out);
    }

    private void hear(FromAgent m, SourceQueueWithComplete<ToAgent> to) {
        heard.add(m);
        if (m.hasHeartbeat()) {
            to.offer(ToAgent.newBuilder().setHeartbeat(m.getHeartbeat()).build());
        }
        if (m.hasRegister() || m.hasReregister()) {
            AgentID id = m.hasReregister()
                    ? m.getReregister().getAgent().getId()
                    : AgentID.newBuilder().setValue("m-S0").build();
            to.offer(ToAgent.newBuilder()
                    .setRegistered(Registered.newBuilder()
                            .setAgentId(id)
                            .setMaster(
                                    MasterInfo.newBuilder().setId("m").setIp(1).setPort(http.port()))
                            .setHeartbeatSeconds(1))
                    .build());
        } else if (m.hasStatusUpdate() && m.getStatusUpdate().getStatus().hasUuid() && acknowledging) {
            StatusUpdate update = m.getStatusUpdate();
            to.offer(ToAgent.newBuilder()
                    .setAcknowledge(AcknowledgeStatusUpdate.newBuilder()
                            .setFrameworkId(update.getFrameworkId())
                            .setTaskId(update.getStatus().getTaskId())
                            .setUuid(update.getStatus().getUuid()))
                    .build());
        }
    }

    void send(ToAgent.Builder message) {
        agent.offer(message.build());
    }

    /** The agent connects again. */
    void closeLink() {
        agent.complete();
    }

    boolean registered() {
        return heard.stream().anyMatch(m -> m.hasRegister() || m.hasReregister());
    }

    List<TaskState> states(String task) {
        return updates(task).stream().map(u -> u.getStatus().getState()).collect(Collectors.toList());
    }

    List<StatusUpdate> updates(String task) {
        return heard.stream()
                .filter(FromAgent::hasStatusUpdate)
                .map(FromAgent::getStatusUpdate)
                .filter(u -> u.getStatus().getTaskId().getValue().equals(task))
                .collect(Collectors.toList());
    }

    StatusUpdate last(String task) {
        List<StatusUpdate> all = updates(task);
        return all.get(all.size() - 1);
    }

    @Override
    public void close() {
        if (agent != null) {
            agent.complete();
        }
        http.close();
    }
}
