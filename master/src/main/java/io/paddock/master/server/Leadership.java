package io.paddock.master.server;

import io.paddock.common.Rejection;
import io.paddock.platform.http.Responses;
import io.paddock.proto.v1.MasterInfo;
import java.util.Optional;
import java.util.function.Function;
import org.apache.pekko.http.javadsl.model.HttpRequest;
import org.apache.pekko.http.javadsl.model.HttpResponse;
import org.apache.pekko.http.javadsl.model.StatusCodes;
import org.apache.pekko.http.javadsl.model.headers.Location;
import org.apache.pekko.http.javadsl.server.Directives;
import org.apache.pekko.http.javadsl.server.Route;

/**
 * Who leads, and what a master that does not lead answers: 307 to the leader with a scheme-relative location, 503 while none
 * is known or this one still reads its registry. Written by the election, read by every request; any thread.
 */
public final class Leadership {
    private final MasterInfo self;
    private volatile Optional<MasterInfo> leader = Optional.empty();
    private volatile Optional<Leader> leading = Optional.empty();

    /** This master once it serves. */
    record Leader(MasterShell shell) {}

    Leadership(MasterInfo self) {
        this.self = self;
    }

    public MasterInfo self() {
        return self;
    }

    /** Whoever leads, this one or another. */
    public Optional<MasterInfo> leader() {
        return leader;
    }

    /** The cluster, if this master leads and serves. */
    public Optional<ClusterFeed> leading() {
        return leading.map(Leader::shell);
    }

    void detected(Optional<MasterInfo> newLeader) {
        leader = newLeader;
    }

    void serve(MasterShell shell) {
        leading = Optional.of(new Leader(shell));
    }

    void stopServing() {
        leading = Optional.empty();
    }

    /** A route for the leader; others redirect or ask to come again. */
    public Route whenLeading(Function<ClusterFeed, Route> inner) {
        return whenServing(inner::apply);
    }

    Route whenServing(Function<MasterShell, Route> inner) {
        return Directives.extractRequest(request -> {
            Optional<Leader> mine = leading;
            return mine.isPresent() ? inner.apply(mine.get().shell()) : Directives.complete(elsewhere(request));
        });
    }

    /** {@code /redirect}: 307 to the leader's address, whoever it is. */
    Route redirect() {
        return Directives.extractRequest(
                request -> Directives.complete(leader.map(info -> to(info, "")).orElseGet(Leadership::unknown)));
    }

    private HttpResponse elsewhere(HttpRequest request) {
        Optional<MasterInfo> known = leader;
        if (known.isEmpty()) {
            return unknown();
        }
        if (known.get().getId().equals(self.getId())) {
            return Responses.rejected(
                    Rejection.unavailable("Master is still reading its registry; try again in a moment"));
        }
        String query = request.getUri().rawQueryString().map(q -> "?" + q).orElse("");
        return to(known.get(), request.getUri().getPathString() + query);
    }

    private static HttpResponse unknown() {
        return Responses.rejected(Rejection.unavailable("No leader elected"));
    }

    @SuppressWarnings("deprecation") // every master writes hostname and port
    private static HttpResponse to(MasterInfo leader, String pathAndQuery) {
        return HttpResponse.create()
                .withStatus(StatusCodes.TEMPORARY_REDIRECT)
                .addHeader(Location.create("//" + leader.getHostname() + ":" + leader.getPort() + pathAndQuery));
    }
}
