package io.paddock.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code paddock agents} */
@Command(
        name = "agents",
        description = "Lists agents and how much of them is used; with a subcommand takes them out of use and back.")
final class AgentsCommand implements Callable<Integer> {
    private static final String WHOLE_ID = "[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}-S\\d+";

    @Mixin
    ClusterFlags cluster = new ClusterFlags();

    @Mixin
    Output output = new Output();

    @Override
    public Integer call() {
        JsonNode agents = cluster.master().get("/slaves").path("slaves");
        return output.answer(agents, () -> table(agents, Instant.now()));
    }

    @Command(
            name = "show",
            mixinStandardHelpOptions = true,
            description = "Prints all that is known of an agent as JSON.")
    int show(@Parameters(paramLabel = "AGENT") String agent) {
        output.json(NamedAgent.of(cluster.master(), agent).json());
        return 0;
    }

    @Command(
            name = "drain",
            mixinStandardHelpOptions = true,
            description = "Ends an agent's tasks and offers it to nobody, until 'reactivate'.")
    int drain(
            @Parameters(paramLabel = "AGENT") String agent,
            @Option(
                            names = {"-t", "--grace"},
                            paramLabel = "DURATION",
                            converter = TimeSpan.class,
                            description =
                                    "The longest that a task may take to end, whatever its kill policy says: 30s, 5m.")
                    @Nullable
                    Duration grace,
            @Option(names = "--gone", description = "It will not come back: mark it gone when its tasks are over.")
                    boolean gone) {
        OperatorCall call = OperatorCall.of("DRAIN_AGENT");
        if (grace != null) {
            call.parameters()
                    .putObject("max_grace_period")
                    .put("seconds", grace.toSeconds())
                    .put("nanos", grace.toNanosPart());
        }
        call.parameters().put("mark_gone", gone);
        return send(call, agent, "draining");
    }

    @Command(
            name = "deactivate",
            aliases = "cordon",
            mixinStandardHelpOptions = true,
            description = "Offers an agent to nobody, until 'reactivate'; its tasks go on.")
    int deactivate(@Parameters(paramLabel = "AGENT") String agent) {
        return send(OperatorCall.of("DEACTIVATE_AGENT"), agent, "deactivated");
    }

    @Command(
            name = "reactivate",
            aliases = "uncordon",
            mixinStandardHelpOptions = true,
            description = "Offers an agent again that was drained or deactivated.")
    int reactivate(@Parameters(paramLabel = "AGENT") String agent) {
        return send(OperatorCall.of("REACTIVATE_AGENT"), agent, "reactivated");
    }

    @Command(
            name = "gone",
            mixinStandardHelpOptions = true,
            description = "Says that an agent, which may be unreachable, will never come back: its tasks are over.")
    int gone(@Parameters(paramLabel = "AGENT", description = "Its whole id where it is not registered.") String agent) {
        JsonHttp master = cluster.master();
        String id =
                agent.matches(WHOLE_ID) ? agent : NamedAgent.of(master, agent).id();
        OperatorCall.of("MARK_AGENT_GONE").about(id).send(master);
        return output.done("gone", id);
    }

    private int send(OperatorCall call, String agent, String word) {
        JsonHttp master = cluster.master();
        NamedAgent meant = NamedAgent.of(master, agent);
        call.about(meant.id()).send(master);
        return output.done(word, meant.id());
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
        if (agent.has("pending_removal")) {
            return new Table.Cell("REMOVAL WAITS", Table.Tone.BAD);
        }
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
