package io.paddock.platform.http;

import io.paddock.platform.security.Access;
import io.paddock.platform.tls.TlsFiles;
import java.util.Optional;

/**
 * Where a server listens and what it demands of who connects.
 *
 * @param host address to bind
 * @param port port to bind; 0 takes a free one
 * @param tls certificate and key, which count anew when they change; absent speaks plain HTTP
 * @param access who is let in
 */
public record HttpOptions(String host, int port, Optional<TlsFiles> tls, Access access) {
    /** Without TLS and without credentials. */
    public static HttpOptions plain(String host, int port) {
        return new HttpOptions(host, port, Optional.empty(), Access.open());
    }
}
