package io.paddock.agent.server;

import com.fasterxml.jackson.databind.JsonNode;
import io.paddock.platform.json.Json;
import java.io.IOException;
import java.util.Optional;

/** The credential an agent shows to its master. */
final class MasterCredential {
    private MasterCredential() {}

    /**
     * Reads {@code {"principal":"p","secret":"s"}} into {@code p:s}.
     *
     * @throws IllegalArgumentException when it has another form; never shows what is there
     */
    static Optional<String> parse(byte[] file) {
        try {
            JsonNode json = Json.mapper().readTree(file);
            if (json.path("principal").isTextual() && json.path("secret").isTextual()) {
                return Optional.of(json.path("principal").textValue() + ":"
                        + json.path("secret").textValue());
            }
        } catch (IOException e) {
            // said below: the cause would show a part of the file
        }
        throw new IllegalArgumentException("must be JSON of the form {\"principal\":\"…\",\"secret\":\"…\"}");
    }
}
