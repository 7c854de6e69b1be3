package io.paddock.client;

import io.paddock.platform.tls.WatchedTls;
import io.paddock.platform.zookeeper.LeaderDetector;
import io.paddock.platform.zookeeper.MasterNode;
import io.paddock.platform.zookeeper.ZooKeeperAddress;
import io.paddock.platform.zookeeper.ZooKeeperConnection;
import io.paddock.proto.v1.MasterInfo;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** The leader according to ZooKeeper. Connects at the first question. */
final class ZooKeeperLocator implements MasterLocator {
    private static final long PATIENCE_SECONDS = 10;

    private final ZooKeeperAddress address;
    private final Optional<WatchedTls> zooKeeperTls;
    private final boolean tls;
    private @Nullable ZooKeeperConnection connection; // guarded by this, as are the fields below
    private @Nullable LeaderDetector detector;
    private CompletableFuture<String> leader = new CompletableFuture<>();

    ZooKeeperLocator(String address, Optional<WatchedTls> zooKeeperTls, boolean tls) {
        this.address = ZooKeeperAddress.parse(address);
        this.zooKeeperTls = zooKeeperTls;
        this.tls = tls;
    }

    @Override
    public synchronized CompletionStage<String> locate() {
        if (connection == null) {
            connection = ZooKeeperConnection.open(address, ZooKeeperConnection.DEFAULT_SESSION_TIMEOUT, zooKeeperTls);
            detector = LeaderDetector.start(connection, address.path(), MasterNode.LABEL, this::changed);
            detector.refused().thenAccept(this::refused);
        }
        return leader.copy().orTimeout(PATIENCE_SECONDS, TimeUnit.SECONDS).handle((base, error) -> {
            if (error instanceof IllegalStateException refused) {
                throw refused;
            }
            if (error instanceof TimeoutException) {
                throw new IllegalStateException(
                        "no master is known to lead at " + address + " after " + PATIENCE_SECONDS + " s");
            }
            return base;
        });
    }

    /** The next question is asked over a new connection. */
    private synchronized void refused(String why) {
        closeConnection();
        leader.completeExceptionally(new IllegalStateException(why));
        leader = new CompletableFuture<>();
    }

    private synchronized void changed(Optional<byte[]> node) {
        if (leader.isDone()) {
            leader = new CompletableFuture<>();
        }
        node.ifPresent(data -> leader.complete(base(MasterNode.decode(data), tls || MasterNode.isHttps(data))));
    }

    @SuppressWarnings("deprecation") // masters may write the old fields only
    private static String base(MasterInfo info, boolean https) {
        String host;
        if (https) {
            host = info.getAddress().hasHostname() ? info.getAddress().getHostname() : info.getHostname();
        } else {
            host = info.getAddress().hasIp() ? info.getAddress().getIp() : info.getHostname();
        }
        int port = info.getAddress().hasPort() ? info.getAddress().getPort() : info.getPort();
        return (https ? "https://" : "http://") + host + ":" + port;
    }

    @Override
    public synchronized void close() {
        closeConnection();
    }

    private void closeConnection() {
        if (detector != null) {
            detector.close();
            detector = null;
        }
        if (connection != null) {
            connection.close();
            connection = null;
        }
    }
}
