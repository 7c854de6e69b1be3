package io.paddock.platform.http;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import org.apache.pekko.http.javadsl.ConnectionContext;
import org.apache.pekko.http.javadsl.HttpsConnectionContext;

/**
 * The PEM files of a server.
 *
 * @param key private key, PKCS#8, not encrypted
 * @param certificate certificate chain, the server's own first
 * @param clientCa certificates one of which must have signed the client's; absent asks clients for none
 */
public record TlsFiles(Path key, Path certificate, Optional<Path> clientCa) {
    private static final Pattern PKCS8 =
            Pattern.compile("-----BEGIN PRIVATE KEY-----([A-Za-z0-9+/=\\s]+)-----END PRIVATE KEY-----");

    /**
     * For a server that presents the certificate.
     *
     * @throws IllegalArgumentException when a file cannot be used, naming it
     */
    public HttpsConnectionContext server() {
        SSLContext context = context(Optional.of(this), clientCa);
        return ConnectionContext.httpsServer(() -> {
            SSLEngine engine = context.createSSLEngine();
            engine.setUseClientMode(false);
            engine.setNeedClientAuth(clientCa.isPresent());
            return engine;
        });
    }

    /**
     * For a client that trusts one certificate authority and, where the server asks for it, presents a certificate.
     *
     * @param ca certificates to trust; absent trusts those of the JDK
     * @param own what to present
     */
    public static SSLContext clientContext(Optional<Path> ca, Optional<TlsFiles> own) {
        return context(own, ca);
    }

    private static SSLContext context(Optional<TlsFiles> own, Optional<Path> trusted) {
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(
                    own.isPresent() ? keys(own.get()).getKeyManagers() : null,
                    trusted.isPresent() ? trust(trusted.get()) : null,
                    null);
            return context;
        } catch (GeneralSecurityException e) {
            throw new IllegalArgumentException("TLS cannot be set up: " + e.getMessage(), e);
        } catch (IOException e) {
            throw new IllegalArgumentException("A TLS file cannot be read: " + e, e);
        }
    }

    private static KeyManagerFactory keys(TlsFiles files) throws GeneralSecurityException, IOException {
        KeyStore store = emptyStore();
        Certificate[] chain = certificates(files.certificate).toArray(new Certificate[0]);
        store.setKeyEntry("server", privateKey(files.key), new char[0], chain);
        KeyManagerFactory factory = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        factory.init(store, new char[0]);
        return factory;
    }

    private static TrustManager[] trust(Path ca) throws GeneralSecurityException, IOException {
        KeyStore store = emptyStore();
        int i = 0;
        for (Certificate certificate : certificates(ca)) {
            store.setCertificateEntry("ca" + i++, certificate);
        }
        TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        factory.init(store);
        return factory.getTrustManagers();
    }

    private static KeyStore emptyStore() throws GeneralSecurityException, IOException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        return store;
    }

    private static Collection<? extends Certificate> certificates(Path file)
            throws GeneralSecurityException, IOException {
        Collection<? extends Certificate> found = CertificateFactory.getInstance("X.509")
                .generateCertificates(new ByteArrayInputStream(Files.readAllBytes(file)));
        if (found.isEmpty()) {
            throw new IllegalArgumentException("No certificate in " + file + "; expected PEM");
        }
        return found;
    }

    private static PrivateKey privateKey(Path file) throws GeneralSecurityException, IOException {
        Matcher pem = PKCS8.matcher(Files.readString(file, StandardCharsets.US_ASCII));
        if (!pem.find()) {
            throw new IllegalArgumentException("No PKCS#8 private key in " + file
                    + "; convert yours with: openssl pkcs8 -topk8 -nocrypt -in old.pem -out new.pem");
        }
        byte[] der = Base64.getMimeDecoder().decode(pem.group(1));
        for (String algorithm : List.of("RSA", "EC", "Ed25519")) {
            try {
                return KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(der));
            } catch (InvalidKeySpecException e) {
                // a key of another algorithm
            }
        }
        throw new IllegalArgumentException("The private key in " + file + " is neither RSA, EC nor Ed25519");
    }
}
