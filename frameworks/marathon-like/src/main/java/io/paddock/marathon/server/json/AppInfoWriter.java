package io.paddock.marathon.server.json;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.paddock.marathon.core.AppView;
import io.paddock.marathon.core.MarathonView;
import io.paddock.marathon.core.health.CheckOutcome;
import io.paddock.marathon.core.health.Readiness;
import io.paddock.marathon.core.instance.Condition;
import io.paddock.marathon.core.instance.Instance;
import io.paddock.marathon.core.model.App;
import io.paddock.marathon.server.json.Embeds.Embed;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.Predicate;

/** Writes apps with what was asked for about their tasks and deployments. */
public final class AppInfoWriter {
    private AppInfoWriter() {}

    /** An app that has a definition. */
    public static ObjectNode write(MarathonView all, AppView view, Set<Embed> embeds, Instant now) {
        App app = Objects.requireNonNull(view.current(), "an app with a definition");
        ObjectNode out = AppWriter.write(app);
        if (embeds.contains(Embed.COUNTS)) {
            Counts counts = Counts.of(view, i -> true);
            out.put("tasksStaged", counts.staged);
            out.put("tasksRunning", counts.running);
            out.put("tasksHealthy", counts.healthy);
            out.put("tasksUnhealthy", counts.unhealthy);
        }
        if (embeds.contains(Embed.DEPLOYMENTS)) {
            ArrayNode deployments = out.putArray("deployments");
            String held = all.locks().get(view.id());
            if (held != null) {
                deployments.addObject().put("id", held);
            }
        }
        if (embeds.contains(Embed.READINESS)) {
            ArrayNode results = out.putArray("readinessCheckResults");
            readiness(view.readiness().values(), results);
        }
        if (embeds.contains(Embed.TASKS)) {
            ArrayNode tasks = out.putArray("tasks");
            TaskWriter.placed(view).forEach(i -> tasks.add(TaskWriter.write(view, i, false)));
        }
        if (embeds.contains(Embed.LASTTASKFAILURE) && view.lastFailure() != null) {
            out.set("lastTaskFailure", TaskWriter.failure(view.lastFailure()));
        }
        if (embeds.contains(Embed.TASKSTATS)) {
            out.set("tasksStats", stats(view, app, now));
        }
        return out;
    }

    /** How many tasks are in which state. */
    private static final class Counts {
        private int staged;
        private int running;
        private int healthy;
        private int unhealthy;

        static Counts of(AppView view, Predicate<Instance> which) {
            Counts counts = new Counts();
            for (Instance i : TaskWriter.placed(view)) {
                if (which.test(i)) {
                    boolean early = i.condition() == Condition.PROVISIONED || i.condition() == Condition.STAGING;
                    counts.staged += early ? 1 : 0;
                    counts.running += i.condition() == Condition.RUNNING ? 1 : 0;
                    counts.healthy += Boolean.TRUE.equals(i.healthy()) ? 1 : 0;
                    counts.unhealthy += Boolean.FALSE.equals(i.healthy()) ? 1 : 0;
                }
            }
            return counts;
        }
    }

    static void readiness(Collection<Readiness> results, ArrayNode out) {
        for (Readiness r : results) {
            ObjectNode one = out.addObject();
            one.put("name", r.name()).put("taskId", r.taskId()).put("ready", r.ready());
            CheckOutcome last = r.last();
            if (last != null) {
                ObjectNode response = one.putObject("lastResponse");
                response.put("status", last.status());
                response.put("contentType", last.contentType() == null ? "" : last.contentType());
                response.put("body", last.body() == null ? "" : last.body());
            }
        }
    }

    private static ObjectNode stats(AppView view, App app, Instant now) {
        ObjectNode out = AppWriter.NODES.objectNode();
        Instant config = app.versionInfo().lastConfigChangeAt();
        addStats(
                out,
                "startedAfterLastScaling",
                view,
                now,
                i -> !i.version().isBefore(app.versionInfo().lastScalingAt()));
        addStats(out, "withLatestConfig", view, now, i -> i.config().equals(config));
        addStats(out, "withOutdatedConfig", view, now, i -> !i.config().equals(config));
        addStats(out, "totalSummary", view, now, i -> true);
        return out;
    }

    private static void addStats(ObjectNode out, String name, AppView view, Instant now, Predicate<Instance> which) {
        List<Instance> instances =
                TaskWriter.placed(view).stream().filter(which).toList();
        if (instances.isEmpty()) {
            return;
        }
        Counts c = Counts.of(view, which);
        ObjectNode stats = out.putObject(name).putObject("stats");
        stats.putObject("counts")
                .put("staged", c.staged)
                .put("running", c.running)
                .put("healthy", c.healthy)
                .put("unhealthy", c.unhealthy);
        List<Double> lives = instances.stream()
                .map(Instance::startedAt)
                .filter(Objects::nonNull)
                .map(at -> Duration.between(at, now).toMillis() / 1000.0)
                .sorted()
                .toList();
        if (!lives.isEmpty()) {
            double average =
                    lives.stream().mapToDouble(Double::doubleValue).average().orElse(0);
            stats.putObject("lifeTime")
                    .put("averageSeconds", average)
                    .put("medianSeconds", lives.get(lives.size() / 2));
        }
    }
}
