package io.paddock.platform.tls;

import java.nio.file.Path;
import java.util.Optional;

/**
 * The PEM files of a server.
 *
 * @param key private key, PKCS#8, not encrypted
 * @param certificate certificate chain, the server's own first
 * @param clientCa certificates one of which must have signed the client's; absent asks clients for none
 * @param choice protocols and ciphers
 */
public record TlsFiles(Path key, Path certificate, Optional<Path> clientCa, TlsChoice choice) {
    /** With the protocols and ciphers that the JVM would choose. */
    public TlsFiles(Path key, Path certificate, Optional<Path> clientCa) {
        this(key, certificate, clientCa, TlsChoice.JVM);
    }
}
