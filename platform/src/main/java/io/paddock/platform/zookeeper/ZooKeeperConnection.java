package io.paddock.platform.zookeeper;

import io.paddock.platform.tls.WatchedTls;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.CuratorFrameworkFactory;
import org.apache.curator.framework.api.ACLProvider;
import org.apache.curator.framework.api.CuratorEventType;
import org.apache.curator.retry.BoundedExponentialBackoffRetry;
import org.apache.zookeeper.KeeperException.Code;
import org.apache.zookeeper.Watcher.Event.KeeperState;
import org.apache.zookeeper.ZooDefs;
import org.apache.zookeeper.data.ACL;

/** A session with an ensemble, reconnecting for as long as it is open. Thread safe. */
public final class ZooKeeperConnection implements AutoCloseable {
    /** How long a silent process keeps its leadership. */
    public static final Duration DEFAULT_SESSION_TIMEOUT = Duration.ofSeconds(10);

    private static final int CONNECT_WITHIN_MS = 5_000;

    private final CuratorFramework client;
    private final List<ACL> acl;
    private final Optional<TlsClientConfig> config;
    private final CompletableFuture<String> refused = new CompletableFuture<>();

    private ZooKeeperConnection(CuratorFramework client, List<ACL> acl, Optional<TlsClientConfig> config) {
        this.client = client;
        this.acl = acl;
        this.config = config;
    }

    /**
     * Starts connecting; does not wait for the ensemble. The path of the address is not used.
     *
     * @param tls how the servers are spoken to; empty speaks to them plainly
     */
    public static ZooKeeperConnection open(
            ZooKeeperAddress address, Duration sessionTimeout, Optional<WatchedTls> tls) {
        CuratorFrameworkFactory.Builder builder = CuratorFrameworkFactory.builder()
                .connectString(address.servers())
                .sessionTimeoutMs(Math.toIntExact(sessionTimeout.toMillis()))
                .connectionTimeoutMs(CONNECT_WITHIN_MS)
                .simulatedSessionExpirationPercent(100)
                .retryPolicy(new BoundedExponentialBackoffRetry(100, 2_000, 8));
        List<ACL> acl = ZooDefs.Ids.OPEN_ACL_UNSAFE;
        if (address.credentials().isPresent()) {
            acl = creatorWritesAllRead();
            builder.authorization("digest", address.credentials().get().getBytes(StandardCharsets.UTF_8));
        }
        builder.aclProvider(new SameEverywhere(acl));
        Optional<TlsClientConfig> config = tls.map(TlsClientConfig::create);
        config.ifPresent(builder::zkClientConfig);
        CuratorFramework client = builder.build();
        ZooKeeperConnection connection = new ZooKeeperConnection(client, acl, config);
        client.getCuratorListenable().addListener((c, event) -> {
            if (event.getType() == CuratorEventType.WATCHED
                    && event.getWatchedEvent().getState() == KeeperState.AuthFailed) {
                Refusal.of(address.path(), Code.AUTHFAILED).ifPresent(connection.refused::complete);
            }
        });
        client.start();
        return connection;
    }

    /** As above, without TLS. */
    public static ZooKeeperConnection open(ZooKeeperAddress address, Duration sessionTimeout) {
        return open(address, sessionTimeout, Optional.empty());
    }

    /** As above with {@link #DEFAULT_SESSION_TIMEOUT}. */
    public static ZooKeeperConnection open(ZooKeeperAddress address) {
        return open(address, DEFAULT_SESSION_TIMEOUT);
    }

    /** Completes with the reason when ZooKeeper does not take the credentials; this connection is of no use then. */
    CompletionStage<String> refused() {
        return refused.minimalCompletionStage();
    }

    CuratorFramework client() {
        return client;
    }

    /** Who may do what with nodes created over this connection. */
    List<ACL> acl() {
        return acl;
    }

    /** Ends the session: what it held ephemerally is gone at once. */
    @Override
    public void close() {
        client.close();
        config.ifPresent(TlsClientConfig::close);
    }

    private static List<ACL> creatorWritesAllRead() {
        List<ACL> acl = new ArrayList<>(ZooDefs.Ids.CREATOR_ALL_ACL);
        acl.addAll(ZooDefs.Ids.READ_ACL_UNSAFE);
        return acl;
    }

    private record SameEverywhere(List<ACL> acl) implements ACLProvider {
        @Override
        public List<ACL> getDefaultAcl() {
            return acl;
        }

        @Override
        public List<ACL> getAclForPath(String path) {
            return acl;
        }
    }
}
