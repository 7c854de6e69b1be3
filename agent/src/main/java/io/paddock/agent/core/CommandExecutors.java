package io.paddock.agent.core;

import io.paddock.proto.v1.CommandInfo;
import io.paddock.proto.v1.ExecutorID;
import io.paddock.proto.v1.ExecutorInfo;
import io.paddock.proto.v1.FrameworkID;
import io.paddock.proto.v1.TaskInfo;

/**
 * The ExecutorInfo of the built-in executor that runs one command task: its id is the task's. Source: the command executor
 * of Mesos; ours needs no resources of its own, since it costs no process.
 */
final class CommandExecutors {
    private static final int SHOWN_COMMAND = 15;

    private CommandExecutors() {}

    static ExecutorInfo infoOf(FrameworkID framework, TaskInfo task) {
        String id = task.getTaskId().getValue();
        ExecutorInfo.Builder info = ExecutorInfo.newBuilder()
                .setExecutorId(ExecutorID.newBuilder().setValue(id))
                .setFrameworkId(framework)
                .setName("Command Executor (Task: " + id + ") (Command: " + shown(task.getCommand()) + ")")
                .setSource(id)
                .setCommand(CommandInfo.newBuilder().setShell(false).setValue("paddock-executor"));
        if (task.getCommand().hasUser()) {
            info.getCommandBuilder().setUser(task.getCommand().getUser());
        }
        if (task.hasContainer()) {
            info.setContainer(task.getContainer());
        }
        if (task.hasDiscovery()) {
            info.setDiscovery(task.getDiscovery());
        }
        if (task.hasLabels()) {
            info.setLabels(task.getLabels());
        }
        return info.build();
    }

    private static String shown(CommandInfo command) {
        if (command.getShell()) {
            String value = command.getValue();
            return "sh -c '" + (value.length() > SHOWN_COMMAND ? value.substring(0, SHOWN_COMMAND - 3) + "..." : value)
                    + "'";
        }
        String argv = command.getValue() + " " + String.join(" ", command.getArgumentsList());
        return argv.length() > SHOWN_COMMAND ? argv.substring(0, SHOWN_COMMAND - 3) + "..." : argv;
    }
}
