package io.paddock.platform.http;

import java.util.Optional;

/**
 * Where a server listens and what it demands of who connects.
 *
 * @param host address to bind
 * @param port port to bind; 0 takes a free one
 * @param tls certificate and key; absent speaks plain HTTP
 * @param credentials who may connect (HTTP basic); absent lets everybody in
 */
public record HttpOptions(String host, int port, Optional<TlsFiles> tls, Optional<Credentials> credentials) {
    /** Without TLS and without credentials. */
    public static HttpOptions plain(String host, int port) {
        return new HttpOptions(host, port, Optional.empty(), Optional.empty());
    }
}
