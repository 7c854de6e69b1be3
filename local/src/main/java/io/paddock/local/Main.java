package io.paddock.local;

import io.paddock.agent.server.AgentCommand;
import io.paddock.batch.server.BatchCommand;
import io.paddock.cli.ClientCommands;
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
    private Main() {}

    public static void main(String[] args) {
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
            System.err.println("Unknown command '" + args[0] + "'.");
            printVerbs(commands, System.err);
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
        out.printf("  %-12s %s%n", "check", "Checks format, analyses and tests (needs the sources).");
        commands.forEach((verb, command) -> {
            String[] description =
                    CommandSpec.forAnnotatedObject(command.get()).usageMessage().description();
            out.printf("  %-12s %s%n", verb, description.length == 0 ? "" : description[0]);
        });
    }
}
