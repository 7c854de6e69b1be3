package io.paddock.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code paddock stats [TASK…]} */
@Command(
        name = "stats",
        description = {
            "Shows what running tasks use, again and again on a terminal, once elsewhere.",
            "CPU is of one CPU and over the time between two looks; a pod's tasks share one line of figures."
        })
final class StatsCommand implements Callable<Integer> {
    private static final Duration BETWEEN_LOOKS = Duration.ofSeconds(1);
    private static final double MB = 1 << 20;

    @Mixin
    ClusterFlags cluster = new ClusterFlags();

    @Mixin
    Output output = new Output();

    @Option(names = "--no-stream", description = "Only once.")
    boolean once;

    @Parameters(
            arity = "0..*",
            paramLabel = "TASK",
            description = "Ids of tasks, or the starts of them. All if none is given.")
    List<String> names = new ArrayList<>();

    /** A running task, and its container's statistics. */
    private record Look(ClusterTask task, JsonNode statistics) {
        double cpuSeconds() {
            return statistics.path("cpus_user_time_secs").asDouble()
                    + statistics.path("cpus_system_time_secs").asDouble();
        }
    }

    @Override
    public Integer call() {
        boolean again = !once && !output.json && Terminal.isTerminal(1);
        Map<String, Look> before = look();
        do {
            new Pause().await(BETWEEN_LOOKS);
            Map<String, Look> now = look();
            if (output.json) {
                output.json(json(now));
            } else {
                if (again) {
                    output.text("\u001b[H\u001b[2J");
                }
                output.table(table(before, now));
            }
            before = now;
        } while (again);
        return 0;
    }

    private Map<String, Look> look() {
        ClusterView view = ClusterView.of(cluster.master());
        List<ClusterTask> tasks = names.isEmpty()
                ? view.tasks(false).stream().filter(task -> !task.isOver()).toList()
                : names.stream().map(name -> view.task(name, false)).toList();
        Map<String, JsonNode> ofContainers = new LinkedHashMap<>();
        tasks.stream()
                .filter(task -> !task.containerId().isMissingNode())
                .map(ClusterTask::agentAddress)
                .distinct()
                .forEach(address -> statistics(address, ofContainers));
        Map<String, Look> looks = new LinkedHashMap<>();
        for (ClusterTask task : tasks) {
            JsonNode statistics = ofContainers.get(task.containerId().toString());
            if (statistics != null) {
                looks.put(task.frameworkId() + " " + task.id(), new Look(task, statistics));
            }
        }
        return looks;
    }

    private void statistics(String address, Map<String, JsonNode> all) {
        JsonHttp agent =
                cluster.server("the agent", address, "The master lists it; its address must be reachable from here.");
        OperatorCall call = OperatorCall.of("GET_CONTAINERS");
        call.parameters().put("show_nested", true).put("show_standalone", false);
        call.send(agent)
                .path("get_containers")
                .path("containers")
                .forEach(container ->
                        all.put(container.path("container_id").toString(), container.path("resource_statistics")));
    }

    private static ArrayNode json(Map<String, Look> looks) {
        ArrayNode all = JsonNodeFactory.instance.arrayNode();
        looks.values().forEach(look -> {
            ObjectNode one = all.addObject();
            one.put("id", look.task.id()).put("agent_hostname", look.task.hostname());
            one.set("statistics", look.statistics);
        });
        return all;
    }

    private static Table table(Map<String, Look> before, Map<String, Look> now) {
        Table table = Table.of("TASK", "NAME", ">CPU", ">OF", ">MEM", ">OF", ">PROCESSES", ">NET IN", ">NET OUT");
        now.forEach((key, look) -> {
            JsonNode statistics = look.statistics;
            Look last = before.get(key);
            table.row(
                    look.task.id(),
                    look.task.name(),
                    last == null ? "-" : cpu(last, look),
                    Words.number(statistics.path("cpus_limit").asDouble()),
                    mb(statistics, "mem_total_bytes"),
                    mb(statistics, "mem_limit_bytes"),
                    statistics.path("processes").asText("-"),
                    mb(statistics, "net_rx_bytes"),
                    mb(statistics, "net_tx_bytes"));
        });
        return table;
    }

    private static String cpu(Look before, Look now) {
        double seconds = now.statistics.path("timestamp").asDouble()
                - before.statistics.path("timestamp").asDouble();
        return seconds <= 0
                ? "-"
                : Words.number(Math.round(1000 * (now.cpuSeconds() - before.cpuSeconds()) / seconds) / 10.0) + "%";
    }

    private static String mb(JsonNode statistics, String field) {
        return statistics.has(field)
                ? Words.megabytes(Math.round(statistics.path(field).asDouble() / MB * 10) / 10.0)
                : "-";
    }
}
