package io.paddock.master.server;

import com.google.protobuf.InvalidProtocolBufferException;
import io.paddock.proto.link.FromAgent;
import io.paddock.proto.link.ToAgent;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.pekko.Done;
import org.apache.pekko.NotUsed;
import org.apache.pekko.http.javadsl.model.ws.BinaryMessage;
import org.apache.pekko.http.javadsl.model.ws.Message;
import org.apache.pekko.http.javadsl.server.Directives;
import org.apache.pekko.http.javadsl.server.Route;
import org.apache.pekko.japi.Pair;
import org.apache.pekko.stream.BoundedSourceQueue;
import org.apache.pekko.stream.Materializer;
import org.apache.pekko.stream.javadsl.Flow;
import org.apache.pekko.stream.javadsl.Keep;
import org.apache.pekko.stream.javadsl.Sink;
import org.apache.pekko.stream.javadsl.Source;
import org.apache.pekko.util.ByteString;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * {@code /api/paddock/link}: a WebSocket per agent, one protobuf message per binary frame. Bounded both ways: an agent may
 * have {@link #FRAMES_IN_FLIGHT} frames on the way to the master's actor, and {@link AgentLink#MAX_WAITING} wait for it.
 */
final class LinkRoute {
    private static final Logger LOG = LoggerFactory.getLogger(LinkRoute.class);
    private static final int FRAMES_IN_FLIGHT = 64;
    /** A re-registration carries all an agent runs. */
    private static final int MAX_MESSAGE_BYTES = 64 << 20;

    private LinkRoute() {}

    static Route create(Leadership leadership) {
        return Directives.path(
                "link",
                () -> leadership.whenServing(master -> Directives.handleWebSocketMessages(
                        // Only a request that becomes a WebSocket opens a link.
                        Flow.<Message, Message, NotUsed>fromMaterializer(
                                        (materializer, attributes) -> flow(master, materializer))
                                .mapMaterializedValue(opened -> NotUsed.getInstance()))));
    }

    private static Flow<Message, Message, NotUsed> flow(MasterShell master, Materializer materializer) {
        String link = UUID.randomUUID().toString();
        Pair<BoundedSourceQueue<ToAgent>, Source<ToAgent, NotUsed>> out =
                Source.<ToAgent>queue(AgentLink.MAX_WAITING).preMaterialize(materializer);
        master.linkOpened(link, new AgentLink(out.first()));
        Sink<Message, CompletionStage<Done>> in = Flow.<Message>create()
                .mapAsync(1, message -> read(message, materializer))
                .mapAsync(FRAMES_IN_FLIGHT, message -> master.agentSpoke(link, message))
                .toMat(Sink.ignore(), Keep.right());
        return Flow.fromSinkAndSourceCoupledMat(
                        in,
                        out.second()
                                .map(message ->
                                        BinaryMessage.create(ByteString.fromArrayUnsafe(message.toByteArray()))),
                        Keep.left())
                .<Message>map(message -> message)
                .watchTermination((received, ended) -> {
                    ended.whenComplete((done, failure) -> {
                        if (failure != null) {
                            LOG.info("The link {} of an agent broke: {}", link, failure.toString());
                        }
                        master.linkClosed(link);
                    });
                    return NotUsed.getInstance();
                });
    }

    private static CompletionStage<FromAgent> read(Message message, Materializer materializer) {
        if (message.isText()) {
            return CompletableFuture.failedFuture(
                    new IllegalArgumentException("an agent's link carries binary frames, but a text frame came"));
        }
        BinaryMessage binary = message.asBinaryMessage();
        if (binary.isStrict()) {
            return parse(binary.getStrictData());
        }
        return binary.getStreamedData()
                .limitWeighted(MAX_MESSAGE_BYTES, part -> (long) part.length())
                .runFold(ByteString.emptyByteString(), ByteString::concat, materializer)
                .thenCompose(LinkRoute::parse);
    }

    private static CompletionStage<FromAgent> parse(ByteString frame) {
        try {
            return CompletableFuture.completedFuture(FromAgent.parseFrom(frame.toArrayUnsafe()));
        } catch (InvalidProtocolBufferException e) {
            return CompletableFuture.failedFuture(e);
        }
    }
}
