package io.paddock.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code paddock why FRAMEWORK} */
@Command(name = "why", description = "Says why a framework is offered nothing just now.")
final class WhyCommand implements Callable<Integer> {
    @Mixin
    ClusterFlags cluster = new ClusterFlags();

    @Mixin
    Output output = new Output();

    @Parameters(paramLabel = "FRAMEWORK", description = "Its name or id, or the start of its id.")
    String framework = "";

    @Override
    public Integer call() {
        JsonHttp master = cluster.master();
        JsonNode answer = ask(master, id(master));
        if (output.json) {
            output.json(answer);
            return 0;
        }
        Table table = Table.of("ROLE", "=REASON", ">AGENTS", "UNTIL", "DETAIL");
        for (JsonNode role : answer) {
            for (JsonNode reason : role.path("reasons")) {
                table.row(
                        role.path("role").asText(),
                        reason.path("reason").asText(),
                        reason.path("agents").asText(),
                        reason.path("until").asText("-"),
                        reason.path("detail").asText());
            }
        }
        if (table.isEmpty()) {
            output.line("nothing stands between it and offers, or there are no agents; 'paddock agents' lists them");
        } else {
            output.table(table);
        }
        return 0;
    }

    private String id(JsonHttp master) {
        List<JsonNode> matches = new ArrayList<>();
        for (JsonNode candidate : master.get("/frameworks").path("frameworks")) {
            String id = candidate.path("id").asText();
            if (id.equals(framework)) {
                return id;
            }
            if (id.startsWith(framework) || candidate.path("name").asText().equals(framework)) {
                matches.add(candidate);
            }
        }
        if (matches.size() == 1) {
            return matches.get(0).path("id").asText();
        }
        throw new CommandFailed(
                matches.isEmpty()
                        ? "there is no framework '" + framework + "'; 'paddock frameworks' lists them"
                        : "'" + framework + "' may be any of "
                                + matches.stream()
                                        .map(m -> m.path("id").asText())
                                        .collect(Collectors.joining(", ")));
    }

    /** The master's explanations, one for each role of the framework. */
    static JsonNode ask(JsonHttp master, String frameworkId) {
        return master.get("/offers/why?framework=" + JsonHttp.encode(frameworkId))
                .path("roles");
    }
}
