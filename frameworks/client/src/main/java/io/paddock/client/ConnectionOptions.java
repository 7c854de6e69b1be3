package io.paddock.client;

import io.paddock.platform.tls.WatchedTls;
import java.time.Duration;
import java.util.concurrent.Executor;
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
        return new ConnectionOptions(
                master,
                value,
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

    public ConnectionOptions withCredential(@Nullable Credential value) {
        return new ConnectionOptions(
                master,
                encoding,
                value,
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

    /** Speaks https only, with this; null speaks as the JVM does and as addresses say. */
    public ConnectionOptions withTls(@Nullable SSLContext value) {
        return withTls(value, value != null);
    }

    public ConnectionOptions withTls(@Nullable SSLContext value, boolean https) {
        return new ConnectionOptions(
                master,
                encoding,
                credential,
                value,
                https,
                zooKeeperTls,
                minBackoff,
                maxBackoff,
                maxQueuedCalls,
                maxEventBytes,
                leaderWithin,
                executor);
    }

    public ConnectionOptions withZooKeeperTls(@Nullable WatchedTls value) {
        return new ConnectionOptions(
                master,
                encoding,
                credential,
                tls,
                httpsOnly,
                value,
                minBackoff,
                maxBackoff,
                maxQueuedCalls,
                maxEventBytes,
                leaderWithin,
                executor);
    }

    public ConnectionOptions withBackoff(Duration min, Duration max) {
        return new ConnectionOptions(
                master,
                encoding,
                credential,
                tls,
                httpsOnly,
                zooKeeperTls,
                min,
                max,
                maxQueuedCalls,
                maxEventBytes,
                leaderWithin,
                executor);
    }

    public ConnectionOptions withMaxQueuedCalls(int value) {
        return new ConnectionOptions(
                master,
                encoding,
                credential,
                tls,
                httpsOnly,
                zooKeeperTls,
                minBackoff,
                maxBackoff,
                value,
                maxEventBytes,
                leaderWithin,
                executor);
    }

    public ConnectionOptions withLeaderWithin(Duration value) {
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
                value,
                executor);
    }

    public ConnectionOptions withExecutor(@Nullable Executor value) {
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
                value);
    }
}
