package io.paddock.platform.flags;

import io.paddock.platform.security.WatchedFiles;
import io.paddock.platform.tls.TlsChoice;
import io.paddock.platform.tls.TlsFiles;
import io.paddock.platform.tls.WatchedTls;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** What a server presents, demands and trusts, as flags; where they are silent, Mesos' environment counts. */
public final class TlsFlags {
    @Option(
            names = "--tls-key",
            paramLabel = "FILE",
            description = "Private key (PEM, PKCS#8). With --tls-certificate the port speaks TLS only. All files of"
                    + " --tls-… may change: new connections are made with what they say then.")
    public @Nullable Path key;

    @Option(
            names = "--tls-certificate",
            paramLabel = "FILE",
            description =
                    "Certificate chain (PEM), the server's own first. Also shown to other servers that ask for one.")
    public @Nullable Path certificate;

    @Option(
            names = "--tls-client-ca",
            paramLabel = "FILE|DIR",
            description = "Clients must present a certificate signed by one of these (PEM).")
    public @Nullable Path clientCa;

    @Option(
            names = "--tls-ca",
            paramLabel = "FILE|DIR",
            description = "Certificates (PEM) of which one must have signed those of the servers this one connects to;"
                    + " with it the master is spoken to by HTTPS only.")
    public @Nullable Path ca;

    @Option(
            names = "--tls-protocols",
            paramLabel = "NAME",
            split = ",",
            description = "Which protocols are spoken, such as TLSv1.3; none: TLSv1.3 and TLSv1.2.")
    public List<String> protocols = List.of();

    @Option(
            names = "--tls-ciphers",
            paramLabel = "NAME",
            split = ",",
            description = "Which ciphers are spoken, such as TLS_AES_256_GCM_SHA384; none: those the JVM prefers.")
    public List<String> ciphers = List.of();

    /**
     * What the server presents; empty speaks no TLS.
     *
     * @throws IllegalArgumentException naming the flag that does not fit
     */
    public Optional<TlsFiles> files() {
        return files(System.getenv());
    }

    Optional<TlsFiles> files(Map<String, String> environment) {
        LibprocessTls old = LibprocessTls.of(environment);
        Path ownKey = key != null ? key : old.key();
        Path ownCertificate = certificate != null ? certificate : old.certificate();
        Path clients = clientCa != null ? clientCa : old.clientCa();
        if ((ownKey == null) != (ownCertificate == null)) {
            throw new IllegalArgumentException("--tls-key and --tls-certificate must be given together");
        }
        if (clients != null && ownKey == null) {
            throw new IllegalArgumentException("--tls-client-ca needs --tls-key and --tls-certificate");
        }
        TlsChoice choice = choice(old);
        return ownKey == null || ownCertificate == null
                ? Optional.empty()
                : Optional.of(new TlsFiles(ownKey, ownCertificate, Optional.ofNullable(clients), choice));
    }

    /** Whose certificates are trusted in other servers, if not those the JVM trusts. */
    public Optional<Path> trusted() {
        return Optional.ofNullable(
                ca != null ? ca : LibprocessTls.of(System.getenv()).serverCa());
    }

    /** Which protocols and ciphers are spoken. */
    public TlsChoice choice() {
        return choice(LibprocessTls.of(System.getenv()));
    }

    private TlsChoice choice(LibprocessTls old) {
        try {
            return TlsChoice.of(
                    protocols.isEmpty() ? old.choice().protocols() : protocols,
                    ciphers.isEmpty() ? old.choice().ciphers() : ciphers);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("--tls-protocols, --tls-ciphers: " + e.getMessage(), e);
        }
    }

    /** How other servers are spoken to: trusting {@link #trusted}, showing the own certificate. */
    public WatchedTls client(WatchedFiles files) {
        return WatchedTls.client(
                files, files(), trusted().map(file -> new WatchedFiles.Source("tls-ca", file)), choice());
    }
}
