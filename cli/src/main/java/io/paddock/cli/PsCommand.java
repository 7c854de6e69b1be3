package io.paddock.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code paddock ps} */
@Command(name = "ps", description = "Lists tasks.")
final class PsCommand implements Callable<Integer> {
    @Mixin
    ClusterFlags cluster = new ClusterFlags();

    @Mixin
    Output output = new Output();

    @Option(
            names = {"-a", "--all"},
            description = "Also tasks that are over.")
    boolean all;

    @Option(
            names = {"-q", "--quiet"},
            description = "Only their ids, one a line.")
    boolean quiet;

    @Option(names = "--framework", paramLabel = "NAME|ID", description = "Only tasks of this framework.")
    @Nullable
    String framework;

    @Override
    public Integer call() {
        List<ClusterTask> tasks = ClusterView.of(cluster.master()).tasks(all).stream()
                .filter(t -> all || !t.isOver()) // some are over, but their framework has not taken note
                .filter(t -> framework == null
                        || t.frameworkName().equals(framework)
                        || t.frameworkId().equals(framework))
                .toList();
        if (output.json) {
            output.json(json(tasks));
        } else if (quiet) {
            tasks.forEach(task -> output.line(task.id()));
        } else {
            output.table(table(tasks, Instant.now()));
        }
        return 0;
    }

    static Table table(List<ClusterTask> tasks, Instant now) {
        Table table =
                Table.of("ID", "NAME", "FRAMEWORK", "AGENT", "=STATE", ">AGE", ">CPUS", ">MEM", "PORTS", "REASON");
        for (ClusterTask task : tasks) {
            String reason = task.state().equals("TASK_RUNNING") ? "" : task.reason();
            table.row(
                    task.id(),
                    task.name(),
                    task.frameworkName(),
                    task.hostname(),
                    Words.state(task.state()),
                    task.age(now),
                    Words.number(task.json().path("resources").path("cpus").asDouble()),
                    Words.megabytes(task.json().path("resources").path("mem").asDouble()),
                    task.ports(),
                    reason);
        }
        return table;
    }

    private static ArrayNode json(List<ClusterTask> tasks) {
        ArrayNode array = JsonNodeFactory.instance.arrayNode();
        for (ClusterTask task : tasks) {
            ObjectNode object = task.json().deepCopy();
            object.put("framework_name", task.frameworkName());
            object.put("agent_hostname", task.hostname());
            array.add(object);
        }
        return array;
    }
}
