package io.paddock.master.server;

import io.paddock.common.Rejection;
import io.paddock.master.core.MasterEffect.Answer;
import io.paddock.master.core.MasterEffect.Outcome;
import io.paddock.platform.http.Calls;
import io.paddock.platform.http.EventStream;
import io.paddock.platform.http.Exchange;
import io.paddock.platform.http.HttpServer;
import io.paddock.platform.http.Responses;
import io.paddock.platform.http.WireFormat;
import io.paddock.proto.v1.FrameworkInfo;
import io.paddock.proto.v1.scheduler.Call;
import io.paddock.proto.v1.scheduler.Event;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.pekko.http.javadsl.model.HttpResponse;
import org.apache.pekko.http.javadsl.model.StatusCodes;
import org.apache.pekko.http.javadsl.model.headers.RawHeader;
import org.apache.pekko.http.javadsl.server.Directives;
import org.apache.pekko.http.javadsl.server.Route;

/** {@code /api/v1/scheduler}: the scheduler API over HTTP. Says nothing the core did not say. */
final class SchedulerRoutes {
    static final String STREAM_ID = "Mesos-Stream-Id";

    /** What may wait for a slow scheduler before it is disconnected and has to subscribe again. */
    private static final int MAX_EVENTS = 100_000;

    private static final long MAX_BYTES = 64L << 20;

    private SchedulerRoutes() {}

    /** Everything below the path, as clients post to longer ones too. */
    static Route create(Leadership leadership, CallLimits limits) {
        Route calls = leadership.whenServing(master ->
                Calls.route(Call.getDefaultInstance(), (call, exchange) -> called(master, limits, call, exchange)));
        return Directives.pathPrefix("scheduler", () -> calls);
    }

    private static CompletionStage<HttpResponse> called(
            MasterShell master, CallLimits limits, Call call, Exchange exchange) {
        return limits.turn(caller(limits, call, exchange))
                .thenCompose(refused -> refused.isPresent()
                        ? CompletableFuture.completedFuture(Responses.rejected(refused.get()))
                        : admitted(master, limits, call, exchange));
    }

    /** Whose rate a call counts in: who was authenticated, or whom the framework names. */
    private static Optional<String> caller(CallLimits limits, Call call, Exchange exchange) {
        FrameworkInfo info = call.getSubscribe().getFrameworkInfo();
        boolean names = call.getType() == Call.Type.SUBSCRIBE && info.hasPrincipal();
        return exchange.principal()
                .or(() -> names ? Optional.of(info.getPrincipal()) : Optional.empty())
                .or(() -> limits.principalOf(exchange.header(STREAM_ID).orElse(null)));
    }

    private static CompletionStage<HttpResponse> admitted(
            MasterShell master, CallLimits limits, Call call, Exchange exchange) {
        return call.getType() == Call.Type.SUBSCRIBE
                ? subscribe(master, limits, call, exchange)
                : master.scheduler(
                                call,
                                exchange.header(STREAM_ID).orElse(null),
                                exchange.principal().orElse(null))
                        .thenApply(SchedulerRoutes::response);
    }

    private static CompletionStage<HttpResponse> subscribe(
            MasterShell master, CallLimits limits, Call call, Exchange exchange) {
        Optional<WireFormat> format = exchange.accepted();
        if (format.isEmpty()) {
            return CompletableFuture.completedFuture(Exchange.notAcceptable());
        }
        String stream = UUID.randomUUID().toString();
        EventStream<Event> events = new EventStream<>(format.get(), MAX_EVENTS, MAX_BYTES);
        caller(limits, call, exchange).ifPresent(principal -> limits.opened(stream, principal));
        events.whenClosed().thenAccept(reason -> {
            limits.closed(stream);
            master.streamClosed(stream);
        });
        HttpServer.clientGone(exchange.request()).thenAccept(gone -> events.readerLeft());
        return master.subscribe(
                        call,
                        stream,
                        exchange.header(STREAM_ID).orElse(null),
                        exchange.principal().orElse(null),
                        events)
                .thenApply(answer -> {
                    if (answer.outcome() == Outcome.STREAM) {
                        return events.response().addHeader(RawHeader.create(STREAM_ID, stream));
                    }
                    events.fail("the subscription was rejected");
                    return response(answer);
                });
    }

    /** The HTTP form of an answer without a stream. */
    static HttpResponse response(Answer answer) {
        switch (answer.outcome()) {
            case ACCEPTED:
                return HttpResponse.create().withStatus(StatusCodes.ACCEPTED);
            case DONE:
                return HttpResponse.create().withStatus(StatusCodes.OK);
            case REJECTED:
                Rejection rejection = answer.rejection();
                if (rejection != null) {
                    return Responses.rejected(rejection);
                }
                break;
            case STREAM:
                break;
        }
        throw new IllegalStateException("answer " + answer + " has no HTTP form");
    }
}
