package io.paddock.platform.tls;

import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.Optional;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedKeyManager;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;

/**
 * What a connection is made with.
 *
 * @param own what is shown to the other side; empty shows nothing
 * @param trusted who must have signed what the other side shows; empty trusts whom the JVM trusts
 */
public record TlsMaterial(Optional<Identity> own, Optional<Authorities> trusted) {
    private static final String STORE = "PKCS12";

    /** Of {@link #own}, or one that has nothing to show. */
    X509ExtendedKeyManager keyManager() {
        try {
            char[] password = new char[0];
            KeyManagerFactory factory = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
            factory.init(store(password, false), password);
            return (X509ExtendedKeyManager) factory.getKeyManagers()[0];
        } catch (GeneralSecurityException e) {
            throw new IllegalArgumentException("the key cannot be used: " + e.getMessage(), e);
        }
    }

    X509ExtendedTrustManager trustManager() {
        try {
            TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            @Nullable KeyStore theJvms = null;
            factory.init(trusted.isPresent() ? store(new char[0], true) : theJvms);
            for (TrustManager manager : factory.getTrustManagers()) {
                if (manager instanceof X509ExtendedTrustManager found) {
                    return found;
                }
            }
            throw new IllegalStateException("no trust manager for X.509");
        } catch (GeneralSecurityException e) {
            throw new IllegalArgumentException("the authorities cannot be used: " + e.getMessage(), e);
        }
    }

    /** All of it in a store, in memory, for those who read nothing else. */
    public KeyStore store(char[] password) {
        try {
            return store(password, true);
        } catch (GeneralSecurityException e) {
            throw new IllegalArgumentException("the key cannot be stored: " + e.getMessage(), e);
        }
    }

    private KeyStore store(char[] password, boolean withTrusted) throws GeneralSecurityException {
        KeyStore store = KeyStore.getInstance(STORE);
        try {
            store.load(null, null);
        } catch (IOException e) {
            throw new IllegalStateException("an empty store reads no file", e);
        }
        if (own.isPresent()) {
            store.setKeyEntry(
                    "own", own.get().key(), password, own.get().chain().toArray(new Certificate[0]));
        }
        if (withTrusted && trusted.isPresent()) {
            int i = 0;
            for (X509Certificate certificate : trusted.get().certificates()) {
                store.setCertificateEntry("ca" + i++, certificate);
            }
        }
        return store;
    }
}
