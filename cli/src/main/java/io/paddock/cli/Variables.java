package io.paddock.cli;

import io.paddock.proto.v1.Environment;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Environment variables as {@code docker run} and {@code docker exec} take them. */
final class Variables {
    private Variables() {}

    /**
     * @param given those without a value have the one they have here, or are left out
     * @param file one {@code NAME=VALUE} a line; lines that start with {@code #} are skipped
     */
    static Environment of(Map<String, @Nullable String> given, @Nullable Path file) {
        Map<String, @Nullable String> all = new LinkedHashMap<>();
        if (file != null) {
            for (String line : lines(file)) {
                if (!line.isBlank() && !line.startsWith("#")) {
                    String[] pair = line.split("=", 2);
                    all.put(pair[0], pair.length == 2 ? pair[1] : null);
                }
            }
        }
        all.putAll(given);
        Environment.Builder environment = Environment.newBuilder();
        all.forEach((name, value) -> {
            String here = value == null ? System.getenv(name) : value;
            if (here != null) {
                environment.addVariables(
                        Environment.Variable.newBuilder().setName(name).setValue(here));
            }
        });
        return environment.build();
    }

    private static Iterable<String> lines(Path file) {
        try {
            return Files.readAllLines(file);
        } catch (IOException e) {
            throw new IllegalArgumentException("--env-file " + file + " cannot be read: " + e.getMessage(), e);
        }
    }
}
