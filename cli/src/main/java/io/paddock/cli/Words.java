package io.paddock.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.paddock.proto.v1.Resource;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** Numbers and states in the words a table has room for. */
final class Words {
    private Words() {}

    /** A time since, in its largest unit: {@code 12s}, {@code 3m}, {@code 5h}, {@code 2d}. */
    static String age(Duration age) {
        long seconds = Math.max(0, age.toSeconds());
        if (seconds < 120) {
            return seconds + "s";
        }
        if (seconds < 2 * 3600) {
            return seconds / 60 + "m";
        }
        if (seconds < 48 * 3600) {
            return seconds / 3600 + "h";
        }
        return seconds / 86400 + "d";
    }

    /** The age of a time in seconds since the epoch; {@code -} when it is not known. */
    static String age(double epochSeconds, Instant now) {
        return epochSeconds <= 0 ? "-" : age(Duration.between(Instant.ofEpochMilli((long) (epochSeconds * 1000)), now));
    }

    /** At most three decimals, none that say nothing. */
    static String number(double value) {
        String text = String.format(Locale.ROOT, "%.3f", value);
        return text.replaceAll("\\.?0+$", "").isEmpty() ? "0" : text.replaceAll("\\.?0+$", "");
    }

    /** An amount in MB, in GB where that reads better. */
    static String megabytes(double megabytes) {
        return megabytes >= 10_240 ? number(Math.round(megabytes / 102.4) / 10.0) + "G" : number(megabytes) + "M";
    }

    /** {@code TASK_RUNNING} as {@code RUNNING}, with its tone. */
    static Table.Cell state(String state) {
        String text = state.startsWith("TASK_") ? state.substring(5) : state;
        Table.Tone tone =
                switch (text) {
                    case "RUNNING", "FINISHED" -> Table.Tone.GOOD;
                    case "STAGING", "STARTING", "KILLING", "KILLED" -> Table.Tone.BUSY;
                    default -> Table.Tone.BAD;
                };
        return new Table.Cell(text, tone);
    }

    /** A flat resources object, {@code cpus 2, mem 512M, ports [31000-31005]}; what is 0 is left out. */
    static String resources(JsonNode resources) {
        List<String> parts = new ArrayList<>();
        resources.properties().forEach(e -> {
            JsonNode v = e.getValue();
            if (v.isNumber() && v.asDouble() != 0) {
                boolean size = e.getKey().equals("mem") || e.getKey().equals("disk");
                parts.add(e.getKey() + " " + (size ? megabytes(v.asDouble()) : number(v.asDouble())));
            } else if (v.isTextual() && !v.asText().isEmpty()) {
                parts.add(e.getKey() + " " + v.asText());
            }
        });
        return String.join(", ", parts);
    }

    /** One resource message, {@code mem 512M}, {@code ports [31000-31005]}. */
    static String resource(Resource resource) {
        boolean size = resource.getName().equals("mem") || resource.getName().equals("disk");
        String amount =
                switch (resource.getType()) {
                    case SCALAR ->
                        size
                                ? megabytes(resource.getScalar().getValue())
                                : number(resource.getScalar().getValue());
                    case RANGES ->
                        resource.getRanges().getRangeList().stream()
                                .map(range -> range.getBegin() + "-" + range.getEnd())
                                .collect(Collectors.joining(",", "[", "]"));
                    default -> String.join(",", resource.getSet().getItemList());
                };
        return resource.getName() + " " + amount;
    }

    /** {@code used/total}. */
    static String share(JsonNode used, JsonNode total, String name) {
        double u = used.path(name).asDouble();
        double t = total.path(name).asDouble();
        return name.equals("cpus") || name.equals("gpus")
                ? number(u) + "/" + number(t)
                : megabytes(u) + "/" + megabytes(t);
    }
}
