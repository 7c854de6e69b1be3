package io.paddock.agent.server.containers.images;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;

/**
 * What an image says about running it (OCI image configuration).
 *
 * @param entrypoint what arguments are appended to
 * @param cmd arguments when none are given
 * @param env {@code NAME=value} each
 * @param user {@code user[:group]}; empty: root
 * @param workingDirectory empty: the root directory
 */
public record ImageConfig(
        List<String> entrypoint, List<String> cmd, List<String> env, String user, String workingDirectory) {
    public ImageConfig {
        entrypoint = List.copyOf(entrypoint);
        cmd = List.copyOf(cmd);
        env = List.copyOf(env);
    }

    /** From the {@code config} object of an image configuration; absent members count as empty. */
    public static ImageConfig of(JsonNode config) {
        return new ImageConfig(
                texts(config.path("Entrypoint")),
                texts(config.path("Cmd")),
                texts(config.path("Env")),
                config.path("User").asText(""),
                config.path("WorkingDir").asText(""));
    }

    private static List<String> texts(JsonNode array) {
        List<String> texts = new ArrayList<>();
        array.forEach(text -> texts.add(text.asText()));
        return texts;
    }
}
