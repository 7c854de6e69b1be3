package io.paddock.client;

import java.nio.charset.StandardCharsets;
import java.util.Base64;

/** Who a client says it is, and the proof: HTTP Basic authentication. Its text form hides the secret. */
public record Credential(String principal, String secret) {
    public Credential {
        if (principal.isEmpty() || principal.indexOf(':') >= 0) {
            throw new IllegalArgumentException(
                    "principal '" + principal + "' must not be empty or contain ':' (HTTP Basic cannot carry it)");
        }
    }

    /** The value of an {@code Authorization} header. */
    public String authorization() {
        return "Basic "
                + Base64.getEncoder().encodeToString((principal + ":" + secret).getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public String toString() {
        return "Credential[principal=" + principal + ", secret=…]";
    }
}
