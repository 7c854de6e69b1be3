package io.paddock.marathon.core.health;

/**
 * What is asked.
 *
 * @param path of an HTTP request; ignored for TCP
 */
public record CheckTarget(Scheme scheme, String host, int port, String path) {
    /** How it is asked. HTTPS accepts any certificate. */
    public enum Scheme {
        HTTP,
        HTTPS,
        TCP
    }
}
