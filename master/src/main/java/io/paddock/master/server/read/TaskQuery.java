package io.paddock.master.server.read;

import io.paddock.common.Rejection;
import io.paddock.master.core.snapshot.ClusterSnapshot;
import io.paddock.master.core.snapshot.FrameworkView;
import io.paddock.platform.http.StreamedJson.Piece;
import io.paddock.proto.v1.Task;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** {@code /tasks}: a page of all tasks, by the time of their latest status. */
record TaskQuery(long limit, long offset, boolean ascending, String frameworkId, String taskId) {
    private static final long DEFAULT_LIMIT = 100;

    /** A query, or why its parameters are refused. */
    record Parsed(TaskQuery query, List<Rejection> rejections) {}

    static Parsed parse(Map<String, String> parameters) {
        List<Rejection> rejections = new ArrayList<>();
        long limit = number(parameters, "limit", DEFAULT_LIMIT, -1, rejections);
        long offset = number(parameters, "offset", 0, 0, rejections);
        String order = parameters.getOrDefault("order", "desc");
        if (!order.equals("asc") && !order.equals("desc")) {
            rejections.add(Rejection.invalid("order: expected 'asc' or 'desc' but got '" + order + "'"));
        }
        return new Parsed(
                new TaskQuery(
                        limit,
                        offset,
                        order.equals("asc"),
                        parameters.getOrDefault("framework_id", ""),
                        parameters.getOrDefault("task_id", "")),
                rejections);
    }

    List<Piece> run(ClusterSnapshot snapshot) {
        ClusterIndex index = new ClusterIndex(snapshot);
        Comparator<Task> byTime = Comparator.comparingDouble(TaskQuery::latest);
        Stream<Task> tasks = Stream.concat(snapshot.frameworks().stream(), snapshot.completedFrameworks().stream())
                .filter(framework -> frameworkId.isEmpty() || framework.id().equals(frameworkId))
                .flatMap((FrameworkView framework) -> index.allTasksOf(framework))
                .filter(task -> taskId.isEmpty() || task.getTaskId().getValue().equals(taskId))
                .sorted(ascending ? byTime : byTime.reversed())
                .skip(offset);
        List<Piece> pieces = new ArrayList<>();
        pieces.add(out -> {
            out.writeStartObject();
            out.writeArrayFieldStart("tasks");
        });
        (limit < 0 ? tasks : tasks.limit(limit)).forEach(task -> pieces.add(out -> TaskJson.task(out, task)));
        pieces.add(out -> {
            out.writeEndArray();
            out.writeEndObject();
        });
        return pieces;
    }

    private static double latest(Task task) {
        int count = task.getStatusesCount();
        return count == 0 ? 0 : task.getStatuses(count - 1).getTimestamp();
    }

    private static long number(
            Map<String, String> parameters, String name, long missing, long min, List<Rejection> rejections) {
        String text = parameters.get(name);
        if (text == null) {
            return missing;
        }
        try {
            long value = Long.parseLong(text);
            if (value >= min) {
                return value;
            }
        } catch (NumberFormatException e) {
            // refused below, as a number too small is
        }
        rejections.add(
                Rejection.invalid(name + ": expected a whole number of at least " + min + " but got '" + text + "'"));
        return missing;
    }
}
