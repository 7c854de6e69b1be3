package io.paddock.batch.server.json;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.paddock.batch.core.FinishedRun;
import io.paddock.batch.core.Job;
import io.paddock.batch.core.Run;
import io.paddock.batch.core.RunPhase;
import io.paddock.batch.core.RunTask;
import io.paddock.batch.core.Schedule;
import io.paddock.proto.v1.TaskState;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Jobs and runs as the store keeps them: exact times, everything a new leader needs. */
public final class StateJson {
    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

    private StateJson() {}

    public static ObjectNode job(Job job) {
        ObjectNode node = JSON.objectNode();
        node.set("spec", JobWriter.spec(job.spec(), null, null));
        if (job.schedule() != null) {
            node.set("schedule", JobWriter.schedule(job.schedule(), null));
        }
        Job.Past past = job.past();
        ObjectNode pastNode = node.putObject("past");
        pastNode.put("successCount", past.successCount());
        pastNode.put("failureCount", past.failureCount());
        put(pastNode, "lastSuccessAt", past.lastSuccessAt());
        put(pastNode, "lastFailureAt", past.lastFailureAt());
        put(pastNode, "lastStartedAt", past.lastStartedAt());
        put(pastNode, "lastSlot", past.lastSlot());
        return node;
    }

    public static Job job(JsonNode node) {
        JsonNode past = node.path("past");
        Schedule schedule = node.has("schedule") ? JobReader.storedSchedule(node.get("schedule")) : null;
        return new Job(
                JobReader.stored(node.get("spec")),
                schedule,
                new Job.Past(
                        past.path("successCount").asLong(),
                        past.path("failureCount").asLong(),
                        time(past, "lastSuccessAt"),
                        time(past, "lastFailureAt"),
                        time(past, "lastStartedAt"),
                        time(past, "lastSlot")));
    }

    public static ObjectNode run(Run run) {
        ObjectNode node = JSON.objectNode();
        node.put("id", run.id());
        node.put("jobId", run.jobId());
        node.set("spec", RunWriter.run(run.spec()));
        ObjectNode labels = node.putObject("labels");
        run.labels().forEach(labels::put);
        node.put("phase", run.phase().name());
        put(node, "createdAt", run.createdAt());
        put(node, "deadline", run.deadline());
        node.put("attempts", run.attempts());
        node.put("failures", run.failures());
        put(node, "notBefore", run.notBefore());
        node.put("stopping", run.stopping());
        node.set("tasks", tasks(run.tasks()));
        return node;
    }

    public static Run run(JsonNode node) {
        Problems problems = new Problems();
        Map<String, String> labels = new LinkedHashMap<>();
        node.path("labels")
                .fields()
                .forEachRemaining(
                        label -> labels.put(label.getKey(), label.getValue().asText()));
        Run run = new Run(
                node.get("id").asText(),
                node.get("jobId").asText(),
                new RunReader(new Fields("/spec", node.get("spec"), problems)).read(),
                labels,
                RunPhase.valueOf(node.get("phase").asText()),
                required(node, "createdAt"),
                required(node, "deadline"),
                node.path("attempts").asInt(),
                node.path("failures").asInt(),
                required(node, "notBefore"),
                node.path("stopping").asBoolean(),
                tasks(node.path("tasks")));
        if (!problems.none()) {
            throw new Problems.InvalidException(problems);
        }
        return run;
    }

    public static ObjectNode finished(FinishedRun run) {
        ObjectNode node = JSON.objectNode();
        node.put("id", run.id());
        node.put("jobId", run.jobId());
        node.put("success", run.success());
        put(node, "createdAt", run.createdAt());
        put(node, "finishedAt", run.finishedAt());
        node.put("attempts", run.attempts());
        node.put("reason", run.reason());
        node.set("tasks", tasks(run.tasks()));
        return node;
    }

    public static FinishedRun finished(JsonNode node) {
        return new FinishedRun(
                node.get("id").asText(),
                node.get("jobId").asText(),
                node.path("success").asBoolean(),
                required(node, "createdAt"),
                required(node, "finishedAt"),
                node.path("attempts").asInt(),
                node.path("reason").asText(),
                tasks(node.path("tasks")));
    }

    private static ArrayNode tasks(List<RunTask> tasks) {
        ArrayNode list = JSON.arrayNode();
        for (RunTask task : tasks) {
            ObjectNode node = list.addObject();
            node.put("id", task.id());
            node.put("agentId", task.agentId());
            node.put("host", task.host());
            put(node, "startedAt", task.startedAt());
            put(node, "completedAt", task.completedAt());
            node.put("state", task.state().name());
            node.put("heardOf", task.heardOf());
            node.put("message", task.message());
            node.put("reason", task.reason());
        }
        return list;
    }

    private static List<RunTask> tasks(JsonNode list) {
        List<RunTask> tasks = new ArrayList<>();
        for (JsonNode node : list) {
            tasks.add(new RunTask(
                    node.get("id").asText(),
                    node.path("agentId").asText(),
                    node.path("host").asText(),
                    required(node, "startedAt"),
                    time(node, "completedAt"),
                    TaskState.valueOf(node.get("state").asText()),
                    node.path("heardOf").asBoolean(),
                    node.path("message").asText(),
                    node.path("reason").isTextual() ? node.path("reason").asText() : null));
        }
        return tasks;
    }

    private static void put(ObjectNode node, String name, @Nullable Instant time) {
        if (time != null) {
            node.put(name, time.toString());
        }
    }

    private static @Nullable Instant time(JsonNode node, String name) {
        JsonNode value = node.get(name);
        return value == null || value.isNull() ? null : Instant.parse(value.asText());
    }

    private static Instant required(JsonNode node, String name) {
        Instant time = time(node, name);
        if (time == null) {
            throw new IllegalArgumentException(name + " is missing");
        }
        return time;
    }
}
