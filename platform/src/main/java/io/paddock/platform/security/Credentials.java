package io.paddock.platform.security;

import com.fasterxml.jackson.databind.JsonNode;
import io.paddock.platform.json.Json;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.LinkedHashMap;
import java.util.Map;

/** Principals and their secrets, in the file forms of Mesos. Secrets are never printed. */
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
     * Reads {@code {"credentials":[{"principal":"p","secret":"s"}]}}, or the older form of a line {@code principal secret}
     * each.
     *
     * @throws IllegalArgumentException when it has another form; never shows what is there
     */
    public static Credentials parse(byte[] file) {
        String text = new String(file, StandardCharsets.UTF_8);
        Map<String, String> secrets = text.stripLeading().startsWith("{") ? ofJson(file) : ofLines(text);
        if (secrets.isEmpty()) {
            throw malformed();
        }
        return new Credentials(secrets);
    }

    private static Map<String, String> ofJson(byte[] file) {
        Map<String, String> secrets = new LinkedHashMap<>();
        try {
            for (JsonNode entry : Json.mapper().readTree(file).path("credentials")) {
                if (!entry.path("principal").isTextual()
                        || !entry.path("secret").isTextual()) {
                    throw malformed();
                }
                secrets.put(
                        entry.path("principal").textValue(),
                        entry.path("secret").textValue());
            }
        } catch (IOException e) {
            // the cause would show a part of the file
            throw malformed();
        }
        return secrets;
    }

    private static Map<String, String> ofLines(String text) {
        Map<String, String> secrets = new LinkedHashMap<>();
        for (String line : text.lines().filter(each -> !each.isBlank()).toList()) {
            String[] words = line.strip().split("\\s+");
            if (words.length != 2) {
                throw malformed();
            }
            secrets.put(words[0], words[1]);
        }
        return secrets;
    }

    /** Whether the principal is known and this is its secret; takes as long for a wrong one as for the right one. */
    public boolean prove(String principal, String secret) {
        String expected = secrets.get(principal);
        return expected != null
                && MessageDigest.isEqual(
                        expected.getBytes(StandardCharsets.UTF_8), secret.getBytes(StandardCharsets.UTF_8));
    }

    private static IllegalArgumentException malformed() {
        return new IllegalArgumentException(
                "must be JSON of the form {\"credentials\":[{\"principal\":\"…\",\"secret\":\"…\"}]}");
    }
}
