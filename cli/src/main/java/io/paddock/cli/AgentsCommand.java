package io.paddock.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code paddock agents} */
@Command(name = "agents", description = "Lists agents and how much of them is used.")
final class AgentsCommand implements Callable<Integer> {
    @Mixin
    ClusterFlags cluster = new ClusterFlags();

    @Mixin
    Output output = new Output();

    @Override
    public Integer call() {
        JsonNode agents = cluster.master().get("/slaves").path("slaves");
        if (output.json) {
            output.json(agents);
        } else {
            output.table(table(agents, Instant.now()));
        }
        return 0;
    }

    static Table table(JsonNode agents, Instant now) {
        Table table = Table.of(
                "ID",
                "HOST",
                ">PORT",
                "=STATE",
                ">CPUS USED",
                ">MEM USED",
                ">DISK USED",
                ">GPUS USED",
                ">AGE",
                "ATTRIBUTES");
        for (JsonNode agent : agents) {
            JsonNode used = agent.path("used_resources");
            JsonNode total = agent.path("resources");
            table.row(
                    agent.path("id").asText(),
                    agent.path("hostname").asText(),
                    agent.path("port").asText("-"),
                    state(agent),
                    Words.share(used, total, "cpus"),
                    Words.share(used, total, "mem"),
                    Words.share(used, total, "disk"),
                    Words.share(used, total, "gpus"),
                    Words.age(agent.path("registered_time").asDouble(), now),
                    attributes(agent.path("attributes")));
        }
        return table;
    }

    private static Table.Cell state(JsonNode agent) {
        if (agent.path("drain_info").has("state")) {
            return new Table.Cell(agent.path("drain_info").path("state").asText(), Table.Tone.BUSY);
        }
        if (agent.path("deactivated").asBoolean()) {
            return new Table.Cell("DEACTIVATED", Table.Tone.BUSY);
        }
        return agent.path("active").asBoolean()
                ? new Table.Cell("ACTIVE", Table.Tone.GOOD)
                : new Table.Cell("DISCONNECTED", Table.Tone.BAD);
    }

    private static String attributes(JsonNode attributes) {
        List<String> parts = new ArrayList<>();
        attributes
                .properties()
                .forEach(e -> parts.add(e.getKey() + "=" + e.getValue().asText()));
        return String.join(",", parts);
    }
}
