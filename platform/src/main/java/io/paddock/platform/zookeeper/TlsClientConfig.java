package io.paddock.platform.zookeeper;

import io.paddock.platform.tls.TlsMaterial;
import io.paddock.platform.tls.WatchedTls;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import org.apache.zookeeper.ClientCnxnSocketNetty;
import org.apache.zookeeper.client.ZKClientConfig;
import org.apache.zookeeper.common.ClientX509Util;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes one client speak TLS. ZooKeeper's client reads its key and authorities from a store on disk whenever it connects, so
 * they are put there just before: under a password that only this object knows, and removed when it is closed.
 */
final class TlsClientConfig extends ZKClientConfig implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(TlsClientConfig.class);
    private static final int PASSWORD_BITS = 256;
    private static final String PKCS12 = "PKCS12";

    private final WatchedTls tls;
    private final Path store;
    private final String password;
    private final String keyStoreLocation;
    private @Nullable TlsMaterial stored; // guarded by this

    private TlsClientConfig(WatchedTls tls, Path store) {
        this.tls = tls;
        this.store = store;
        this.password = new BigInteger(PASSWORD_BITS, new SecureRandom()).toString(Character.MAX_RADIX);
        try (ClientX509Util names = new ClientX509Util()) {
            this.keyStoreLocation = names.getSslKeystoreLocationProperty();
            setProperty(SECURE_CLIENT, "true");
            setProperty(ZOOKEEPER_CLIENT_CNXN_SOCKET, ClientCnxnSocketNetty.class.getName());
            // The other provider takes neither all of the JVM's key managers nor its choice of ciphers.
            setProperty(names.getSslProviderProperty(), "JDK");
            setProperty(keyStoreLocation, store.toString());
            setProperty(names.getSslKeystorePasswdProperty(), password);
            setProperty(names.getSslKeystoreTypeProperty(), PKCS12);
            setProperty(names.getSslTruststoreLocationProperty(), store.toString());
            setProperty(names.getSslTruststorePasswdProperty(), password);
            setProperty(names.getSslTruststoreTypeProperty(), PKCS12);
            setProperty(
                    names.getSslEnabledProtocolsProperty(),
                    String.join(",", tls.choice().parameters().getProtocols()));
            setProperty(
                    names.getSslCipherSuitesProperty(),
                    String.join(",", tls.choice().parameters().getCipherSuites()));
        }
    }

    /** @throws UncheckedIOException when no temporary file can be written */
    static TlsClientConfig create(WatchedTls tls) {
        try {
            Path store = Files.createTempFile("paddock-zookeeper-", ".p12");
            store.toFile().deleteOnExit();
            TlsClientConfig config = new TlsClientConfig(tls, store);
            config.refresh();
            return config;
        } catch (IOException e) {
            throw new UncheckedIOException("TLS to ZooKeeper needs a temporary file: " + e.getMessage(), e);
        }
    }

    /** The store's location is the first that a connection asks for. */
    @Override
    public String getProperty(String key, String defaultValue) {
        if (key.equals(keyStoreLocation)) {
            try {
                refresh();
            } catch (IOException e) {
                LOG.error("ZooKeeper is connected to with the key and authorities of before: {}", e.toString());
            }
        }
        return super.getProperty(key, defaultValue);
    }

    private synchronized void refresh() throws IOException {
        TlsMaterial now = tls.material();
        if (now.equals(stored)) {
            return;
        }
        try (OutputStream out = Files.newOutputStream(store)) {
            now.store(password.toCharArray()).store(out, password.toCharArray());
        } catch (GeneralSecurityException e) {
            throw new IOException(e);
        }
        stored = now;
    }

    @Override
    public void close() {
        try {
            Files.deleteIfExists(store);
        } catch (IOException e) {
            LOG.warn("{} cannot be removed: {}", store, e.toString());
        }
    }
}
