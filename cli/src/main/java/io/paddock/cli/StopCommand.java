package io.paddock.cli;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code paddock stop TASK…} */
@Command(
        name = "stop",
        description = {
            "Ends tasks: asks with SIGTERM, and kills what has not ended after some seconds.",
            "As with 'paddock kill' a task's framework decides what follows; a detached 'paddock run' is over for good."
        })
final class StopCommand implements Callable<Integer> {
    private static final Duration BETWEEN_LOOKS = Duration.ofMillis(200);
    private static final Duration AFTER_KILL = Duration.ofSeconds(20);

    @Mixin
    ClusterFlags cluster = new ClusterFlags();

    @Mixin
    Output output = new Output();

    @Option(
            names = {"-t", "--time"},
            paramLabel = "SECONDS",
            defaultValue = "10",
            description = "How long a task may take before it is killed (default: ${DEFAULT-VALUE}).")
    int seconds = 10;

    @Parameters(arity = "1..*", paramLabel = "TASK", description = "Ids of tasks, or the starts of them.")
    List<String> tasks = new ArrayList<>();

    @Override
    public Integer call() {
        if (seconds < 0) {
            throw new IllegalArgumentException("--time: " + seconds + " must be at least 0");
        }
        JsonHttp master = cluster.master();
        ClusterView view = ClusterView.of(master);
        List<ClusterTask> meant =
                tasks.stream().map(task -> view.task(task, false)).toList();
        TaskSignals signals = new TaskSignals(cluster, master);
        meant.forEach(task -> signals.send(task, Signal.TERM));
        long killAt = System.nanoTime() + Duration.ofSeconds(seconds).toNanos();
        List<ClusterTask> left = new ArrayList<>(meant);
        while (true) {
            ClusterView now = ClusterView.of(master);
            left.removeIf(task -> {
                boolean gone = now.tasks(false).stream()
                        .noneMatch(t ->
                                t.id().equals(task.id()) && t.frameworkId().equals(task.frameworkId()) && !t.isOver());
                if (gone) {
                    stopped(signals, task);
                }
                return gone;
            });
            if (left.isEmpty()) {
                return 0;
            }
            // That its container is gone is as good: of a task whose framework is away the master may not show the end.
            if (System.nanoTime() > killAt && left.stream().noneMatch(task -> signals.sendIfThere(task, Signal.KILL))) {
                left.forEach(task -> stopped(signals, task));
                return 0;
            }
            if (System.nanoTime() > killAt + AFTER_KILL.toNanos()) {
                throw new CommandFailed("task " + left.get(0).id() + " was killed " + AFTER_KILL.toSeconds()
                        + " s ago, but the master does not say that it is over; see 'paddock ps'");
            }
            new Pause().await(BETWEEN_LOOKS);
        }
    }

    private void stopped(TaskSignals signals, ClusterTask task) {
        if (TaskSignals.isDetachedRun(task)) {
            signals.endFramework(task);
        }
        output.done("stopped", task.id());
    }
}
