package io.paddock.batch.server.http;

import io.paddock.platform.http.Peers;
import io.paddock.platform.http.Responses;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.http.javadsl.model.HttpRequest;
import org.apache.pekko.http.javadsl.model.HttpResponse;
import org.apache.pekko.http.javadsl.model.StatusCodes;
import org.apache.pekko.http.javadsl.model.Uri;
import org.apache.pekko.http.javadsl.model.headers.RawHeader;

/** Passes a standby's requests on to the leader, once: a request that was passed on before is refused. */
final class LeaderProxy {
    private static final String LEADER = "X-LEADER";
    private static final String VIA = "X-VIA";

    private final ActorSystem<?> system;
    private final Backend backend;
    private final Peers peers;

    LeaderProxy(ActorSystem<?> system, Backend backend, Peers peers) {
        this.system = system;
        this.backend = backend;
        this.peers = peers;
    }

    CompletionStage<HttpResponse> pass(HttpRequest request, byte[] body) {
        if (request.getHeader(VIA).isPresent()) {
            return CompletableFuture.completedFuture(Responses.text(
                    StatusCodes.BAD_REQUEST,
                    "This request was passed on once already, but this instance does not lead"));
        }
        if (backend.leader().isEmpty() || backend.leader().get().equals(backend.address())) {
            return CompletableFuture.completedFuture(
                    Responses.text(StatusCodes.SERVICE_UNAVAILABLE, "There is no leader at the moment; try again"));
        }
        String leader = backend.leader().get();
        Uri target =
                request.getUri().scheme(peers.scheme()).host(hostOf(leader)).port(portOf(leader));
        HttpRequest passed = HttpRequest.create()
                .withMethod(request.method())
                .withUri(target)
                .addHeader(RawHeader.create(VIA, backend.address()));
        passed = request.getHeader("Authorization").map(passed::addHeader).orElse(passed);
        return peers.send(
                        system,
                        body.length == 0
                                ? passed
                                : passed.withEntity(request.entity().getContentType(), body))
                .thenApply(answer -> answer.addHeader(RawHeader.create(LEADER, leader))
                        .addHeader(RawHeader.create(VIA, backend.address())))
                .exceptionally(failure -> Responses.text(
                        StatusCodes.SERVICE_UNAVAILABLE, "The leader " + leader + " does not answer; try again"));
    }

    private static String hostOf(String address) {
        return address.substring(0, address.lastIndexOf(':'));
    }

    private static int portOf(String address) {
        return Integer.parseInt(address.substring(address.lastIndexOf(':') + 1));
    }
}
