package io.paddock.platform.metrics;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.paddock.platform.security.WatchedFiles;
import org.apache.pekko.http.javadsl.model.ContentTypes;
import org.apache.pekko.http.javadsl.model.HttpEntities;
import org.apache.pekko.http.javadsl.server.Directives;
import org.apache.pekko.http.javadsl.server.Route;

/** The meters of one server; several servers in one JVM have one each. */
public final class Metrics implements AutoCloseable {
    private final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);

    /** @param component label of every meter, such as {@code master} */
    public Metrics(String component) {
        registry.config().commonTags("component", component);
        new JvmMemoryMetrics().bindTo(registry);
        new JvmThreadMetrics().bindTo(registry);
        new ProcessorMetrics().bindTo(registry);
        new UptimeMetrics().bindTo(registry);
    }

    /** Where meters are registered. */
    public MeterRegistry registry() {
        return registry;
    }

    /** Counts how often each file was taken, and tells which are refused. */
    public void watch(WatchedFiles files) {
        for (int i = 0; i < files.status().size(); i++) {
            int file = i;
            Tags flag = Tags.of("flag", files.status().get(i).flag());
            FunctionCounter.builder(
                            "paddock.config.reloads",
                            files,
                            f -> f.status().get(file).reloads())
                    .tags(flag)
                    .register(registry);
            Gauge.builder(
                            "paddock.config.refused",
                            files,
                            f -> f.status().get(file).refused() == null ? 0 : 1)
                    .tags(flag)
                    .register(registry);
        }
    }

    /** All meters in the text format of Prometheus. */
    public String scrape() {
        return registry.scrape();
    }

    /** {@code GET /metrics/prometheus}. */
    public Route route() {
        return Directives.path(
                org.apache.pekko.http.javadsl.server.PathMatchers.segment("metrics")
                        .slash("prometheus"),
                () -> Directives.get(() ->
                        Directives.complete(HttpEntities.create(ContentTypes.TEXT_PLAIN_UTF8, registry.scrape()))));
    }

    @Override
    public void close() {
        registry.close();
    }
}
