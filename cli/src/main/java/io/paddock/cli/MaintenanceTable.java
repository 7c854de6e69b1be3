package io.paddock.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** The schedule and its progress as rows: one for each machine. */
final class MaintenanceTable {
    private MaintenanceTable() {}

    static Table of(JsonNode schedule, JsonNode status, JsonNode frameworks, Instant now) {
        Map<String, String> names = new HashMap<>();
        frameworks.forEach(framework ->
                names.put(framework.path("id").asText(), framework.path("name").asText()));
        Set<String> down = new HashSet<>();
        status.path("down_machines").forEach(id -> down.add(Machine.name(id)));
        Map<String, Set<String>> answers = new HashMap<>();
        for (JsonNode machine : status.path("draining_machines")) {
            Set<String> said = answers.computeIfAbsent(Machine.name(machine.path("id")), id -> new LinkedHashSet<>());
            for (JsonNode answer : machine.path("statuses")) {
                String id = answer.path("framework_id").path("value").asText();
                said.add(names.getOrDefault(id, id) + " "
                        + word(answer.path("status").asText()));
            }
        }
        Table table = Table.of("MACHINE", "=MODE", "=FROM", "=FOR", "FRAMEWORKS");
        for (JsonNode window : schedule.path("windows")) {
            JsonNode unavailability = window.path("unavailability");
            for (JsonNode id : window.path("machine_ids")) {
                String name = Machine.name(id);
                table.row(
                        name,
                        down.contains(name)
                                ? new Table.Cell("DOWN", Table.Tone.BAD)
                                : new Table.Cell("DRAINING", Table.Tone.BUSY),
                        from(unavailability.path("start").path("nanoseconds").asLong(), now),
                        unavailability.has("duration")
                                ? Words.age(Duration.ofNanos(unavailability
                                        .path("duration")
                                        .path("nanoseconds")
                                        .asLong()))
                                : "-",
                        String.join(", ", answers.getOrDefault(name, Set.of())));
            }
        }
        return table;
    }

    private static String from(long nanoseconds, Instant now) {
        Duration ahead = Duration.between(now, Instant.ofEpochSecond(0, nanoseconds));
        return ahead.isNegative() ? Words.age(ahead.negated()) + " ago" : "in " + Words.age(ahead);
    }

    private static String word(String status) {
        return status.equals("UNKNOWN") ? "has not answered" : status.toLowerCase(Locale.ROOT) + "s";
    }
}
