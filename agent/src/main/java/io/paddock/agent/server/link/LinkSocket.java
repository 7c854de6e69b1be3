package io.paddock.agent.server.link;

import io.paddock.proto.link.FromAgent;
import io.paddock.proto.link.ToAgent;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import org.apache.pekko.Done;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.http.javadsl.Http;
import org.apache.pekko.http.javadsl.model.HttpResponse;
import org.apache.pekko.http.javadsl.model.headers.Authorization;
import org.apache.pekko.http.javadsl.model.headers.Location;
import org.apache.pekko.http.javadsl.model.ws.BinaryMessage;
import org.apache.pekko.http.javadsl.model.ws.Message;
import org.apache.pekko.http.javadsl.model.ws.WebSocketRequest;
import org.apache.pekko.http.javadsl.settings.ClientConnectionSettings;
import org.apache.pekko.japi.Pair;
import org.apache.pekko.stream.KillSwitches;
import org.apache.pekko.stream.OverflowStrategy;
import org.apache.pekko.stream.UniqueKillSwitch;
import org.apache.pekko.stream.javadsl.Flow;
import org.apache.pekko.stream.javadsl.Keep;
import org.apache.pekko.stream.javadsl.Sink;
import org.apache.pekko.stream.javadsl.Source;
import org.apache.pekko.stream.javadsl.SourceQueueWithComplete;
import org.apache.pekko.util.ByteString;

/** One WebSocket to one master. Bounded both ways: outgoing by a queue, incoming because each message is awaited. */
final class LinkSocket {
    private static final int QUEUE = 8192;
    private static final long MAX_MESSAGE_BYTES = 64L << 20;

    private final SourceQueueWithComplete<FromAgent> queue;
    private final UniqueKillSwitch killSwitch;
    /** Completes when the socket is gone, with the reason. */
    private final CompletionStage<String> closed;

    private LinkSocket(
            SourceQueueWithComplete<FromAgent> queue, UniqueKillSwitch killSwitch, CompletionStage<String> closed) {
        this.queue = queue;
        this.killSwitch = killSwitch;
        this.closed = closed;
    }

    /** A master that is not the leader and says who is. */
    static final class NotLeader extends RuntimeException {
        private static final long serialVersionUID = 1L;
        final transient MasterAddress leader;

        NotLeader(MasterAddress leader) {
            super("the leader is " + leader);
            this.leader = leader;
        }
    }

    /**
     * Connects.
     *
     * @param identity how the master is persuaded to let the agent in
     * @param receive takes one message; the next is read when its answer completes
     * @return fails with {@link NotLeader} on a redirect, or with a message for the log
     */
    static CompletionStage<LinkSocket> connect(
            ActorSystem<?> system,
            MasterAddress address,
            MasterLink.Identity identity,
            Function<ToAgent, CompletionStage<Done>> receive) {
        Sink<Message, CompletionStage<Done>> incoming = Flow.<Message>create()
                .mapAsync(1, message -> bytes(system, message))
                .map(bytes -> ToAgent.parseFrom(bytes.toArrayUnsafe()))
                .mapAsync(1, receive::apply)
                .toMat(Sink.ignore(), Keep.right());
        Source<Message, SourceQueueWithComplete<FromAgent>> outgoing = Source.<FromAgent>queue(
                        QUEUE, OverflowStrategy.fail())
                .map(m -> BinaryMessage.create(ByteString.fromArrayUnsafe(m.toByteArray())));
        var flow = outgoing.viaMat(KillSwitches.single(), Keep.both())
                .viaMat(
                        Http.get(system)
                                .webSocketClientFlow(
                                        request(address, identity.credentials().get()),
                                        identity.context(),
                                        Optional.empty(),
                                        ClientConnectionSettings.create(system.classicSystem()),
                                        system.classicSystem().log()),
                        Keep.both())
                .toMat(incoming, Keep.both());
        var materialized = flow.run(system);
        var upgrade = materialized.first().second();
        CompletionStage<String> closed = materialized
                .second()
                .handle((done, failure) ->
                        failure == null ? "closed by the master" : String.valueOf(failure.getMessage()));
        Pair<SourceQueueWithComplete<FromAgent>, UniqueKillSwitch> ends =
                materialized.first().first();
        return upgrade.thenCompose(answer -> answer.isValid()
                ? CompletableFuture.completedFuture(new LinkSocket(ends.first(), ends.second(), closed))
                : CompletableFuture.failedFuture(refused(system, address, answer.response())));
    }

    private static WebSocketRequest request(MasterAddress address, Optional<String> credentials) {
        WebSocketRequest request = WebSocketRequest.create(address.linkUri());
        if (credentials.isEmpty()) {
            return request;
        }
        String[] parts = credentials.get().split(":", 2);
        return request.addHeader(Authorization.basic(parts[0], parts.length > 1 ? parts[1] : ""));
    }

    private static RuntimeException refused(ActorSystem<?> system, MasterAddress address, HttpResponse response) {
        response.discardEntityBytes(system);
        Optional<Location> location = response.getHeader(Location.class);
        if (response.status().isRedirection() && location.isPresent()) {
            String host = location.get().getUri().host().address();
            return new NotLeader(new MasterAddress(
                    address.secure(), host, location.get().getUri().port()));
        }
        return new IllegalStateException("it answered " + response.status());
    }

    private static CompletionStage<ByteString> bytes(ActorSystem<?> system, Message message) {
        if (message.isText()) {
            return CompletableFuture.failedFuture(new IllegalStateException("a text frame on the link"));
        }
        BinaryMessage binary = message.asBinaryMessage();
        return binary.isStrict()
                ? CompletableFuture.completedFuture(binary.getStrictData())
                : binary.getStreamedData()
                        .limitWeighted(MAX_MESSAGE_BYTES, part -> (long) part.size())
                        .runFold(ByteString.emptyByteString(), ByteString::concat, system);
    }

    /** Fails the socket when its queue is full. */
    void send(FromAgent message) {
        queue.offer(message);
    }

    CompletionStage<String> closed() {
        return closed;
    }

    void close() {
        queue.complete();
        killSwitch.shutdown();
    }
}
