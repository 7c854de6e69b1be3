package io.paddock.master.server.read;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Metrics with names of Mesos in the text format of Prometheus: what stands in the middle of such a name, a role or a
 * framework, becomes a label.
 */
final class PrometheusText {
    /** A form of names, the metric it is (with {@code $} for the last group), and the labels of its groups. */
    private record Form(Pattern name, String metric, List<String> labels) {
        static Form of(String name, String metric, String... labels) {
            return new Form(Pattern.compile(name), metric, List.of(labels));
        }
    }

    private static final String FRAMEWORK = "master/frameworks/([^/]*)/([^/]+)/";

    private static final List<Form> FORMS = List.of(
            Form.of(FRAMEWORK + "roles/(.+)/suppressed", "master_framework_suppressed", "name", "framework_id", "role"),
            Form.of(FRAMEWORK + "tasks/active/(.+)", "master_framework_tasks_active", "name", "framework_id", "state"),
            Form.of(FRAMEWORK + "tasks/terminal/(.+)", "master_framework_tasks_ended", "name", "framework_id", "state"),
            Form.of(FRAMEWORK + "calls/(.+)", "master_framework_calls_by_type", "name", "framework_id", "type"),
            Form.of(FRAMEWORK + "events/(.+)", "master_framework_events_by_type", "name", "framework_id", "type"),
            Form.of(
                    FRAMEWORK + "operations/(.+)",
                    "master_framework_operations_by_type",
                    "name",
                    "framework_id",
                    "type"),
            Form.of(FRAMEWORK + "offers/(.+)", "master_framework_offers_$", "name", "framework_id"),
            Form.of(FRAMEWORK + "([a-z]+)", "master_framework_$", "name", "framework_id"),
            Form.of("allocator/mesos/roles/(.+)/shares/dominant", "allocator_role_dominant_share", "role"),
            Form.of("allocator/mesos/offer_filters/roles/(.+)/active", "allocator_offer_filters_active", "role"),
            Form.of(
                    "allocator/mesos/quota/roles/(.+)/resources/([^/]+)/([a-z_]+)",
                    "allocator_quota_$",
                    "role",
                    "resource"),
            Form.of("allocator/mesos/resources/([^/]+)/([a-z_]+)", "allocator_resources_$", "resource"),
            Form.of(
                    "master/operations/([a-z]+_[a-z_]+|reserve|unreserve|create|destroy)/([a-z_]+)",
                    "master_operations_by_type_$",
                    "type"));

    private final Map<String, List<String>> samples = new LinkedHashMap<>();

    private PrometheusText() {}

    static String of(SortedMap<String, Double> values) {
        PrometheusText text = new PrometheusText();
        values.forEach(text::add);
        StringBuilder out = new StringBuilder();
        text.samples.forEach((metric, lines) -> {
            out.append("# TYPE ").append(metric).append(" untyped\n");
            lines.forEach(line -> out.append(line).append('\n'));
        });
        return out.toString();
    }

    private void add(String name, double value) {
        for (Form form : FORMS) {
            Matcher matcher = form.name().matcher(name);
            if (matcher.matches()) {
                String metric = form.metric();
                if (metric.endsWith("$")) {
                    metric = metric.substring(0, metric.length() - 1) + matcher.group(matcher.groupCount());
                }
                add(metric, labels(form, matcher), value);
                return;
            }
        }
        if (!name.equals("allocator/event_queue_dispatches")) { // an old name of another one
            add(
                    name.replaceFirst("^allocator/(mesos|paddock)/", "allocator/")
                            .replaceAll("[^a-zA-Z0-9_]", "_"),
                    "",
                    value);
        }
    }

    private void add(String metric, String labels, double value) {
        String named = "paddock_" + metric;
        samples.computeIfAbsent(named, k -> new ArrayList<>()).add(named + labels + " " + value);
    }

    private static String labels(Form form, Matcher matcher) {
        List<String> labels = new ArrayList<>();
        for (int i = 0; i < form.labels().size(); i++) {
            labels.add(form.labels().get(i) + "=\"" + escaped(matcher.group(i + 1)) + "\"");
        }
        return "{" + String.join(",", labels) + "}";
    }

    private static String escaped(String value) {
        return value.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n");
    }
}
