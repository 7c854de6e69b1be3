package io.paddock.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code paddock rm TASK…}, for habit's sake. */
@Command(
        name = "rm",
        description = {
            "Makes sure that tasks are over; with --force ends those that run, at once.",
            "What is left of a task that is over is removed by its agent after a while, and there is nothing to do."
        })
final class RmCommand implements Callable<Integer> {
    @Mixin
    ClusterFlags cluster = new ClusterFlags();

    @Mixin
    Output output = new Output();

    @Option(
            names = {"-f", "--force"},
            description = "Kill what runs.")
    boolean force;

    @Parameters(arity = "1..*", paramLabel = "TASK", description = "Ids of tasks, or the starts of them.")
    List<String> tasks = new ArrayList<>();

    @Override
    public Integer call() {
        ClusterView view = ClusterView.of(cluster.master());
        List<ClusterTask> running = new ArrayList<>();
        for (String name : tasks) {
            ClusterTask task = view.task(name, true);
            if (!task.isOver()) {
                running.add(task);
            } else {
                output.done("removed", task.id());
            }
        }
        if (running.isEmpty()) {
            return 0;
        }
        if (!force) {
            throw new CommandFailed("task " + running.get(0).id() + " is "
                    + running.get(0).state() + "; 'paddock stop' ends it, or --force");
        }
        StopCommand stop = new StopCommand();
        stop.cluster = cluster;
        stop.output = output;
        stop.seconds = 0;
        stop.tasks = running.stream().map(ClusterTask::id).toList();
        return stop.call();
    }
}
