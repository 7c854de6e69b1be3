package io.paddock.platform.tls;

import io.paddock.platform.security.WatchedFiles;
import io.paddock.platform.security.WatchedFiles.Source;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedKeyManager;
import javax.net.ssl.X509ExtendedTrustManager;

/**
 * TLS by files that may be changed: each new connection is made with what they say then. A file that does not fit, or a key
 * without its certificate, changes nothing; see {@link WatchedFiles}.
 */
public final class WatchedTls {
    private record Built(
            TlsMaterial material,
            X509ExtendedKeyManager keyManager,
            X509ExtendedTrustManager trustManager,
            SSLContext context) {}

    private final Supplier<TlsMaterial> newest;
    private final TlsChoice choice;
    private final boolean demandsCertificates;
    private final SSLContext context;
    private volatile Built built;

    private WatchedTls(Supplier<TlsMaterial> newest, TlsChoice choice, boolean demandsCertificates) {
        this.newest = newest;
        this.choice = choice;
        this.demandsCertificates = demandsCertificates;
        this.built = build(newest.get());
        this.context = new ChangingContext(() -> current().context(), choice);
    }

    /**
     * For a server, which demands a certificate where authorities for clients are named.
     *
     * @throws IllegalArgumentException when a file cannot be used, naming it
     */
    public static WatchedTls server(WatchedFiles files, TlsFiles tls) {
        return of(
                files,
                Optional.of(tls),
                tls.clientCa().map(ca -> new Source("tls-client-ca", ca)),
                tls.choice(),
                tls.clientCa().isPresent());
    }

    /**
     * For who connects.
     *
     * @param own what to show where a server asks for it
     * @param authorities whose certificates a server must have; absent trusts whom the JVM trusts
     * @throws IllegalArgumentException when a file cannot be used, naming it
     */
    public static WatchedTls client(
            WatchedFiles files, Optional<TlsFiles> own, Optional<Source> authorities, TlsChoice choice) {
        return of(files, own, authorities, choice, false);
    }

    /** As above with files as they are now. */
    public static WatchedTls client(Optional<TlsFiles> own, Optional<Path> authorities) {
        return client(new WatchedFiles(), own, authorities.map(ca -> new Source("tls-ca", ca)), TlsChoice.JVM);
    }

    private static WatchedTls of(
            WatchedFiles files,
            Optional<TlsFiles> own,
            Optional<Source> authorities,
            TlsChoice choice,
            boolean demandsCertificates) {
        Optional<Supplier<Identity>> identity = own.map(tls -> files.watchTogether(
                List.of(new Source("tls-key", tls.key()), new Source("tls-certificate", tls.certificate())),
                Identity.class,
                contents -> Identity.of(contents.get(0), contents.get(1))));
        Optional<Supplier<Authorities>> trusted = authorities.map(source ->
                files.watchTogether(List.of(source), Authorities.class, contents -> Authorities.of(contents.get(0))));
        return new WatchedTls(
                () -> new TlsMaterial(identity.map(Supplier::get), trusted.map(Supplier::get)),
                choice,
                demandsCertificates);
    }

    /** What the next connection is made with; the same object for as long as nothing changes. */
    public TlsMaterial material() {
        return current().material();
    }

    /** Of the newest {@link #material}. */
    public X509ExtendedKeyManager keyManager() {
        return current().keyManager();
    }

    /** Of the newest {@link #material}. */
    public X509ExtendedTrustManager trustManager() {
        return current().trustManager();
    }

    public TlsChoice choice() {
        return choice;
    }

    /** Whether whoever connects must show a certificate. */
    public boolean demandsCertificates() {
        return demandsCertificates;
    }

    /** Makes each connection with what the files say then. */
    public SSLContext context() {
        return context;
    }

    /** For a connection that was accepted. */
    public SSLEngine serverEngine() {
        SSLEngine engine = context.createSSLEngine();
        engine.setUseClientMode(false);
        engine.setNeedClientAuth(demandsCertificates);
        return engine;
    }

    private Built current() {
        Built last = built;
        TlsMaterial now = newest.get();
        // Records of the same objects are equal: what was read again is another object.
        if (!now.equals(last.material())) {
            last = build(now);
            built = last;
        }
        return last;
    }

    private static Built build(TlsMaterial material) {
        X509ExtendedKeyManager keys = material.keyManager();
        X509ExtendedTrustManager trust = material.trustManager();
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(new KeyManager[] {keys}, new TrustManager[] {trust}, null);
            return new Built(material, keys, trust, context);
        } catch (GeneralSecurityException e) {
            throw new IllegalArgumentException("TLS cannot be set up: " + e.getMessage(), e);
        }
    }
}
