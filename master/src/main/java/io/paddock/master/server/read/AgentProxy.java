package io.paddock.master.server.read;

import io.paddock.common.Rejection;
import io.paddock.master.core.snapshot.AgentView;
import io.paddock.master.core.snapshot.ClusterSnapshot;
import io.paddock.master.server.Leadership;
import io.paddock.platform.http.Peers;
import io.paddock.platform.http.Responses;
import io.paddock.proto.v1.AgentInfo;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.http.javadsl.model.HttpRequest;
import org.apache.pekko.http.javadsl.model.HttpResponse;
import org.apache.pekko.http.javadsl.model.StatusCodes;
import org.apache.pekko.http.javadsl.model.Uri;
import org.apache.pekko.http.javadsl.server.Directives;
import org.apache.pekko.http.javadsl.server.PathMatchers;
import org.apache.pekko.http.javadsl.server.Route;

/**
 * {@code GET /agent/<id>/…}: reads of an agent through the master, so that a browser needs to reach the master only. Passes
 * the caller's credentials on and nothing but reads through.
 */
final class AgentProxy {
    private static final Set<String> READS =
            Set.of("state", "files/browse", "files/read", "files/download", "containers", "monitor/statistics");

    private final ActorSystem<?> system;
    private final Leadership leadership;
    private final Peers peers;

    AgentProxy(ActorSystem<?> system, Leadership leadership, Peers peers) {
        this.system = system;
        this.leadership = leadership;
        this.peers = peers;
    }

    Route route() {
        return Directives.get(() -> Directives.pathPrefix(
                PathMatchers.segment("agent").slash(PathMatchers.segment()),
                id -> Directives.path(
                        PathMatchers.remaining(),
                        path -> leadership.whenLeading(feed -> Directives.extractRequest(
                                request -> Directives.completeWithFuture(read(feed.current(), id, path, request)))))));
    }

    private CompletionStage<HttpResponse> read(ClusterSnapshot snapshot, String id, String path, HttpRequest request) {
        Optional<AgentView> agent = snapshot.agents().stream()
                .filter(known -> known.id().equals(id))
                .findFirst();
        if (agent.isEmpty()) {
            return rejected("No agent '" + id + "' is registered");
        }
        return READS.contains(path)
                ? forward(agent.get(), path, request)
                : rejected("'/" + path + "' of an agent is not passed on");
    }

    private static CompletionStage<HttpResponse> rejected(String message) {
        return CompletableFuture.completedFuture(Responses.rejected(Rejection.notFound(message)));
    }

    private CompletionStage<HttpResponse> forward(AgentView view, String path, HttpRequest request) {
        AgentInfo agent = view.info();
        Uri target = Uri.create((view.https() ? "https://" : "http://") + agent.getHostname() + ":" + agent.getPort()
                        + "/" + path)
                .rawQueryString(request.getUri().rawQueryString().orElse(""));
        HttpRequest forwarded = HttpRequest.GET(target.toString());
        HttpRequest authorised =
                request.getHeader("Authorization").map(forwarded::addHeader).orElse(forwarded);
        return peers.send(system, authorised)
                .thenApply(answer ->
                        HttpResponse.create().withStatus(answer.status()).withEntity(answer.entity()))
                .exceptionally(e -> Responses.text(
                        StatusCodes.BAD_GATEWAY,
                        "Agent '" + agent.getId().getValue() + "' at " + agent.getHostname() + ":" + agent.getPort()
                                + " does not answer"));
    }
}
