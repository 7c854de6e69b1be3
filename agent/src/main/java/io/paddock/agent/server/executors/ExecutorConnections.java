package io.paddock.agent.server.executors;

import io.paddock.agent.core.AgentEvent;
import io.paddock.agent.core.ExecutorKey;
import io.paddock.common.Rejection;
import io.paddock.platform.http.EventStream;
import io.paddock.platform.http.Responses;
import io.paddock.proto.v1.executor.Call;
import io.paddock.proto.v1.executor.Event;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.apache.pekko.http.javadsl.model.HttpResponse;
import org.apache.pekko.http.javadsl.model.StatusCodes;
import org.jspecify.annotations.Nullable;

/** Executors connected over HTTP: their open streams, and their calls until they are answered. */
public final class ExecutorConnections {
    private final AgentMailbox mailbox;
    private final Map<ExecutorKey, EventStream<Event>> streams = new HashMap<>();
    private final Map<Long, Waiting> waiting = new HashMap<>();

    private record Waiting(Call call, Optional<EventStream<Event>> stream, CompletableFuture<HttpResponse> answer) {}

    public ExecutorConnections(AgentMailbox mailbox) {
        this.mailbox = mailbox;
    }

    /** @param stream what a SUBSCRIBE would read from */
    public void called(
            long request, Call call, Optional<EventStream<Event>> stream, CompletableFuture<HttpResponse> answer) {
        waiting.put(request, new Waiting(call, stream, answer));
    }

    /** Answers a call; nothing for requests that did not come over HTTP. */
    public void accept(long request) {
        Waiting call = waiting.remove(request);
        if (call == null) {
            return;
        }
        if (call.stream().isEmpty()) {
            call.answer().complete(HttpResponse.create().withStatus(StatusCodes.ACCEPTED));
            return;
        }
        ExecutorKey key =
                ExecutorKey.of(call.call().getFrameworkId(), call.call().getExecutorId());
        EventStream<Event> stream = call.stream().get();
        EventStream<Event> before = streams.put(key, stream);
        if (before != null) {
            before.close();
        }
        stream.whenClosed().thenAccept(why -> mailbox.tell(new AgentEvent.ExecutorDisconnected(key, request)));
        call.answer().complete(stream.response());
    }

    public void refuse(long request, Rejection rejection) {
        Waiting call = waiting.remove(request);
        if (call != null) {
            call.answer().complete(Responses.rejected(rejection));
        }
    }

    public void send(ExecutorKey key, Event event) {
        @Nullable EventStream<Event> stream = streams.get(key);
        if (stream != null && !stream.offer(event)) {
            streams.remove(key, stream);
        }
    }

    public void close(ExecutorKey key) {
        EventStream<Event> stream = streams.remove(key);
        if (stream != null) {
            stream.close();
        }
    }

    /** Ends all streams and answers 503 to calls that wait. */
    public void closeAll() {
        waiting.values()
                .forEach(call ->
                        call.answer().complete(Responses.rejected(Rejection.unavailable("The agent is ending"))));
        waiting.clear();
        streams.values().forEach(EventStream::close);
        streams.clear();
    }
}
