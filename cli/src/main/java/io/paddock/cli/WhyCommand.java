package io.paddock.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code paddock why [NAME]}: what waits, and for what; how a task is, and why. */
@Command(
        name = "why",
        description =
                "Says why an app or a job waits, why a framework is offered nothing just now, or why a task is in its"
                        + " state; without a name of all apps, jobs and frameworks.")
final class WhyCommand implements Callable<Integer> {
    @Mixin
    ClusterFlags cluster = new ClusterFlags();

    @Mixin
    Output output = new Output();

    @Option(
            names = "--marathon",
            paramLabel = "ADDRESS",
            defaultValue = "127.0.0.1:8080",
            description =
                    "Where marathon is: host:port or http(s)://host:port. Usually given once, as PADDOCK_MARATHON.")
    String marathon = "127.0.0.1:8080";

    @Option(
            names = "--batch",
            paramLabel = "ADDRESS",
            defaultValue = "127.0.0.1:9000",
            description = "Where batch is: host:port or http(s)://host:port. Usually given once, as PADDOCK_BATCH.")
    String batch = "127.0.0.1:9000";

    @Parameters(
            paramLabel = "NAME",
            arity = "0..1",
            description = "An app or a job that waits, a framework or a task: its name or id, or the start of its id.")
    @Nullable
    String name;

    @Override
    public Integer call() {
        boolean waits = !output.json && (waitingApps() | waitingJobs());
        if (name != null && waits) {
            return 0;
        }
        JsonHttp master = cluster.master();
        if (name == null) {
            return print(output, master.get("/offers/why").path("frameworks"));
        }
        Optional<String> framework = framework(master, name);
        return framework.isPresent() ? print(output, ask(master, framework.get())) : task(master, name);
    }

    private int task(JsonHttp master, String wanted) {
        ClusterView view = ClusterView.of(master);
        if (view.tasks(true).stream().noneMatch(task -> task.id().startsWith(wanted))) {
            throw new CommandFailed("no app or job '" + wanted + "' waits, and there is no framework '" + wanted
                    + "', nor a task whose id starts so; 'paddock frameworks' and 'paddock ps --all' list them");
        }
        ClusterTask task = view.task(wanted, true);
        if (output.json) {
            output.json(task.json());
            return 0;
        }
        String explanation = task.explanation();
        output.line("task " + task.id() + " of " + task.frameworkName() + " on " + task.hostname() + " is "
                + Words.state(task.state()).text() + (explanation.isEmpty() ? "" : ": " + explanation));
        return 0;
    }

    /** The master's reasons, framework by framework. */
    static int print(Output output, JsonNode frameworks) {
        if (output.json) {
            output.json(frameworks);
            return 0;
        }
        Table table = Table.of("FRAMEWORK", "ROLE", "=SHARE", "=REASON", ">AGENTS", "=ENDS", "DETAIL");
        for (JsonNode framework : frameworks) {
            for (JsonNode role : framework.path("roles")) {
                role.path("reasons").forEach(reason -> row(table, framework, role, reason));
            }
        }
        if (table.isEmpty()) {
            output.line("nothing stands between it and offers, or there are no agents; 'paddock agents' lists them");
        } else {
            output.table(table);
        }
        return 0;
    }

    private static void row(Table table, JsonNode framework, JsonNode role, JsonNode reason) {
        table.row(
                framework.path("name").asText(),
                role.path("role").asText(),
                Words.number(role.path("share").asDouble() * 100) + "%",
                reason.path("reason").asText(),
                reason.path("agents").asText(),
                ends(reason.path("until").asText("")),
                reason.path("detail").asText());
    }

    /** How long until then, {@code -} when it does not end by itself. */
    private static String ends(String until) {
        return until.isEmpty() ? "-" : "in " + Words.age(Duration.between(Instant.now(), Instant.parse(until)));
    }

    /** Whether an app of that name, or any app, waits. Nothing is said where no marathon is. */
    private boolean waitingApps() {
        boolean any = false;
        for (JsonNode entry : waiting("marathon", marathon, "/v2/queue?embed=reason", "queue")) {
            String id = entry.path("app").path("id").asText();
            if (name == null || id.equals(name) || id.equals("/" + name)) {
                any = true;
                int count = entry.path("count").asInt();
                output.line("app " + id + ": " + count + (count == 1 ? " instance waits" : " instances wait")
                        + since(entry.path("since").asText("")) + ". "
                        + entry.path("reason").asText());
            }
        }
        return any;
    }

    private boolean waitingJobs() {
        boolean any = false;
        for (JsonNode job : waiting("batch", batch, "/v1/queue", null)) {
            String id = job.path("jobId").asText();
            if (name == null || id.equals(name)) {
                for (JsonNode run : job.path("runs")) {
                    any = true;
                    output.line("job " + id + ", run " + run.path("runId").asText() + " waits: "
                            + run.path("reason").asText("for an offer that fits"));
                }
            }
        }
        return any;
    }

    private Iterable<JsonNode> waiting(String server, String address, String path, @Nullable String field) {
        JsonHttp http = cluster.server(server, address, "");
        try {
            JsonNode answer = http.get(path);
            return field == null ? answer : answer.path(field);
        } catch (CommandFailed e) {
            return List.of();
        }
    }

    private static String since(String time) {
        try {
            Instant from = OffsetDateTime.parse(time).toInstant();
            return " since " + Words.age(Duration.between(from, Instant.now()));
        } catch (DateTimeParseException e) {
            return "";
        }
    }

    private static Optional<String> framework(JsonHttp master, String wanted) {
        List<String> matches = new ArrayList<>();
        for (JsonNode candidate : master.get("/frameworks").path("frameworks")) {
            String id = candidate.path("id").asText();
            if (id.equals(wanted)) {
                return Optional.of(id);
            }
            if (id.startsWith(wanted) || candidate.path("name").asText().equals(wanted)) {
                matches.add(id);
            }
        }
        if (matches.size() > 1) {
            throw new CommandFailed("'" + wanted + "' may be any of " + String.join(", ", matches));
        }
        return matches.stream().findFirst();
    }

    /** The master's explanation: one framework with its roles. */
    static JsonNode ask(JsonHttp master, String frameworkId) {
        return master.get("/offers/why?framework=" + JsonHttp.encode(frameworkId))
                .path("frameworks");
    }
}
