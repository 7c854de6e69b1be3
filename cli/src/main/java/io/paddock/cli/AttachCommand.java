package io.paddock.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code paddock attach TASK} */
@Command(
        name = "attach",
        description = {
            "Joins a running task: shows what it writes from now on, until it is over; its exit code is ours.",
            "A task with a terminal ('paddock run -dit') gets what is typed here, and Ctrl-P Ctrl-Q leaves it running. From one "
                    + "without, Ctrl-C does: it goes on."
        })
final class AttachCommand implements Callable<Integer> {
    @Mixin
    ClusterFlags cluster = new ClusterFlags();

    @Option(names = "--no-stdin", description = "Only look: pass nothing on, leave our terminal as it is.")
    boolean noStdin;

    @Parameters(paramLabel = "TASK", description = "The task's id, or the start of it if no other task has it.")
    String task = "";

    @Override
    public Integer call() {
        ClusterTask meant = ClusterView.of(cluster.master()).task(task, false);
        boolean tty = meant.hasTerminal() && !noStdin;
        if (tty && !(Terminal.isTerminal(0) && Terminal.isTerminal(1))) {
            throw new CommandFailed("task " + meant.id()
                    + " has a terminal, but standard input and output here are none; --no-stdin only shows its output");
        }
        return new ContainerSession(
                        meant.agentServer(cluster), meant.container(), ContainerSession.Streams.ofThisProcess())
                .attach(false, tty)
                .orElse(0);
    }
}
