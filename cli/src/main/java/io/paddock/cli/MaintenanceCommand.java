package io.paddock.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code paddock maintenance}: which machines are to be left, and when. */
@Command(
        name = "maintenance",
        description = {
            "Lists machines that are or will be in maintenance, and what frameworks say to it; with a subcommand plans, begins and"
                    + " ends it.",
            "A machine is what 'paddock agents' shows as HOST, or HOST/ADDRESS where the schedule has both."
        })
final class MaintenanceCommand implements Callable<Integer> {
    private static final String SCHEDULE = "/maintenance/schedule";

    @Mixin
    ClusterFlags cluster = new ClusterFlags();

    @Mixin
    Output output = new Output();

    @Override
    public Integer call() {
        return status();
    }

    @Command(
            name = "status",
            mixinStandardHelpOptions = true,
            description = "Lists machines that are or will be in maintenance, and what frameworks say to it.")
    int status() {
        JsonHttp master = cluster.master();
        JsonNode status = master.get("/maintenance/status");
        if (output.json) {
            output.json(status);
        } else {
            output.table(MaintenanceTable.of(
                    master.get(SCHEDULE), status, master.get("/frameworks").path("frameworks"), Instant.now()));
        }
        return 0;
    }

    @Command(name = "show", mixinStandardHelpOptions = true, description = "Prints the schedule as JSON.")
    int show() {
        output.json(cluster.master().get(SCHEDULE));
        return 0;
    }

    @Command(
            name = "set",
            mixinStandardHelpOptions = true,
            description =
                    "Replaces the whole schedule by that in FILE (JSON as 'show' prints it, - for standard input).")
    int set(@Parameters(paramLabel = "FILE") String file) {
        cluster.master().send("POST", SCHEDULE, Input.read(file));
        return output.done("set", "schedule");
    }

    @Command(
            name = "add",
            mixinStandardHelpOptions = true,
            description = "Plans maintenance of machines. Their frameworks are asked to leave; nothing is stopped yet.")
    int add(
            @Parameters(arity = "1..*", paramLabel = "MACHINE") List<String> machines,
            @Option(
                            names = "--start",
                            paramLabel = "TIME",
                            description = "When: 2026-03-01T08:00:00Z, or in so long: 30m, 2h. Now if not given.")
                    @Nullable
                    String start,
            @Option(
                            names = "--for",
                            paramLabel = "DURATION",
                            converter = TimeSpan.class,
                            description = "How long it is meant to last: 30m, 2h. Open if not given.")
                    @Nullable
                    Duration length) {
        JsonHttp master = cluster.master();
        ObjectNode schedule = master.get(SCHEDULE).deepCopy();
        ObjectNode window = schedule.withArrayProperty("windows").addObject();
        ArrayNode ids = window.putArray("machine_ids");
        machines.forEach(machine -> ids.add(Machine.named(machine)));
        ObjectNode unavailability = window.putObject("unavailability");
        unavailability.putObject("start").put("nanoseconds", nanoseconds(start(start, Instant.now())));
        if (length != null) {
            unavailability.putObject("duration").put("nanoseconds", length.toNanos());
        }
        master.send("POST", SCHEDULE, schedule.toString());
        machines.forEach(machine -> output.done("scheduled", machine));
        return 0;
    }

    @Command(
            name = "rm",
            mixinStandardHelpOptions = true,
            description = "Takes machines out of the schedule: their maintenance will not be.")
    int remove(@Parameters(arity = "1..*", paramLabel = "MACHINE") List<String> machines) {
        JsonHttp master = cluster.master();
        JsonNode before = master.get(SCHEDULE);
        Set<JsonNode> gone = new LinkedHashSet<>(scheduled(before, machines));
        ObjectNode schedule = JsonNodeFactory.instance.objectNode();
        ArrayNode windows = schedule.putArray("windows");
        for (JsonNode window : before.path("windows")) {
            ObjectNode kept = window.deepCopy();
            ArrayNode ids = kept.putArray("machine_ids");
            window.path("machine_ids").forEach(id -> {
                if (!gone.contains(id)) {
                    ids.add(id);
                }
            });
            if (!ids.isEmpty()) {
                windows.add(kept);
            }
        }
        master.send("POST", SCHEDULE, schedule.toString());
        machines.forEach(machine -> output.done("removed", machine));
        return 0;
    }

    @Command(
            name = "down",
            mixinStandardHelpOptions = true,
            description = "Begins the maintenance of scheduled machines: their agents are shut down with all tasks.")
    int down(@Parameters(arity = "1..*", paramLabel = "MACHINE") List<String> machines) {
        return turn("down", machines);
    }

    @Command(
            name = "up",
            mixinStandardHelpOptions = true,
            description = "Ends the maintenance of machines: they leave the schedule, and their agents may come back.")
    int up(@Parameters(arity = "1..*", paramLabel = "MACHINE") List<String> machines) {
        return turn("up", machines);
    }

    private int turn(String mode, List<String> machines) {
        JsonHttp master = cluster.master();
        ArrayNode ids = JsonNodeFactory.instance.arrayNode();
        ids.addAll(scheduled(master.get(SCHEDULE), machines));
        master.send("POST", "/machine/" + mode, ids.toString());
        machines.forEach(machine -> output.done(mode, machine));
        return 0;
    }

    /** The machines as the schedule has them. */
    private static List<JsonNode> scheduled(JsonNode schedule, List<String> names) {
        List<JsonNode> found = new ArrayList<>();
        for (String name : names) {
            List<JsonNode> matches = new ArrayList<>();
            for (JsonNode window : schedule.path("windows")) {
                for (JsonNode id : window.path("machine_ids")) {
                    if (Machine.is(id, name)) {
                        matches.add(id);
                    }
                }
            }
            if (matches.size() != 1) {
                throw new CommandFailed(
                        matches.isEmpty()
                                ? "machine " + name + " is not in the schedule; 'paddock maintenance add' plans its"
                                        + " maintenance, 'paddock maintenance' lists those that are"
                                : "'" + name + "' may be any of " + matches + "; say HOST/ADDRESS");
            }
            found.addAll(matches);
        }
        return found;
    }

    static Instant start(@Nullable String text, Instant now) {
        if (text == null) {
            return now;
        }
        try {
            return OffsetDateTime.parse(text).toInstant();
        } catch (DateTimeParseException notATime) {
            try {
                return now.plus(new TimeSpan().convert(text));
            } catch (RuntimeException notADuration) {
                throw new IllegalArgumentException(
                        "--start: '" + text
                                + "' is neither a time such as 2026-03-01T08:00:00Z nor a duration such as 2h",
                        notADuration);
            }
        }
    }

    private static long nanoseconds(Instant time) {
        return Math.addExact(Math.multiplyExact(time.getEpochSecond(), 1_000_000_000L), time.getNano());
    }
}
