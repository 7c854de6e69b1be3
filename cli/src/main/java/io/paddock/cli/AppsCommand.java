package io.paddock.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ScopeType;

/** {@code paddock apps}: what marathon keeps alive. */
@Command(name = "apps", description = "Lists marathon's apps; with a subcommand changes them.")
final class AppsCommand implements Callable<Integer> {
    private static final String APPS = "/v2/apps";

    @Mixin
    ClusterFlags cluster = new ClusterFlags();

    @Mixin
    Output output = new Output();

    @Option(
            names = "--marathon",
            scope = ScopeType.INHERIT,
            paramLabel = "ADDRESS",
            defaultValue = "127.0.0.1:8080",
            description =
                    "Where marathon is: host:port or http(s)://host:port. Usually given once, as PADDOCK_MARATHON.")
    String marathon = "127.0.0.1:8080";

    @Override
    public Integer call() {
        JsonNode apps = server().get(APPS).path("apps");
        return output.answer(apps, () -> table(apps));
    }

    static Table table(JsonNode apps) {
        Table table = Table.of("ID", ">RUNNING", ">HEALTHY", ">CPUS", ">MEM", "=STATUS", "RUNS");
        for (JsonNode app : apps) {
            int wanted = app.path("instances").asInt();
            int running = app.path("tasksRunning").asInt();
            table.row(
                    app.path("id").asText(),
                    running + "/" + wanted,
                    app.path("healthChecks").isEmpty()
                            ? "-"
                            : app.path("tasksHealthy").asText(),
                    Words.number(app.path("cpus").asDouble()),
                    Words.megabytes(app.path("mem").asDouble()),
                    status(app, running, wanted),
                    runs(app));
        }
        return table;
    }

    private static Table.Cell status(JsonNode app, int running, int wanted) {
        if (!app.path("deployments").isEmpty()) {
            return new Table.Cell("DEPLOYING", Table.Tone.BUSY);
        }
        if (wanted == 0) {
            return new Table.Cell("SUSPENDED", Table.Tone.FAINT);
        }
        return running < wanted || app.path("tasksUnhealthy").asInt() > 0
                ? new Table.Cell("DEGRADED", Table.Tone.BAD)
                : new Table.Cell("RUNNING", Table.Tone.GOOD);
    }

    private static String runs(JsonNode app) {
        String image = app.path("container").path("docker").path("image").asText();
        String cmd = app.path("cmd").asText("");
        return image.isEmpty() ? cmd : cmd.isEmpty() ? image : image + ": " + cmd;
    }

    @Command(name = "show", mixinStandardHelpOptions = true, description = "Prints an app as JSON.")
    int show(@Parameters(paramLabel = "APP") String id) {
        output.json(server().get(path(id)).path("app"));
        return 0;
    }

    @Command(
            name = "create",
            mixinStandardHelpOptions = true,
            description = "Creates the app that FILE (JSON, - for standard input) describes.")
    int create(@Parameters(paramLabel = "FILE") String file) {
        return done(server().send("POST", APPS, Input.read(file)));
    }

    @Command(
            name = "update",
            mixinStandardHelpOptions = true,
            description = "Changes an app as FILE (JSON, - for standard input) says; what it does not name stays.")
    int update(@Parameters(paramLabel = "APP") String id, @Parameters(paramLabel = "FILE") String file) {
        return done(server().send("PUT", path(id), Input.read(file)));
    }

    @Command(name = "scale", mixinStandardHelpOptions = true, description = "Changes the number of instances.")
    int scale(@Parameters(paramLabel = "APP") String id, @Parameters(paramLabel = "INSTANCES") int instances) {
        if (instances < 0) {
            throw new IllegalArgumentException("INSTANCES: " + instances + " must be at least 0");
        }
        return done(server().send("PUT", path(id), "{\"instances\":" + instances + "}"));
    }

    @Command(
            name = "restart",
            mixinStandardHelpOptions = true,
            description = "Replaces all instances, one after another.")
    int restart(@Parameters(paramLabel = "APP") String id) {
        return done(server().send("POST", path(id) + "/restart", "{}"));
    }

    @Command(name = "rm", mixinStandardHelpOptions = true, description = "Removes an app and all its instances.")
    int remove(@Parameters(paramLabel = "APP") String id) {
        return done(server().send("DELETE", path(id), null));
    }

    private int done(JsonNode answer) {
        if (output.json) {
            output.json(answer);
        } else if (answer.has("deploymentId")) {
            output.line("deployment " + answer.path("deploymentId").asText() + " started");
        } else {
            output.line("created " + answer.path("id").asText());
        }
        return 0;
    }

    private JsonHttp server() {
        return cluster.server(
                "marathon", marathon, "Is it running there? --marathon or PADDOCK_MARATHON says where it is.");
    }

    private static String path(String id) {
        return APPS + "/"
                + JsonHttp.encode(id.startsWith("/") ? id.substring(1) : id).replace("%2F", "/");
    }
}
