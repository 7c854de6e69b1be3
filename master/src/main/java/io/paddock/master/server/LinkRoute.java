package io.paddock.master.server;

import com.google.protobuf.InvalidProtocolBufferException;
import io.paddock.common.authorization.Action;
import io.paddock.master.server.read.Viewers;
import io.paddock.platform.http.HttpServer;
import io.paddock.platform.http.Responses;
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
import org.apache.pekko.stream.Materializer;
import org.apache.pekko.stream.javadsl.Flow;
import org.apache.pekko.stream.javadsl.Keep;
import org.apache.pekko.stream.javadsl.Sink;
import org.apache.pekko.stream.javadsl.Source;
import org.apache.pekko.util.ByteString;
import org.jspecify.annotations.Nullable;
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

    /** @param viewers say who may register agents */
    static Route create(Leadership leadership, Viewers viewers) {
        return Directives.path(
                "link",
                () -> leadership.whenServing(master -> Directives.extractRequest(request -> viewers.refuse(
                                HttpServer.principal(request), Action.REGISTER_AGENTS, null)
                        .map(refused -> Directives.complete(Responses.rejected(refused)))
                        .orElseGet(() ->
                                Directives.extractMaterializer(materializer -> Directives.handleWebSocketMessages(flow(
                                        master, HttpServer.principal(request).orElse(null), materializer)))))));
    }

    /** One agent's link; it opens when the request has become a WebSocket, before the first frame. */
    private static Flow<Message, Message, NotUsed> flow(
            MasterShell master, @Nullable String principal, Materializer materializer) {
        String link = UUID.randomUUID().toString();
        Sink<Message, CompletionStage<Done>> in = Flow.<Message>create()
                .mapAsync(1, message -> read(message, materializer))
                .mapAsync(1, new Turns(master, link, principal)::take)
                .toMat(Sink.ignore(), Keep.right());
        Source<Message, NotUsed> out = Source.<ToAgent>queue(AgentLink.MAX_WAITING)
                .mapMaterializedValue(queue -> {
                    master.linkOpened(link, new AgentLink(queue));
                    return NotUsed.getInstance();
                })
                .map(message -> BinaryMessage.create(ByteString.fromArrayUnsafe(message.toByteArray())));
        return Flow.fromSinkAndSourceCoupledMat(in, out, Keep.left()).watchTermination((received, ended) -> {
            ended.whenCompleteAsync(
                    (done, failure) -> {
                        if (failure != null) {
                            LOG.info("The link {} of an agent broke: {}", link, failure.toString());
                        }
                        master.linkClosed(link);
                    },
                    materializer.executionContext());
            return NotUsed.getInstance();
        });
    }

    /** Waits for the actor once in so many frames of a link: an answer to each costs more than the frame. */
    private static final class Turns {
        private final MasterShell master;
        private final String link;
        private final @Nullable String principal;
        private int frames;

        Turns(MasterShell master, String link, @Nullable String principal) {
            this.principal = principal;
            this.master = master;
            this.link = link;
        }

        CompletionStage<Done> take(FromAgent message) {
            frames++;
            if (frames < FRAMES_IN_FLIGHT) {
                return master.agentSpoke(
                        link, principal, message, CompletableFuture.completedFuture(Done.getInstance()));
            }
            frames = 0;
            return master.agentSpoke(link, principal, message, new CompletableFuture<>());
        }
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
                .thenComposeAsync(LinkRoute::parse, materializer.executionContext());
    }

    private static CompletionStage<FromAgent> parse(ByteString frame) {
        try {
            return CompletableFuture.completedFuture(FromAgent.parseFrom(frame.toArrayUnsafe()));
        } catch (InvalidProtocolBufferException e) {
            return CompletableFuture.failedFuture(e);
        }
    }
}
