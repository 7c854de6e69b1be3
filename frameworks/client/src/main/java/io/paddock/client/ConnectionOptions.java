package io.paddock.client;

import io.paddock.platform.tls.WatchedTls;
import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/**
 * Where the master is and how to talk to it.
 *
 * @param master {@code host:port}, {@code http(s)://host:port}, several of these separated by commas (any may be a
 *     standby), or {@code zk://host:port,…/path}; always reached directly, never through the JVM's proxy
 * @param encoding how messages are written; protobuf is the cheaper one
 * @param credential who we are, when the master asks
 * @param tls what to trust and to show on https; null means the JVM's default
 * @param httpsOnly whether https is spoken wherever an address does not say {@code http://}; if not, where an address, or the
 *     leader's node in ZooKeeper, says so
 * @param zooKeeperTls how ZooKeeper is spoken to, where the master is found there; null means plainly
 * @param minBackoff upper bound of the first pause between tries
 * @param maxBackoff upper bound of all pauses between tries
 * @param maxQueuedCalls a call is refused when so many are waiting to be sent
 * @param maxEventBytes a longer event breaks the stream
 * @param leaderWithin for how long one try to subscribe waits for a leader where ZooKeeper says that there is none
 * @param executor where the stages of calls are completed, and what depends on them runs; needs a thread that is free while
 *     another waits for a stage or for the end; null means on threads of the connection's own, four of them, and more while
 *     some wait for stages
 */
public record ConnectionOptions(
        String master,
        Encoding encoding,
        @Nullable Credential credential,
        @Nullable SSLContext tls,
        boolean httpsOnly,
        @Nullable WatchedTls zooKeeperTls,
        Duration minBackoff,
        Duration maxBackoff,
        int maxQueuedCalls,
        int maxEventBytes,
        Duration leaderWithin,
        @Nullable Executor executor) {

    /** Protobuf, no credential, pauses of 0.2 s growing to 5 s, 10,000 queued calls, events up to 128 MiB. */
    public static ConnectionOptions to(String master) {
        return new ConnectionOptions(
                master,
                Encoding.PROTOBUF,
                null,
                null,
                false,
                null,
                Duration.ofMillis(200),
                Duration.ofSeconds(5),
                10_000,
                128 << 20,
                Duration.ofSeconds(10),
                null);
    }

    public ConnectionOptions withEncoding(Encoding value) {
        return with(copy -> copy.encoding = value);
    }

    public ConnectionOptions withCredential(@Nullable Credential value) {
        return with(copy -> copy.credential = value);
    }

    /** Speaks https only, with this; null speaks as the JVM does and as addresses say. */
    public ConnectionOptions withTls(@Nullable SSLContext value) {
        return withTls(value, value != null);
    }

    public ConnectionOptions withTls(@Nullable SSLContext value, boolean https) {
        return with(copy -> {
            copy.tls = value;
            copy.httpsOnly = https;
        });
    }

    public ConnectionOptions withZooKeeperTls(@Nullable WatchedTls value) {
        return with(copy -> copy.zooKeeperTls = value);
    }

    public ConnectionOptions withBackoff(Duration min, Duration max) {
        return with(copy -> {
            copy.minBackoff = min;
            copy.maxBackoff = max;
        });
    }

    public ConnectionOptions withMaxQueuedCalls(int value) {
        return with(copy -> copy.maxQueuedCalls = value);
    }

    public ConnectionOptions withLeaderWithin(Duration value) {
        return with(copy -> copy.leaderWithin = value);
    }

    public ConnectionOptions withExecutor(@Nullable Executor value) {
        return with(copy -> copy.executor = value);
    }

    private ConnectionOptions with(Consumer<Copy> change) {
        Copy copy = new Copy(this);
        change.accept(copy);
        return copy.options();
    }

    /** All options, those that can be changed alone as variables. */
    private static final class Copy {
        private final String master;
        private final int maxEventBytes;
        private Encoding encoding;
        private @Nullable Credential credential;
        private @Nullable SSLContext tls;
        private boolean httpsOnly;
        private @Nullable WatchedTls zooKeeperTls;
        private Duration minBackoff;
        private Duration maxBackoff;
        private int maxQueuedCalls;
        private Duration leaderWithin;
        private @Nullable Executor executor;

        Copy(ConnectionOptions of) {
            master = of.master;
            maxEventBytes = of.maxEventBytes;
            encoding = of.encoding;
            credential = of.credential;
            tls = of.tls;
            httpsOnly = of.httpsOnly;
            zooKeeperTls = of.zooKeeperTls;
            minBackoff = of.minBackoff;
            maxBackoff = of.maxBackoff;
            maxQueuedCalls = of.maxQueuedCalls;
            leaderWithin = of.leaderWithin;
            executor = of.executor;
        }

        ConnectionOptions options() {
            return new ConnectionOptions(
                    master,
                    encoding,
                    credential,
                    tls,
                    httpsOnly,
                    zooKeeperTls,
                    minBackoff,
                    maxBackoff,
                    maxQueuedCalls,
                    maxEventBytes,
                    leaderWithin,
                    executor);
        }
    }
}
