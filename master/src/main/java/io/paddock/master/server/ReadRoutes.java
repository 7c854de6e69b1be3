package io.paddock.master.server;

import io.paddock.platform.http.Exchange;
import io.paddock.proto.v1.master.Call;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import org.apache.pekko.http.javadsl.model.HttpResponse;
import org.apache.pekko.http.javadsl.server.Route;

/** What the read side adds to the master's port. */
public interface ReadRoutes {
    /** All endpoints that only read, and the web UI; tried after the master's own. */
    Route route();

    /**
     * Answers a call of the operator API that only reads. Asked only while this master leads.
     *
     * @return empty for calls that change something
     */
    Optional<CompletionStage<HttpResponse>> answer(Call call, Exchange exchange);

    /** Told once, when this master begins to lead. */
    CompletionStage<Void> elected(ClusterFeed feed);
}
