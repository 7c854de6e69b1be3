package io.paddock.marathon.server.http;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.paddock.marathon.core.AppView;
import io.paddock.marathon.core.MarathonView;
import io.paddock.marathon.core.instance.Condition;
import io.paddock.platform.json.Json;

/** {@code /metrics}: the figures of Marathon's names that people watch. */
final class MetricsResource {
    private MetricsResource() {}

    static ObjectNode write(MarathonView view, int watchers, double uptimeSeconds) {
        ObjectNode out = Json.mapper().createObjectNode().put("version", "4.0.0");
        ObjectNode gauges = out.putObject("gauges");
        int running = 0;
        int staged = 0;
        int waiting = 0;
        int apps = 0;
        for (AppView app : view.apps().values()) {
            apps += app.current() != null ? 1 : 0;
            waiting += app.waiting();
            for (var i : app.instances()) {
                running += i.condition() == Condition.RUNNING ? 1 : 0;
                staged += i.condition() == Condition.STAGING || i.condition() == Condition.PROVISIONED ? 1 : 0;
            }
        }
        gauge(gauges, "apps.active.gauge", apps);
        gauge(gauges, "groups.active.gauge", view.groups().size());
        gauge(gauges, "pods.active.gauge", 0);
        gauge(gauges, "deployments.active.gauge", view.deployments().size());
        gauge(gauges, "instances.running.gauge", running);
        gauge(gauges, "instances.staged.gauge", staged);
        gauge(gauges, "instances.waiting.gauge", waiting);
        gauge(gauges, "http.event-streams.active.gauge", watchers);
        gauge(gauges, "uptime.gauge.seconds", uptimeSeconds);
        out.putObject("counters");
        out.putObject("histograms");
        out.putObject("meters");
        out.putObject("timers");
        return out;
    }

    /** The same as Prometheus reads it. */
    static String prometheus(ObjectNode metrics) {
        StringBuilder text = new StringBuilder();
        metrics.path("gauges").properties().forEach(e -> {
            String name = e.getKey().replaceAll("[.-]", "_");
            text.append("# TYPE ").append(name).append(" gauge\n");
            text.append(name)
                    .append(' ')
                    .append(e.getValue().path("value").asDouble())
                    .append('\n');
        });
        return text.toString();
    }

    private static void gauge(ObjectNode gauges, String name, double value) {
        gauges.putObject("marathon." + name).put("value", value);
    }
}
