package io.paddock.cli;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.paddock.client.ConnectionOptions;
import io.paddock.client.DriverOptions;
import io.paddock.client.SchedulerDriver;
import io.paddock.common.DurationText;
import io.paddock.common.FrameworkLabels;
import io.paddock.proto.v1.FrameworkInfo;
import io.paddock.proto.v1.TaskState;
import io.paddock.proto.v1.TaskStatus;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code paddock run}: a framework of one task, which lives as long as the command. */
@Command(
        name = "run",
        exitCodeOnInvalidInput = ExitCodes.COULD_NOT_RUN,
        exitCodeOnExecutionException = ExitCodes.COULD_NOT_RUN,
        description = {
            "Runs one command or image on the cluster, as if it ran here.",
            "Its output appears here while it runs, its exit code is ours (128 plus the number when a signal ended it; 125, as "
                    + "docker's, when it could not run). Ctrl-C kills it. With -it it has our terminal, and Ctrl-P Ctrl-Q leaves it running."
        })
final class RunCommand implements Callable<Integer> {
    /** What the frameworks of this command are called. */
    static final String FRAMEWORK_NAME = "paddock run";

    /** What a shell answers for a command that is not there. */
    private static final int NOT_FOUND = 127;

    private static final Duration BETWEEN_READS = Duration.ofMillis(200);
    private static final Duration PATIENCE = Duration.ofSeconds(3);
    private static final Duration GOODBYE = Duration.ofSeconds(6);
    private static final Duration DETACHED_FOR = Duration.ofDays(7);
    private static final Duration ATTACHED_FOR = Duration.ofSeconds(15);

    @Mixin
    ClusterFlags cluster = new ClusterFlags();

    @Mixin
    Output output = new Output();

    @Mixin
    RunFlags task = new RunFlags();

    @Option(
            names = {"-d", "--detach"},
            description =
                    "Print the task's id when it runs and leave it alone; 'paddock stop' ends it, a week does too.")
    boolean detach;

    @Option(
            names = {"-i", "--interactive"},
            description = "Pass on what comes in on standard input; with --tty only.")
    boolean interactive;

    @Option(
            names = {"-t", "--tty"},
            description = "Give it a terminal: ours, or with --detach one for 'paddock attach'.")
    boolean tty;

    private boolean left;
    private boolean departed; // guarded by this

    private final Pause pause = new Pause();
    private final AtomicBoolean noted = new AtomicBoolean();

    @Override
    public Integer call() {
        if (interactive && !tty) {
            throw new IllegalArgumentException(
                    "--interactive: needs --tty, since a task without a terminal has no input; or use 'paddock exec -i'");
        }
        if (tty && !detach && !(Terminal.isTerminal(0) && Terminal.isTerminal(1))) {
            throw new CommandFailed("--tty: standard input and output are not a terminal; leave it out");
        }
        ConnectionOptions connection = cluster.connection();
        RunScheduler scheduler = new RunScheduler(
                task.spec(new ManagedPorts(cluster), tty ? ContainerSession.window(Terminal.size()) : null),
                pause::end,
                cluster.masters(),
                cluster.leaderTimeout,
                this::noteOnce);
        try (SchedulerDriver driver = SchedulerDriver.start(options(connection), scheduler)) {
            Runnable giveUp = () -> depart(() -> giveUp(driver, scheduler, connection));
            if (!AtExit.run(new Thread(giveUp, "paddock-interrupted"))) {
                giveUp.run();
                return ExitCodes.COULD_NOT_RUN;
            }
            try {
                int status = attend(scheduler, driver);
                depart(() -> {
                    if (!(detach || left) || scheduler.isOver()) {
                        end(driver);
                    } else {
                        leave(driver, connection);
                    }
                });
                return status;
            } catch (OutputFailed e) {
                giveUp.run();
                throw e;
            } catch (RuntimeException | Error e) {
                depart(() -> kill(driver, scheduler));
                throw e;
            } finally {
                depart(() -> {});
            }
        }
    }

    /** Once, whether we are done or interrupted: whoever comes second waits, as the driver is needed until the end. */
    private synchronized void depart(Runnable how) {
        if (!departed) {
            departed = true;
            how.run();
        }
    }

    /** Whether we were interrupted, and have therefore ended the task ourselves; waits until that is done. */
    private synchronized boolean hasDeparted() {
        return departed;
    }

    private void noteOnce(String reason) {
        if (!noted.getAndSet(true)) {
            output.note("paddock run: " + reason + "; waiting up to " + DurationText.format(cluster.leaderTimeout));
        }
    }

    /** What comes after the first word of COMMAND belongs to it, also what looks like our options. */
    @Spec
    void stopAtCommand(CommandSpec spec) {
        spec.parser().stopAtPositional(true);
    }

    private DriverOptions options(ConnectionOptions connection) {
        DriverOptions options = DriverOptions.of(cluster.master, FRAMEWORK_NAME).withConnection(connection);
        FrameworkInfo.Builder framework = options.framework().toBuilder()
                .clearRoles()
                .addRoles(task.role)
                .setFailoverTimeout((double) (detach || tty ? DETACHED_FOR : ATTACHED_FOR).toSeconds());
        if (task.gpus > 0) {
            framework.addCapabilities(
                    FrameworkInfo.Capability.newBuilder().setType(FrameworkInfo.Capability.Type.GPU_RESOURCES));
        }
        return options.withFramework(framework.build());
    }

