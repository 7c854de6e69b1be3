package io.paddock.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code paddock frameworks} */
@Command(name = "frameworks", description = "Lists frameworks.")
final class FrameworksCommand implements Callable<Integer> {
    @Mixin
    ClusterFlags cluster = new ClusterFlags();

    @Mixin
    Output output = new Output();

    @Option(
            names = {"-a", "--all"},
            description = "Also frameworks that have ended.")
    boolean all;

    @Override
    public Integer call() {
        JsonNode answer = cluster.master().get("/frameworks");
        ArrayNode frameworks = JsonNodeFactory.instance.arrayNode();
        answer.path("frameworks").forEach(frameworks::add);
        if (all) {
            answer.path("completed_frameworks").forEach(frameworks::add);
        }
        return output.answer(frameworks, () -> table(frameworks, Instant.now()));
    }

    static Table table(JsonNode frameworks, Instant now) {
        Table table = Table.of("ID", "NAME", "ROLES", "=STATE", ">TASKS", ">CPUS", ">MEM", ">OFFERS", ">AGE", "WEB");
        for (JsonNode framework : frameworks) {
            JsonNode used = framework.path("used_resources");
            table.row(
                    framework.path("id").asText(),
                    framework.path("name").asText(),
                    roles(framework),
                    state(framework),
                    framework.path("tasks").size(),
                    Words.number(used.path("cpus").asDouble()),
                    Words.megabytes(used.path("mem").asDouble()),
                    framework.path("offers").size(),
                    Words.age(framework.path("registered_time").asDouble(), now),
                    framework.path("webui_url").asText());
        }
        return table;
    }

    private static String roles(JsonNode framework) {
        List<String> roles = new ArrayList<>();
        framework.path("roles").forEach(role -> roles.add(role.asText()));
        return roles.isEmpty() ? framework.path("role").asText("*") : String.join(",", roles);
    }

    private static Table.Cell state(JsonNode framework) {
        if (framework.path("connected").asBoolean()) {
            return framework.path("active").asBoolean()
                    ? new Table.Cell("ACTIVE", Table.Tone.GOOD)
                    : new Table.Cell("INACTIVE", Table.Tone.BUSY);
        }
        return framework.path("unregistered_time").asDouble() > 0
                ? new Table.Cell("ENDED", Table.Tone.FAINT)
                : new Table.Cell("DISCONNECTED", Table.Tone.BAD);
    }
}
