package io.paddock.master.server.read;

import io.paddock.master.core.snapshot.FrameworkTally;
import io.paddock.master.core.snapshot.FrameworkView;
import io.paddock.proto.v1.Task;
import io.paddock.proto.v1.TaskState;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SortedMap;

/**
 * The metrics of one framework, as Mesos names them: {@code master/frameworks/<name>/<id>/…}, the name percent-encoded. Of
 * calls, events, operations and tasks only those kinds that were seen.
 */
final class FrameworkMetrics {
    private final SortedMap<String, Double> values;
    private final String prefix;

    FrameworkMetrics(FrameworkView framework, SortedMap<String, Double> values) {
        this.values = values;
        this.prefix = "master/frameworks/" + encoded(framework.info().getName()) + "/" + framework.id() + "/";
    }

    private static String encoded(String name) {
        return URLEncoder.encode(name, StandardCharsets.UTF_8).replace("+", "%20");
    }

    void add(FrameworkView framework, FrameworkTally tally, List<Task> tasks) {
        put("subscribed", framework.connected() ? 1 : 0);
        counts("calls", tally.calls());
        counts("events", tally.events());
        counts("operations", tally.operations());
        put("offers/sent", tally.offersSent());
        put("offers/accepted", tally.offersAccepted());
        put("offers/declined", tally.offersDeclined());
        put("offers/rescinded", tally.offersRescinded());
        tally.ended().forEach((state, count) -> put("tasks/terminal/" + lower(state), count));
        Map<TaskState, Integer> active = ClusterIndex.count(tasks.stream());
        active.forEach((state, count) -> put("tasks/active/" + lower(state), count));
        for (String role : framework.roles()) {
            put("roles/" + role + "/suppressed", framework.suppressedRoles().contains(role) ? 1 : 0);
        }
    }

    private void counts(String name, Map<? extends Enum<?>, Long> counts) {
        counts.forEach((type, count) -> put(name + "/" + lower(type), count));
        put(name, counts.values().stream().mapToLong(Long::longValue).sum());
    }

    private void put(String name, double value) {
        values.put(prefix + name, value);
    }

    private static String lower(Enum<?> type) {
        return type.name().toLowerCase(Locale.ROOT);
    }
}
