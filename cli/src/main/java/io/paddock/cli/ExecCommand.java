package io.paddock.cli;

import io.paddock.proto.v1.CommandInfo;
import io.paddock.proto.v1.ContainerID;
import io.paddock.proto.v1.ContainerInfo;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code paddock exec TASK COMMAND…} */
@Command(
        name = "exec",
        description = {
            "Runs a command inside the container of a running task.",
            "Its exit code is ours. Options go before TASK."
        })
final class ExecCommand implements Callable<Integer> {
    @Mixin
    ClusterFlags cluster = new ClusterFlags();

    @Option(
            names = {"-i", "--interactive"},
            description = "Pass on what comes in on standard input.")
    boolean interactive;

    @Option(
            names = {"-t", "--tty"},
            description = "Give it a terminal: ours.")
    boolean tty;

    @Mixin
    ProcessFlags process = new ProcessFlags();

    @Parameters(index = "0", paramLabel = "TASK", description = "The task's id, or the start of it.")
    String task = "";

    @Parameters(index = "1..*", arity = "1..*", paramLabel = "COMMAND", description = "The program and its arguments.")
    List<String> command = new ArrayList<>();

    @Override
    public Integer call() {
        if (tty && !(Terminal.isTerminal(0) && Terminal.isTerminal(1))) {
            throw new CommandFailed("--tty: standard input and output are not a terminal; leave it out");
        }
        ClusterTask meant = ClusterView.of(cluster.master()).task(task, false);
        ContainerID inside = ContainerID.newBuilder()
                .setParent(meant.container())
                .setValue(UUID.randomUUID().toString())
                .build();
        return new ContainerSession(meant.agentServer(cluster), inside, ContainerSession.Streams.ofThisProcess())
                .run(commandInfo(), terminal(), interactive, tty);
    }

    /** What comes after TASK belongs to the command, also what looks like our options. */
    @Spec
    void stopAtTask(CommandSpec spec) {
        spec.parser().stopAtPositional(true);
    }

    private CommandInfo commandInfo() {
        List<String> argv = new ArrayList<>(command);
        if (process.workdir != null) {
            argv.addAll(0, List.of("/bin/sh", "-c", "cd \"$0\" && exec \"$@\"", process.workdir));
        }
        CommandInfo.Builder info =
                CommandInfo.newBuilder().setShell(false).setValue(argv.get(0)).addAllArguments(argv);
        process.on(info, null);
        return info.build();
    }

    private ContainerInfo terminal() {
        ContainerInfo.Builder info = ContainerInfo.newBuilder().setType(ContainerInfo.Type.MESOS);
        if (tty) {
            info.setTtyInfo(ContainerSession.window(Terminal.size()));
        }
        return info.build();
    }
}
