package io.paddock.batch.server.json;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.paddock.batch.core.FinishedRun;
import io.paddock.batch.core.Job;
import io.paddock.batch.core.JobSpec;
import io.paddock.batch.core.JobView;
import io.paddock.batch.core.News;
import io.paddock.batch.core.Run;
import io.paddock.batch.core.RunPhase;
import io.paddock.batch.core.RunTask;
import io.paddock.batch.core.RunView;
import io.paddock.batch.core.Schedule;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Writes jobs, schedules and runs as Metronome does; fields of our own come on top and are left out when unset. */
public final class JobWriter {
    /** What can be embedded into a job. */
    public enum Embed {
        activeRuns,
        schedules,
        history,
        historySummary
    }

    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSSZ").withZone(ZoneId.systemDefault());

    private JobWriter() {}

    /** A job as its user gave it, with its schedule. */
    public static ObjectNode spec(JobSpec spec, @Nullable Schedule schedule, @Nullable Instant nextRunAt) {
        ObjectNode node = JSON.objectNode();
        node.put("id", spec.id());
        if (spec.description() != null) {
            node.put("description", spec.description());
        }
        ArrayNode dependencies = node.putArray("dependencies");
        spec.dependencies().forEach(id -> dependencies.addObject().put("id", id));
        ObjectNode labels = node.putObject("labels");
        spec.labels().forEach(labels::put);
        ArrayNode schedules = node.putArray("schedules");
        if (schedule != null) {
            schedules.add(schedule(schedule, nextRunAt));
        }
        node.set("run", RunWriter.run(spec.run()));
        return node;
    }

    /** A job with what was asked to be embedded; its schedule is always there. */
    public static ObjectNode info(JobView view, Set<Embed> embeds) {
        ObjectNode node = spec(view.job().spec(), view.job().schedule(), view.nextRunAt());
        if (embeds.contains(Embed.activeRuns)) {
            ArrayNode runs = node.putArray("activeRuns");
            view.activeRuns().forEach(run -> runs.add(run(run)));
        }
        if (embeds.contains(Embed.historySummary)) {
            node.set("historySummary", summary(view.job().past()));
        }
        if (embeds.contains(Embed.history)) {
            ObjectNode history = summary(view.job().past());
            history.set("successfulFinishedRuns", finished(view.finishedRuns(), true));
            history.set("failedFinishedRuns", finished(view.finishedRuns(), false));
            node.set("history", history);
        }
        if (!view.waitingFor().isEmpty()) {
            ArrayNode waiting = node.putArray("waitingFor");
            view.waitingFor().forEach(waiting::add);
        }
        return node;
    }

    public static ObjectNode schedule(Schedule schedule, @Nullable Instant nextRunAt) {
        ObjectNode node = JSON.objectNode();
        node.put("id", schedule.id());
        node.put("cron", schedule.cron());
        node.put("timezone", schedule.timezone());
        node.put("startingDeadlineSeconds", schedule.startingDeadlineSeconds());
        node.put("concurrencyPolicy", schedule.forbidConcurrent() ? "FORBID" : "ALLOW");
        node.put("enabled", schedule.enabled());
        if (nextRunAt != null) {
            node.put("nextRunAt", time(nextRunAt));
        }
        return node;
    }

    /** A run that is not over or was just stopped. */
    public static ObjectNode run(RunView view) {
        Run run = view.run();
        ObjectNode node = run(run.id(), run.jobId(), view.phase().name(), run.createdAt(), null, run.tasks());
        if (!view.waiting().isEmpty()) {
            node.put("waiting", view.waiting());
        }
        return node;
    }

    /** A run of the history in the form of a run. */
    public static ObjectNode run(FinishedRun run) {
        String status = (run.success() ? RunPhase.SUCCESS : RunPhase.FAILED).name();
        ObjectNode node = run(run.id(), run.jobId(), status, run.createdAt(), run.finishedAt(), run.tasks());
        node.put("attempts", run.attempts());
        node.put("reason", run.reason());
        return node;
    }

    /** Waiting runs by job, each with why it waits and since when. */
    public static ArrayNode queue(List<RunView> waiting) {
        Map<String, ArrayNode> byJob = new LinkedHashMap<>();
        ArrayNode queue = JSON.arrayNode();
        for (RunView view : waiting) {
            ArrayNode runs = byJob.computeIfAbsent(
                    view.run().jobId(), id -> queue.addObject().put("jobId", id).putArray("runs"));
            runs.addObject()
                    .put("runId", view.run().id())
                    .put("since", time(view.run().createdAt()))
                    .put("attempts", view.run().attempts())
                    .put("reason", view.waiting());
        }
        return queue;
    }

    /** News as an event's data. */
    public static ObjectNode news(News news) {
        ObjectNode node = JSON.objectNode();
        node.put("eventType", news.kind().name().toLowerCase(Locale.ROOT));
        node.put("timestamp", time(news.at()));
        node.put("jobId", news.jobId());
        Run run = news.run();
        if (run != null) {
            node.set("run", run(new RunView(run, run.phase(), "")));
        }
        if (!news.detail().isEmpty()) {
            node.put("detail", news.detail());
        }
        return node;
    }

    private static ObjectNode run(
            String id,
            String jobId,
            String status,
            Instant createdAt,
            @Nullable Instant completedAt,
            List<RunTask> tasks) {
        ObjectNode node = JSON.objectNode();
        node.put("id", id);
        node.put("jobId", jobId);
        node.put("status", status);
        node.put("createdAt", time(createdAt));
        node.put("completedAt", timeOrNull(completedAt));
        ArrayNode list = node.putArray("tasks");
        tasks.forEach(task -> list.add(task(task)));
        return node;
    }

    private static ObjectNode task(RunTask task) {
        ObjectNode node = JSON.objectNode();
        node.put("id", task.id());
        node.put("startedAt", time(task.startedAt()));
        if (task.completedAt() != null) {
            node.put("completedAt", time(task.completedAt()));
        }
        node.put("status", task.state().name());
        node.put("host", task.host());
        node.put("agentId", task.agentId());
        if (!task.message().isEmpty()) {
            node.put("message", task.message());
        }
        if (task.reason() != null) {
            node.put("reason", task.reason());
        }
        return node;
    }

    private static ObjectNode summary(Job.Past past) {
        ObjectNode node = JSON.objectNode();
        node.put("successCount", past.successCount());
        node.put("failureCount", past.failureCount());
        node.put("lastSuccessAt", timeOrNull(past.lastSuccessAt()));
        node.put("lastFailureAt", timeOrNull(past.lastFailureAt()));
        return node;
    }

    private static ArrayNode finished(List<FinishedRun> runs, boolean success) {
        ArrayNode list = JSON.arrayNode();
        for (FinishedRun run : runs) {
            if (run.success() == success) {
                ObjectNode node = list.addObject();
                node.put("id", run.id());
                node.put("createdAt", time(run.createdAt()));
                node.put("finishedAt", time(run.finishedAt()));
                ArrayNode tasks = node.putArray("tasks");
                run.tasks().forEach(task -> tasks.add(task.id()));
                node.put("reason", run.reason());
            }
        }
        return list;
    }

    private static String time(Instant time) {
        return TIME.format(time);
    }

    private static @Nullable String timeOrNull(@Nullable Instant time) {
        return time == null ? null : TIME.format(time);
    }
}
