package io.paddock.client;

import io.paddock.platform.tls.WatchedTls;
import io.paddock.platform.zookeeper.LeaderDetector;
import io.paddock.platform.zookeeper.MasterNode;
import io.paddock.platform.zookeeper.ZooKeeperAddress;
import io.paddock.platform.zookeeper.ZooKeeperConnection;
import io.paddock.proto.v1.MasterInfo;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** The leader according to ZooKeeper. Connects at the first question. */
final class ZooKeeperLocator implements MasterLocator {
    private static final Duration ANSWER_WITHIN = Duration.ofSeconds(10);

    private final ZooKeeperAddress address;
    private final Optional<WatchedTls> zooKeeperTls;
    private final boolean tls;
    private final Duration leaderWithin;
    private @Nullable ZooKeeperConnection connection; // guarded by this, as are the fields below
    private @Nullable LeaderDetector detector;
    private CompletableFuture<Void> answered = new CompletableFuture<>(); // whether there is a leader
    private CompletableFuture<String> leader = new CompletableFuture<>();

    ZooKeeperLocator(String address, Optional<WatchedTls> zooKeeperTls, boolean tls, Duration leaderWithin) {
        this.address = ZooKeeperAddress.parse(address);
        this.zooKeeperTls = zooKeeperTls;
        this.tls = tls;
        this.leaderWithin = leaderWithin;
    }

    @Override
    public synchronized CompletionStage<String> locate() {
        try {
            connect();
        } catch (RuntimeException | Error e) { // such as for want of a temporary file, which TLS needs
            closeConnection();
            return CompletableFuture.failedStage(e);
        }
        String silent =
                "ZooKeeper at " + address + " has not said within " + ANSWER_WITHIN.toSeconds() + " s who leads";
        return within(answered, ANSWER_WITHIN, silent).thenCompose(said -> leaderSoon());
    }

    private void connect() {
        if (connection == null) {
            connection = ZooKeeperConnection.open(address, ZooKeeperConnection.DEFAULT_SESSION_TIMEOUT, zooKeeperTls);
            detector = LeaderDetector.start(connection, address.path(), MasterNode.LABEL, this::changed);
            detector.refused().thenAccept(this::refused);
        }
    }

    private synchronized CompletionStage<String> leaderSoon() {
        return within(leader, leaderWithin, NOBODY_LEADS + address);
    }

    private static <T> CompletableFuture<T> within(CompletableFuture<T> awaited, Duration patience, String otherwise) {
        return awaited.copy()
                .orTimeout(patience.toMillis(), TimeUnit.MILLISECONDS)
                .handle((value, error) -> {
                    if (error != null) {
                        throw new IllegalStateException(
                                error instanceof TimeoutException ? otherwise : Causes.of(error));
                    }
                    return value;
                });
    }

    /** The next question is asked over a new connection. */
    private synchronized void refused(String why) {
        closeConnection();
        answered.completeExceptionally(new IllegalStateException(why));
        leader.completeExceptionally(new IllegalStateException(why));
        answered = new CompletableFuture<>();
        leader = new CompletableFuture<>();
    }

    private synchronized void changed(Optional<byte[]> node) {
        if (leader.isDone()) {
            leader = new CompletableFuture<>();
        }
        node.ifPresent(this::led);
        answered.complete(null);
    }

    private void led(byte[] data) {
        try {
            leader.complete(base(MasterNode.decode(data), tls || MasterNode.isHttps(data)));
        } catch (RuntimeException e) {
            leader.completeExceptionally(new IllegalStateException(
                    "what the master that leads at " + address + " wrote cannot be read: " + Causes.of(e)));
        }
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
