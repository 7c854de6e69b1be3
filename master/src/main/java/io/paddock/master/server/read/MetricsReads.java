package io.paddock.master.server.read;

import com.fasterxml.jackson.core.JsonGenerator;
import io.paddock.master.core.snapshot.MasterFigures;
import io.paddock.master.server.ClusterFeed;
import io.paddock.master.server.Leadership;
import io.paddock.platform.http.Responses;
import io.paddock.platform.http.StreamedJson;
import io.paddock.platform.metrics.Metrics;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import org.apache.pekko.http.javadsl.model.ContentTypes;
import org.apache.pekko.http.javadsl.model.HttpEntities;
import org.apache.pekko.http.javadsl.server.Directives;
import org.apache.pekko.http.javadsl.server.PathMatchers;
import org.apache.pekko.http.javadsl.server.Route;
import org.jspecify.annotations.Nullable;

/**
 * {@code /metrics/snapshot} in Mesos' form, {@code /metrics} and {@code /metrics/prometheus} in that of Prometheus, and what
 * GET_METRICS answers. Figures of a master that is too busy to give them in time are left out.
 */
final class MetricsReads {
    private static final long PATIENCE_MILLIS = 2000;

    private final Leadership leadership;
    private final ClusterMetrics cluster;
    private final OperatorStreams streams;
    private final Metrics metrics;
    private final Executor executor;

    MetricsReads(
            Leadership leadership,
            ClusterMetrics cluster,
            OperatorStreams streams,
            Metrics metrics,
            Executor executor) {
        this.leadership = leadership;
        this.cluster = cluster;
        this.streams = streams;
        this.metrics = metrics;
        this.executor = executor;
    }

    Route route() {
        return Directives.pathPrefix(
                "metrics",
                () -> Directives.get(() -> Directives.concat(
                        Directives.path(
                                PathMatchers.segment("snapshot.json").orElse(PathMatchers.segment("snapshot")),
                                () -> Directives.parameterMap(this::snapshot)),
                        Directives.path("prometheus", this::prometheus),
                        Directives.pathEndOrSingleSlash(this::prometheus))));
    }

    private Route snapshot(Map<String, String> parameters) {
        return Directives.completeWithFuture(values().thenApply(values -> Responses.jsonp(
                Optional.ofNullable(parameters.get("jsonp")), StreamedJson.of(List.of(out -> numbers(out, values))))));
    }

    private Route prometheus() {
        return Directives.completeWithFuture(figures()
                .thenApplyAsync(
                        figures -> PrometheusText.of(cluster.ofTheCluster(
                                leadership.leading().map(ClusterFeed::current).orElse(null), figures, streams.count())),
                        executor)
                .thenApply(text -> org.apache.pekko.http.javadsl.model.HttpResponse.create()
                        .withEntity(HttpEntities.create(ContentTypes.TEXT_PLAIN_UTF8, text + metrics.scrape()))));
    }

    /** All metrics by name; of a standby master only its own. */
    CompletionStage<SortedMap<String, Double>> values() {
        return figures()
                .thenApplyAsync(
                        figures -> cluster.values(
                                leadership.leading().map(ClusterFeed::current).orElse(null), figures, streams.count()),
                        executor);
    }

    private CompletableFuture<@Nullable MasterFigures> figures() {
        Optional<ClusterFeed> feed = leadership.leading();
        return feed.isEmpty()
                ? CompletableFuture.completedFuture(null)
                : feed.get()
                        .figures()
                        .toCompletableFuture()
                        .copy()
                        .completeOnTimeout(null, PATIENCE_MILLIS, TimeUnit.MILLISECONDS);
    }

    static void numbers(JsonGenerator out, SortedMap<String, Double> values) throws IOException {
        out.writeStartObject();
        for (Map.Entry<String, Double> e : values.entrySet()) {
            if (Double.isFinite(e.getValue())) {
                ResourceJson.number(out, e.getKey(), e.getValue());
            }
        }
        out.writeEndObject();
    }
}
