package io.paddock.platform.zookeeper;

import io.paddock.platform.security.Credentials;
import io.paddock.platform.tls.WatchedTls;
import java.nio.charset.StandardCharsets;
import java.security.NoSuchAlgorithmException;
import java.util.Objects;
import java.util.function.Supplier;
import javax.net.ssl.SSLContext;
import javax.net.ssl.X509KeyManager;
import javax.net.ssl.X509TrustManager;
import org.apache.zookeeper.KeeperException.Code;
import org.apache.zookeeper.common.ClientX509Util;
import org.apache.zookeeper.common.QuorumX509Util;
import org.apache.zookeeper.common.X509Util;
import org.apache.zookeeper.data.Id;
import org.apache.zookeeper.server.AuthenticationHelper;
import org.apache.zookeeper.server.NettyServerCnxnFactory;
import org.apache.zookeeper.server.ServerCnxn;
import org.apache.zookeeper.server.ServerCnxnFactory;
import org.apache.zookeeper.server.auth.DigestAuthenticationProvider;
import org.apache.zookeeper.server.auth.ProviderRegistry;
import org.apache.zookeeper.server.auth.X509AuthenticationProvider;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How the ZooKeeper server of this process is closed to strangers. ZooKeeper takes it by properties of the JVM that name
 * classes, so there is one for the process, set before the server starts.
 */
public final class ServerSecurity {
    private static final String AUTH_PROVIDER = ProviderRegistry.AUTHPROVIDER_PROPERTY_PREFIX;

    private static final Logger LOG = LoggerFactory.getLogger(ServerSecurity.class);

    private static volatile @Nullable WatchedTls clientTls;
    private static volatile @Nullable WatchedTls peerTls;
    private static volatile @Nullable Supplier<Credentials> known;

    private ServerSecurity() {}

    /** Clients are spoken to by TLS. */
    static void useTlsWithClients(WatchedTls tls) {
        clientTls = tls;
        System.setProperty(ServerCnxnFactory.ZOOKEEPER_SERVER_CNXN_FACTORY, NettyServerCnxnFactory.class.getName());
        System.setProperty(AUTH_PROVIDER + "x509", OfClients.class.getName());
        try (ClientX509Util names = new ClientX509Util()) {
            System.setProperty(names.getSslAuthProviderProperty(), "x509");
            System.setProperty(names.getSslProviderProperty(), "JDK");
            System.setProperty(names.getSslClientAuthProperty(), tls.demandsCertificates() ? "need" : "none");
            choose(names, tls);
        }
    }

    /** The members of the ensemble speak TLS to each other, and show each other their certificates. */
    static void useTlsWithMembers(WatchedTls tls) {
        peerTls = tls;
        try (QuorumX509Util names = new QuorumX509Util()) {
            System.setProperty(names.getSslContextSupplierClassProperty(), OfMembers.class.getName());
            System.setProperty(names.getSslClientAuthProperty(), "need");
            choose(names, tls);
        }
    }

    private static void choose(X509Util names, WatchedTls tls) {
        System.setProperty(
                names.getSslEnabledProtocolsProperty(),
                String.join(",", tls.choice().parameters().getProtocols()));
        System.setProperty(
                names.getSslCipherSuitesProperty(),
                String.join(",", tls.choice().parameters().getCipherSuites()));
    }

    /** Who does not show one of these, as {@code zk://principal:secret@…} does, may do nothing. */
    static void demand(Supplier<Credentials> credentials) {
        known = credentials;
        System.setProperty(AUTH_PROVIDER + "credentials", OfPrincipals.class.getName());
        System.setProperty(AuthenticationHelper.ENFORCE_AUTH_ENABLED, "true");
        System.setProperty(AuthenticationHelper.ENFORCE_AUTH_SCHEMES, "digest");
    }

    private static <T> T set(@Nullable T value) {
        return Objects.requireNonNull(value, "asked for before it was set");
    }

    /** Made by ZooKeeper. Each connection of a client is made with what the files say then. */
    public static final class OfClients extends X509AuthenticationProvider {
        public OfClients() {
            super(set(clientTls).trustManager(), set(clientTls).keyManager());
        }

        /** Asked after the handshake. A certificate opens the connection; who one is, is said by credentials. */
        @Override
        public Code handleAuthentication(ServerCnxn connection, byte[] auth) {
            return Code.OK;
        }

        @Override
        public X509KeyManager getKeyManager() {
            return set(clientTls).keyManager();
        }

        @Override
        public X509TrustManager getTrustManager() {
            return set(clientTls).trustManager();
        }
    }

    /** Made by ZooKeeper. */
    public static final class OfMembers implements Supplier<SSLContext> {
        @Override
        public SSLContext get() {
            return set(peerTls).context();
        }
    }

    /** Made by ZooKeeper. Its own provider takes any user with any password. */
    public static final class OfPrincipals extends DigestAuthenticationProvider {
        @Override
        public Code handleAuthentication(ServerCnxn connection, byte[] auth) {
            String shown = new String(auth, StandardCharsets.UTF_8);
            String[] user = shown.split(":", 2);
            if (user.length != 2 || !set(known).get().prove(user[0], user[1])) {
                LOG.warn("{} shows no credentials that are known here", connection.getRemoteSocketAddress());
                return Code.AUTHFAILED;
            }
            try {
                connection.addAuthInfo(new Id(getScheme(), generateDigest(shown)));
                return Code.OK;
            } catch (NoSuchAlgorithmException e) {
                throw new IllegalStateException(e);
            }
        }
    }
}
