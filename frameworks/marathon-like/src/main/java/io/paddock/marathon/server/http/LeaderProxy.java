package io.paddock.marathon.server.http;

import io.paddock.platform.http.Peers;
import io.paddock.platform.http.Responses;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.http.javadsl.model.HttpHeader;
import org.apache.pekko.http.javadsl.model.HttpRequest;
import org.apache.pekko.http.javadsl.model.HttpResponse;
import org.apache.pekko.http.javadsl.model.StatusCodes;
import org.apache.pekko.http.javadsl.model.Uri;
import org.apache.pekko.http.javadsl.model.headers.RawHeader;

/**
 * A standby passes every request on to the leader, and the answer back. The stream of events is redirected instead, so that
 * it does not depend on two processes.
 */
final class LeaderProxy {
    private static final String VIA = "X-Marathon-Via";
    private static final Set<String> NOT_PASSED_ON =
            Set.of("host", "timeout-access", "content-type", "content-length", "connection", "remote-address");

    private final ActorSystem<?> system;
    private final Peers peers;
    private final Supplier<String> self;

    /**
     * @param peers how other marathons are reached
     * @param self how this process is named in the header that tells where a request has been
     */
    LeaderProxy(ActorSystem<?> system, Peers peers, Supplier<String> self) {
        this.system = system;
        this.peers = peers;
        this.self = self;
    }

    CompletionStage<HttpResponse> pass(HttpRequest request, Optional<String> leader) {
        String own = self.get();
        String via = request.getHeader(VIA).map(HttpHeader::value).orElse("");
        if (leader.isEmpty() || leader.get().equals(own)) {
            return refuse("The leader is not known yet; try again soon");
        }
        if (List.of(via.split(",\\s*")).contains(own)) {
            return refuse("The request went in a circle: " + via + ", " + own);
        }
        String target = peers.scheme() + "://" + leader.get() + request.getUri().getPathString()
                + request.getUri().rawQueryString().map(q -> "?" + q).orElse("");
        if (request.getUri().getPathString().startsWith("/v2/events")) {
            request.discardEntityBytes(system);
            return CompletableFuture.completedStage(HttpResponse.create()
                    .withStatus(StatusCodes.FOUND)
                    .addHeader(RawHeader.create("Location", target)));
        }
        List<HttpHeader> headers = new ArrayList<>();
        for (HttpHeader h : request.getHeaders()) {
            if (!NOT_PASSED_ON.contains(h.lowercaseName()) && !h.is(VIA.toLowerCase(java.util.Locale.ROOT))) {
                headers.add(h);
            }
        }
        headers.add(RawHeader.create(VIA, via.isEmpty() ? own : via + ", " + own));
        HttpRequest passed = HttpRequest.create()
                .withMethod(request.method())
                .withUri(Uri.create(target))
                .withEntity(request.entity())
                .withHeaders(headers);
        return peers.send(system, passed)
                .handle((response, error) -> error == null
                        ? CompletableFuture.<HttpResponse>completedStage(response)
                        : refuse("The leader at " + leader.get() + " cannot be reached: " + error.getMessage()))
                .thenCompose(stage -> stage);
    }

    private static CompletionStage<HttpResponse> refuse(String why) {
        return CompletableFuture.completedStage(Responses.rejectedAsJson(io.paddock.common.Rejection.unavailable(why))
                .withStatus(StatusCodes.BAD_GATEWAY));
    }
}