    private int attend(RunScheduler scheduler, SchedulerDriver driver) {
        WaitingExplained waiting = new WaitingExplained(cluster, output);
        long explainAt = System.nanoTime() + PATIENCE.toNanos();
        Outage outage = new Outage(reason -> output.note("paddock run: " + reason));
        RunScheduler.@Nullable Place copiedFrom = null;
        @Nullable TaskOutput copied = null;
        boolean attached = false;
        while (true) {
            boolean over = scheduler.isOver();
            if (detach && scheduler.hasStarted()) {
                announce(scheduler);
                return 0;
            }
            if (scheduler.trouble() != null) {
                throw new CommandFailed(scheduler.trouble());
            }
            if (tty && !detach && !attached && isAttachable(scheduler)) {
                try {
                    left = attach(scheduler);
                    attached = true;
                } catch (ContainerGone e) {
                    // it was too quick for us: what it wrote is in its sandbox, and its end is on its way
                } catch (ServerAway e) {
                    output.note("paddock run: " + e.getMessage());
                    left = true;
                    announce(scheduler);
                    return ExitCodes.COULD_NOT_RUN;
                }
                if (left) {
                    announce(scheduler);
                    return 0;
                }
            }
            boolean copies = !detach && !attached && (!tty || over);
            RunScheduler.Place place = scheduler.place();
            if (copies && place != null && !place.equals(copiedFrom)) { // another where a launch came too late
                copied = new TaskOutput(cluster, place, output);
                copiedFrom = place;
            }
            if (copied != null && over) {
                copyLast(copied, !scheduler.hasRun());
            } else if (copied != null) {
                TaskOutput more = copied;
                outage.sparing(() -> more.copy(true));
            }
            if (over) {
                return ended(scheduler.status());
            }
            if (scheduler.place() == null && System.nanoTime() > explainAt) {
                waiting.explain(driver.frameworkId(), scheduler.missing(), () -> scheduler.place() == null);
            }
            pause.await(BETWEEN_READS);
        }
    }

    /** An agent that is gone takes the output with it, not how the task ended. */
    private void copyLast(TaskOutput copied, boolean mayBeMissing) {
        try {
            copied.copy(mayBeMissing);
        } catch (ServerAway e) {
            output.note("paddock run: the last of its output could not be fetched: " + e.getMessage());
        }
    }

    private static boolean isAttachable(RunScheduler scheduler) {
        TaskStatus status = scheduler.status();
        return status.getState() == TaskState.TASK_RUNNING
                && status.getContainerStatus().hasContainerId();
    }

    /** Whether our user has left it running. */
    private boolean attach(RunScheduler scheduler) {
        JsonHttp agent = cluster.server(
                "the agent",
                scheduler.place().agentAddress(),
                "Its address, from the offer, must be reachable from here.");
        return new ContainerSession(
                        agent,
                        scheduler.status().getContainerStatus().getContainerId(),
                        ContainerSession.Streams.ofThisProcess())
                .join(true, true)
                .isEmpty();
    }

    private void announce(RunScheduler scheduler) {
        if (output.json) {
            output.json(JsonNodeFactory.instance.objectNode().put("task", scheduler.taskId()));
        } else {
            output.line(scheduler.taskId());
        }
    }

    private int ended(TaskStatus status) {
        int code = ExitCodes.of(status);
        boolean byItself = status.getState() == TaskState.TASK_FINISHED
                || status.getMessage().startsWith("Command exited with status ");
        if (!byItself && !hasDeparted()) {
            output.note("paddock run: the task ended as " + status.getState()
                    + (status.hasReason() ? ", " + status.getReason() : "")
                    + (status.getMessage().isBlank() ? "" : ": " + status.getMessage()));
        }
        if (code == NOT_FOUND && task.image == null && task.command.size() == 1) {
            output.note("paddock run: without --image it is a command of the agent's machine; is '"
                    + task.command.get(0) + "' an image?");
        }
        return code;
    }

    /** Nobody is there to see more of it: the task is killed, unless it runs already and was to go on without us. */
    private void giveUp(SchedulerDriver driver, RunScheduler scheduler, ConnectionOptions connection) {
        if (detach && scheduler.status().getState() == TaskState.TASK_RUNNING) {
            leave(driver, connection);
        } else {
            kill(driver, scheduler);
        }
    }

    private void kill(SchedulerDriver driver, RunScheduler scheduler) {
        scheduler.kill(driver);
        Pause gone = new Pause();
        long until = System.nanoTime() + GOODBYE.toNanos();
        while (scheduler.place() != null && !scheduler.isOver() && System.nanoTime() < until) {
            gone.await(Duration.ofMillis(50));
        }
        boolean taken = end(driver);
        if (!taken && scheduler.place() != null && !scheduler.isOver()) {
            output.note("paddock run: no master has taken it that task " + scheduler.taskId()
                    + " is to end, so it may go on; 'paddock rm -f " + scheduler.taskId() + "' ends it");
        }
    }

    /** Nobody will be there to hear how the task ends: the master need not wait for us then. */
    private void leave(SchedulerDriver driver, ConnectionOptions connection) {
        FrameworkInfo.Builder framework =
                options(connection).framework().toBuilder().setId(driver.frameworkId());
        framework
                .getLabelsBuilder()
                .addLabelsBuilder()
                .setKey(FrameworkLabels.ENDS_WITH_ITS_TASKS)
                .setValue("true");
        await(driver.updateFramework(framework.build(), framework.getRolesList()));
    }

    private static boolean end(SchedulerDriver driver) {
        return await(driver.teardown());
    }

    /** Whether the call was taken. */
    private static boolean await(CompletionStage<Void> call) {
        return call.toCompletableFuture()
                .orTimeout(3, TimeUnit.SECONDS)
                .handle((done, error) -> error == null)
                .join();
    }
}
