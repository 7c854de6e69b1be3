package io.paddock.agent.server.link;

import io.paddock.platform.tls.WatchedTls;
import io.paddock.platform.zookeeper.LeaderDetector;
import io.paddock.platform.zookeeper.MasterNode;
import io.paddock.platform.zookeeper.ZooKeeperAddress;
import io.paddock.platform.zookeeper.ZooKeeperConnection;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Says who leads: always the same master, or whoever ZooKeeper names. */
public final class MasterDetector implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(MasterDetector.class);
    private static final long LOOK_AGAIN_SECONDS = 10;

    private final String address;
    private final Duration sessionTimeout;
    private final Optional<WatchedTls> zooKeeperTls;
    private final boolean secure;
    private AutoCloseable open = () -> {}; // guarded by this, as is the field below
    private boolean closed;

    /**
     * Reads an address; does not connect.
     *
     * @param address {@code host:port}, {@code http(s)://host:port} or {@code zk://…/path}
     * @param zooKeeperTls how ZooKeeper is spoken to
     * @param secure whether every master is spoken to by TLS; otherwise those that say so in ZooKeeper, or by their address
     * @throws IllegalArgumentException when it has none of these forms
     */
    public MasterDetector(String address, Duration sessionTimeout, Optional<WatchedTls> zooKeeperTls, boolean secure) {
        this.address = address;
        this.sessionTimeout = sessionTimeout;
        this.zooKeeperTls = zooKeeperTls;
        this.secure = secure;
        if (ZooKeeperAddress.isZooKeeper(address)) {
            ZooKeeperAddress.parse(address);
        } else {
            MasterAddress.parse(address, secure);
        }
    }

    /** Calls the listener now or later, and again at every change; empty while nobody leads. From any thread. */
    void start(Consumer<Optional<MasterAddress>> listener) {
        if (!ZooKeeperAddress.isZooKeeper(address)) {
            listener.accept(Optional.of(MasterAddress.parse(address, secure)));
            return;
        }
        look(listener);
    }

    private synchronized void look(Consumer<Optional<MasterAddress>> listener) {
        if (closed) {
            return;
        }
        ZooKeeperAddress ensemble = ZooKeeperAddress.parse(address);
        ZooKeeperConnection connection = ZooKeeperConnection.open(ensemble, sessionTimeout, zooKeeperTls);
        LeaderDetector detector = LeaderDetector.start(
                connection, ensemble.path(), MasterNode.LABEL, node -> listener.accept(node.flatMap(this::decode)));
        open = () -> {
            detector.close();
            connection.close();
        };
        detector.refused().thenAccept(why -> {
            LOG.error("No master can be found: {}. Trying again in {} s", why, LOOK_AGAIN_SECONDS);
            CompletableFuture.delayedExecutor(LOOK_AGAIN_SECONDS, TimeUnit.SECONDS)
                    .execute(() -> {
                        closeOpen();
                        look(listener);
                    });
        });
    }

    private Optional<MasterAddress> decode(byte[] node) {
        try {
            return Optional.of(MasterAddress.of(MasterNode.decode(node), secure || MasterNode.isHttps(node)));
        } catch (IllegalArgumentException e) {
            LOG.warn("{}: the leader's node is not MasterInfo: {}", this, e.getMessage());
            return Optional.empty();
        }
    }

    @Override
    public synchronized void close() {
        closed = true;
        closeOpen();
    }

    private synchronized void closeOpen() {
        try {
            open.close();
        } catch (Exception e) {
            LOG.warn("{}: {}", this, e.toString());
        }
    }

    @Override
    public String toString() {
        return ZooKeeperAddress.isZooKeeper(address)
                ? ZooKeeperAddress.parse(address).toString()
                : address;
    }
}
