package io.paddock.agent.server;

import com.fasterxml.jackson.databind.JsonNode;
import io.paddock.platform.json.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The credential an agent shows to its master. */
final class MasterCredential {
    private MasterCredential() {}

    /**
     * Reads {@code {"principal":"p","secret":"s"}} into {@code p:s}.
     *
     * @throws IllegalArgumentException naming the file, never its contents
     */
    static String read(Path file) {
        try {
            JsonNode json = Json.mapper().readTree(Files.readAllBytes(file));
            if (json.path("principal").isTextual() && json.path("secret").isTextual()) {
                return json.path("principal").textValue() + ":"
                        + json.path("secret").textValue();
            }
        } catch (IOException e) {
            throw new IllegalArgumentException("--credential: " + file + " cannot be read", e);
        }
        throw new IllegalArgumentException(
                "--credential: " + file + " must be JSON of the form {\"principal\":\"…\",\"secret\":\"…\"}");
    }
}
