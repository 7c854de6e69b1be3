package io.paddock.agent.server.containers.images;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What an image says about running it (OCI image configuration).
 *
 * @param entrypoint what arguments are appended to
 * @param cmd arguments when none are given
 * @param env {@code NAME=value} each
 * @param user {@code user[:group]}; empty: root
 * @param workingDirectory empty: the root directory
 * @param labels what its maker says of it; absent in images stored before they were kept
 */
public record ImageConfig(
        List<String> entrypoint,
        List<String> cmd,
        List<String> env,
        String user,
        String workingDirectory,
        @Nullable Map<String, String> labels) {
    public ImageConfig {
        entrypoint = List.copyOf(entrypoint);
        cmd = List.copyOf(cmd);
        env = List.copyOf(env);
        labels = labels == null ? Map.of() : Collections.unmodifiableMap(new LinkedHashMap<>(labels));
    }

    /** From the {@code config} object of an image configuration; absent members count as empty. */
    public static ImageConfig of(JsonNode config) {
        return new ImageConfig(
                texts(config.path("Entrypoint")),
                texts(config.path("Cmd")),
                texts(config.path("Env")),
                config.path("User").asText(""),
                config.path("WorkingDir").asText(""),
                labels(config.path("Labels")));
    }

    /** Entered elsewhere: as with Docker, its own arguments then do not count. */
    public ImageConfig withEntrypoint(List<String> other) {
        return new ImageConfig(other, List.of(), env, user, workingDirectory, labels);
    }

    private static Map<String, String> labels(JsonNode object) {
        Map<String, String> labels = new LinkedHashMap<>();
        object.fields()
                .forEachRemaining(
                        label -> labels.put(label.getKey(), label.getValue().asText()));
        return labels;
    }

    private static List<String> texts(JsonNode array) {
        List<String> texts = new ArrayList<>();
        array.forEach(text -> texts.add(text.asText()));
        return texts;
    }
}
