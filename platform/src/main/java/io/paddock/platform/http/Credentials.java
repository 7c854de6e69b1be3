package io.paddock.platform.http;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import io.paddock.platform.json.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** Principals and their secrets, in the file form of Mesos. Secrets are never printed. */
public final class Credentials {
    private final Map<String, String> secrets;

    private Credentials(Map<String, String> secrets) {
        this.secrets = secrets;
    }

    /** From principal to secret. */
    public static Credentials of(Map<String, String> secretByPrincipal) {
        return new Credentials(Map.copyOf(secretByPrincipal));
    }

    /**
     * Reads {@code {"credentials":[{"principal":"p","secret":"s"}]}}.
     *
     * @throws IllegalArgumentException when the file cannot be read or has another form; never shows its contents
     */
    public static Credentials load(Path file) {
        try {
            JsonNode list = Json.mapper().readTree(Files.readAllBytes(file)).path("credentials");
            Map<String, String> secrets = new LinkedHashMap<>();
            for (JsonNode entry : list) {
                if (!entry.path("principal").isTextual()
                        || !entry.path("secret").isTextual()) {
                    throw malformed(file);
                }
                secrets.put(
                        entry.path("principal").textValue(),
                        entry.path("secret").textValue());
            }
            if (secrets.isEmpty()) {
                throw malformed(file);
            }
            return new Credentials(secrets);
        } catch (JsonProcessingException e) {
            throw malformed(file);
        } catch (IOException e) {
            throw new IllegalArgumentException("Credentials file " + file + " cannot be read: " + e, e);
        }
    }

    /** What a principal must present. */
    Optional<String> secretOf(String principal) {
        return Optional.ofNullable(secrets.get(principal));
    }

    private static IllegalArgumentException malformed(Path file) {
        return new IllegalArgumentException("Credentials file " + file
                + " must be JSON of the form {\"credentials\":[{\"principal\":\"…\",\"secret\":\"…\"}]}");
    }
}
