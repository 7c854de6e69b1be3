package io.paddock.master.server.read;

import io.paddock.master.server.ClusterFeed;
import io.paddock.master.server.Leadership;
import io.paddock.master.server.ReadRoutes;
import io.paddock.platform.files.FileReads;
import io.paddock.platform.http.Exchange;
import io.paddock.platform.http.Peers;
import io.paddock.platform.logging.LoggingRoute;
import io.paddock.platform.metrics.Metrics;
import io.paddock.proto.v1.master.Call;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.ToLongFunction;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.DispatcherSelector;
import org.apache.pekko.http.javadsl.model.HttpResponse;
import org.apache.pekko.http.javadsl.server.Directives;
import org.apache.pekko.http.javadsl.server.Route;

/** The read side as one: all endpoints answered by GET, the web UI, and the operator API's reads. */
public final class ReadSide implements ReadRoutes {
    private final ClusterMetrics clusterMetrics;
    private final OperatorReads operatorReads;
    private final Route route;

    /** @param heldBack how many calls of a principal were received and not processed */
    public ReadSide(
            ActorSystem<?> system,
            ReadOptions options,
            Leadership leadership,
            Metrics metrics,
            Viewers viewers,
            Peers agents,
            ToLongFunction<String> heldBack) {
        Executor executor = system.dispatchers().lookup(DispatcherSelector.blocking());
        OperatorStreams streams = new OperatorStreams(system, executor, viewers, options.maxSubscribers());
        this.clusterMetrics = new ClusterMetrics(
                metrics,
                options.startedAt(),
                options.frameworkMetrics(),
                new PrincipalMetrics(heldBack),
                viewers::sharedReads);
        MetricsReads metricsReads = new MetricsReads(leadership, clusterMetrics, streams, metrics, executor);
        FileReads files = new FileReads(new MasterFiles(options.log()));
        OfferReasons reasons = new OfferReasons(system, leadership, viewers);
        this.operatorReads =
                new OperatorReads(options, leadership, metricsReads, streams, viewers, files, reasons, executor);
        this.route = Directives.concat(
                new LegacyRoutes(options, leadership, viewers, reasons).route(),
                metricsReads.route(),
                LoggingRoute.create(),
                Directives.mapUnmatchedPath(
                        path -> path.startsWith("/files/") && path.endsWith(".json")
                                ? path.substring(0, path.length() - ".json".length())
                                : path,
                        () -> Directives.pathPrefix("files", () -> files.route(executor))),
                new AgentProxy(system, leadership, agents).route(),
                WebUi.route(leadership));
    }

    @Override
    public Route route() {
        return route;
    }

    @Override
    public Optional<CompletionStage<HttpResponse>> answer(Call call, Exchange exchange) {
        return operatorReads.answer(call, exchange);
    }

    /** Counts what happens from now on. */
    @Override
    public CompletionStage<Void> elected(ClusterFeed feed) {
        return feed.subscribe(clusterMetrics::count).thenAccept(snapshot -> {});
    }
}
