package io.paddock.local;

import io.paddock.agent.server.AgentCommand;
import io.paddock.batch.server.BatchCommand;
import io.paddock.cli.ClientCommands;
import io.paddock.cli.StandardStream;
import io.paddock.marathon.server.MarathonCommand;
import io.paddock.master.server.MasterCommand;
import io.paddock.platform.flags.Flags;
import io.paddock.platform.zookeeper.ZooKeeperCommand;
import java.io.PrintStream;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;

/** {@code ./paddock <verb>}: finds the verb's command and runs it. Only the chosen command's classes are loaded. */
public final class Main {
    /** What users of Docker and kubectl find elsewhere. */
    private static final Map<String, String> INSTEAD = Map.of(
            "top", " Use 'exec TASK ps', or 'stats'.",
            "cp", " Use 'exec TASK cat FILE' or 'exec -i TASK tee FILE'.",
            "port", " Ports stand in 'ps' and 'inspect TASK'.",
            "info", " Use 'agents', 'frameworks' and 'roles'.",
            "get", " Use 'ps', 'apps', 'jobs' or 'agents'.",
            "describe", " Use 'inspect TASK', 'apps show APP' or 'agents show AGENT'.",
            "restart", " Use 'apps restart APP'; a run is over when it is stopped.",
            "build", " Images are built by other tools; 'run --image' and 'pull' take them from registries.",
            "drain", " Use 'agents drain AGENT'.",
            "cordon", " Use 'agents cordon AGENT'.");

    private Main() {}

    public static void main(String[] args) {
        StandardStream.install();
        System.exit(run(args));
    }

    static int run(String... args) {
        Map<String, Supplier<Callable<Integer>>> commands = commands();
        if (args.length == 0 || args[0].equals("--help") || args[0].equals("-h") || args[0].equals("help")) {
            printVerbs(commands, System.out);
            return args.length == 0 ? CommandLine.ExitCode.USAGE : CommandLine.ExitCode.OK;
        }
        Supplier<Callable<Integer>> command = commands.get(args[0]);
        if (command == null) {
            System.err.println("Unknown command '" + args[0] + "'." + INSTEAD.getOrDefault(args[0], "")
                    + " './paddock --help' lists all.");
            return CommandLine.ExitCode.USAGE;
        }
        CommandLine line = Flags.commandLine(command.get(), System.getenv());
        CommandLine root = new CommandLine(CommandSpec.create().name("paddock")).addSubcommand(args[0], line);
        // picocli asks the root how to run its subcommands: the verb's own way, which knows its flags.
        root.setExecutionStrategy(line.getExecutionStrategy());
        root.setParameterExceptionHandler(line.getParameterExceptionHandler());
        root.setExecutionExceptionHandler(line.getExecutionExceptionHandler());
        return root.execute(args);
    }

    private static Map<String, Supplier<Callable<Integer>>> commands() {
        Map<String, Supplier<Callable<Integer>>> commands = new LinkedHashMap<>();
        commands.put("local", LocalCommand::new);
        commands.put("master", MasterCommand::new);
        commands.put("agent", AgentCommand::new);
        commands.put("marathon", MarathonCommand::new);
        commands.put("batch", BatchCommand::new);
        commands.put("zookeeper", ZooKeeperCommand::new);
        commands.putAll(ClientCommands.all());
        return commands;
    }

    private static void printVerbs(Map<String, Supplier<Callable<Integer>>> commands, PrintStream out) {
        out.println("Usage: ./paddock <command> [flags]; './paddock <command> --help' documents every flag.");
        out.println();
        out.printf("  %-13s %s%n", "check", "Checks format, analyses and tests (needs the sources).");
        commands.forEach((verb, command) -> {
            String[] description =
                    CommandSpec.forAnnotatedObject(command.get()).usageMessage().description();
            out.printf("  %-13s %s%n", verb, description.length == 0 ? "" : description[0]);
        });
    }
}
