package io.paddock.agent.server.http;

import io.paddock.platform.http.Calls;
import io.paddock.platform.http.EventStream;
import io.paddock.platform.http.Exchange;
import io.paddock.platform.http.HttpServer;
import io.paddock.platform.http.Responses;
import io.paddock.platform.http.WireFormat;
import io.paddock.platform.security.Access;
import io.paddock.proto.v1.executor.Call;
import io.paddock.proto.v1.executor.Event;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import org.apache.pekko.http.javadsl.model.HttpResponse;
import org.apache.pekko.http.javadsl.server.Route;

/** {@code POST /api/v1/executor}. */
final class ExecutorApi {
    private static final int QUEUED_EVENTS = 10_000;
    private static final long QUEUED_BYTES = 64L << 20;

    private ExecutorApi() {}

    static Route route(
            Function<Function<RunningAgent, CompletionStage<HttpResponse>>, CompletionStage<HttpResponse>> agent) {
        return Calls.route(
                Call.getDefaultInstance(), (call, exchange) -> agent.apply(running -> handle(running, call, exchange)));
    }

    private static CompletionStage<HttpResponse> handle(RunningAgent agent, Call call, Exchange exchange) {
        if (Access.principal(exchange.request()).isEmpty()) {
            return allowed(agent, call, exchange);
        }
        return agent.view()
                .thenCompose(view -> AgentAuthorization.executor(exchange.request(), view, call)
                        .<CompletionStage<HttpResponse>>map(
                                refused -> CompletableFuture.completedFuture(Responses.rejected(refused)))
                        .orElseGet(() -> allowed(agent, call, exchange)));
    }

    private static CompletionStage<HttpResponse> allowed(RunningAgent agent, Call call, Exchange exchange) {
        if (call.getType() != Call.Type.SUBSCRIBE) {
            return agent.called(call, Optional.empty());
        }
        Optional<WireFormat> format = exchange.accepted();
        if (format.isEmpty()) {
            return CompletableFuture.completedFuture(Exchange.notAcceptable());
        }
        EventStream<Event> events = new EventStream<>(format.get(), QUEUED_EVENTS, QUEUED_BYTES);
        HttpServer.clientGone(exchange.request()).thenAccept(gone -> events.readerLeft());
        return agent.called(call, Optional.of(events));
    }
}
