package io.paddock.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ScopeType;

/** {@code paddock jobs}: what batch runs to its end. */
@Command(name = "jobs", description = "Lists batch's jobs; with a subcommand changes and runs them.")
final class JobsCommand implements Callable<Integer> {
    private static final String JOBS = "/v1/jobs";
    private static final String EVERYTHING = "?embed=activeRuns&embed=schedules&embed=historySummary";

    @Mixin
    ClusterFlags cluster = new ClusterFlags();

    @Mixin
    Output output = new Output();

    @Option(
            names = "--batch",
            scope = ScopeType.INHERIT,
            paramLabel = "ADDRESS",
            defaultValue = "127.0.0.1:9000",
            description = "Where batch is: host:port or http(s)://host:port. Usually given once, as PADDOCK_BATCH.")
    String batch = "127.0.0.1:9000";

    @Override
    public Integer call() {
        JsonNode jobs = server().get(JOBS + EVERYTHING);
        return output.answer(jobs, () -> table(jobs));
    }

    static Table table(JsonNode jobs) {
        Table table = Table.of("ID", ">ACTIVE", ">SUCCEEDED", ">FAILED", "=SCHEDULE", "RUNS");
        for (JsonNode job : jobs) {
            JsonNode history = job.path("historySummary");
            JsonNode run = job.path("run");
            String image = run.path("docker").path("image").asText();
            table.row(
                    job.path("id").asText(),
                    job.path("activeRuns").size(),
                    history.path("successCount").asText("0"),
                    history.path("failureCount").asText("0"),
                    job.path("schedules").path(0).path("cron").asText("-"),
                    run.path("cmd").asText(image));
        }
        return table;
    }

    @Command(name = "show", mixinStandardHelpOptions = true, description = "Prints a job as JSON.")
    int show(@Parameters(paramLabel = "JOB") String id) {
        output.json(server().get(path(id) + EVERYTHING));
        return 0;
    }

    @Command(
            name = "create",
            mixinStandardHelpOptions = true,
            description = "Creates the job that FILE (JSON, - for standard input) describes.")
    int create(@Parameters(paramLabel = "FILE") String file) {
        JsonNode job = server().send("POST", JOBS, Input.read(file));
        return done(job, "created " + job.path("id").asText());
    }

    @Command(
            name = "start",
            mixinStandardHelpOptions = true,
            description = "Starts a run of a job; prints the run's id.")
    int start(@Parameters(paramLabel = "JOB") String id) {
        JsonNode run = server().send("POST", path(id) + "/runs", "{}");
        return done(run, run.path("id").asText());
    }

    @Command(name = "stop", mixinStandardHelpOptions = true, description = "Ends a run of a job.")
    int stop(@Parameters(paramLabel = "JOB") String id, @Parameters(paramLabel = "RUN") String run) {
        return done(
                server().send("POST", path(id) + "/runs/" + JsonHttp.encode(run) + "/actions/stop", "{}"),
                "stopped " + run);
    }

    @Command(name = "rm", mixinStandardHelpOptions = true, description = "Removes a job and ends its runs.")
    int remove(@Parameters(paramLabel = "JOB") String id) {
        return done(server().send("DELETE", path(id) + "?stopCurrentJobRuns=true", null), "removed " + id);
    }

    private int done(JsonNode answer, String text) {
        if (output.json) {
            output.json(answer);
        } else {
            output.line(text);
        }
        return 0;
    }

    private JsonHttp server() {
        return cluster.server("batch", batch, "Is it running there? --batch or PADDOCK_BATCH says where it is.");
    }

    private static String path(String id) {
        return JOBS + "/" + JsonHttp.encode(id);
    }
}
