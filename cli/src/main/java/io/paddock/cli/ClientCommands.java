package io.paddock.cli;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.Supplier;

/** The verbs of the command line client. Each is made only when it is chosen, so that none costs another's start. */
public final class ClientCommands {
    private ClientCommands() {}

    /** Verb to command, in the order a help page should have. */
    public static Map<String, Supplier<Callable<Integer>>> all() {
        Map<String, Supplier<Callable<Integer>>> commands = new LinkedHashMap<>();
        commands.put("run", RunCommand::new);
        commands.put("ps", PsCommand::new);
        commands.put("logs", LogsCommand::new);
        commands.put("exec", ExecCommand::new);
        commands.put("attach", AttachCommand::new);
        commands.put("inspect", InspectCommand::new);
        commands.put("stop", StopCommand::new);
        commands.put("kill", KillCommand::new);
        commands.put("rm", RmCommand::new);
        commands.put("stats", StatsCommand::new);
        commands.put("images", ImagesCommand::new);
        commands.put("pull", PullCommand::new);
        commands.put("network", NetworkCommand::new);
        commands.put("apps", AppsCommand::new);
        commands.put("jobs", JobsCommand::new);
        commands.put("agents", AgentsCommand::new);
        commands.put("roles", RolesCommand::new);
        commands.put("quota", QuotaCommand::new);
        commands.put("weights", WeightsCommand::new);
        commands.put("maintenance", MaintenanceCommand::new);
        commands.put("reservations", ReservationsCommand::new);
        commands.put("reserve", ReserveCommand::new);
        commands.put("unreserve", UnreserveCommand::new);
        commands.put("volumes", VolumesCommand::new);
        commands.put("frameworks", FrameworksCommand::new);
        commands.put("offers", OffersCommand::new);
        commands.put("why", WhyCommand::new);
        return commands;
    }
}
