package io.paddock.platform.flags;

import io.paddock.platform.http.Credentials;
import io.paddock.platform.http.HttpOptions;
import io.paddock.platform.http.TlsFiles;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Where a server listens, as flags; use it as a {@code @Mixin} made with the server's default port. */
public final class ListenFlags {
    @Option(
            names = {"--host", "--ip"},
            paramLabel = "ADDRESS",
            description = "Address to listen on.")
    public String host = "127.0.0.1";

    @Option(names = "--port", paramLabel = "PORT", description = "Port to listen on; 0 takes a free one.")
    public int port;

    @Option(
            names = "--tls-key",
            paramLabel = "FILE",
            description = "Private key (PEM, PKCS#8). With --tls-certificate the port speaks HTTPS only.")
    public @Nullable Path tlsKey;

    @Option(
            names = "--tls-certificate",
            paramLabel = "FILE",
            description = "Certificate chain (PEM), the server's own first.")
    public @Nullable Path tlsCertificate;

    @Option(
            names = "--tls-client-ca",
            paramLabel = "FILE",
            description = "Clients must present a certificate signed by one of these (PEM).")
    public @Nullable Path tlsClientCa;

    @Option(
            names = {"--http-credentials", "--http_credentials", "--credentials"},
            paramLabel = "FILE",
            description = "Every request must carry HTTP basic credentials from this file:"
                    + " {\"credentials\":[{\"principal\":\"p\",\"secret\":\"s\"}]}.")
    public @Nullable Path credentials;

    /** @param defaultPort the port where none is given */
    public ListenFlags(int defaultPort) {
        this.port = defaultPort;
    }

    /**
     * What the server binds.
     *
     * @throws IllegalArgumentException naming the flag that does not fit
     */
    public HttpOptions httpOptions() {
        if ((tlsKey == null) != (tlsCertificate == null)) {
            throw new IllegalArgumentException("--tls-key and --tls-certificate must be given together");
        }
        if (tlsClientCa != null && tlsKey == null) {
            throw new IllegalArgumentException("--tls-client-ca needs --tls-key and --tls-certificate");
        }
        Optional<TlsFiles> tls = tlsKey == null || tlsCertificate == null
                ? Optional.empty()
                : Optional.of(new TlsFiles(tlsKey, tlsCertificate, Optional.ofNullable(tlsClientCa)));
        return new HttpOptions(host, port, tls, Optional.ofNullable(credentials).map(Credentials::load));
    }
}
