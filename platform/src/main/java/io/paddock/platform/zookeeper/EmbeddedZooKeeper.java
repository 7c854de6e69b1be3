package io.paddock.platform.zookeeper;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import org.apache.zookeeper.server.DatadirCleanupManager;
import org.apache.zookeeper.server.ServerCnxnFactory;
import org.apache.zookeeper.server.ZooKeeperServer;
import org.apache.zookeeper.server.persistence.FileTxnLog;
import org.apache.zookeeper.server.persistence.FileTxnSnapLog;

/** A ZooKeeper server in this process, for one machine. Keeps its data in a directory and takes it up again. */
public final class EmbeddedZooKeeper implements AutoCloseable {
    private static final int TICK_MS = 500;
    private static final int MAX_SESSION_TIMEOUT_MS = 120_000;
    private static final int UNLIMITED_CONNECTIONS = 0;
    private static final int USUAL_BACKLOG = -1;
    private static final long PREALLOCATE_BYTES = 1 << 20;
    private static final int KEPT_SNAPSHOTS = 3;
    private static final int CLEAN_UP_EVERY_HOURS = 1;

    private final ServerCnxnFactory connections;
    private final ZooKeeperServer server;
    private final DatadirCleanupManager cleanUp;

    private EmbeddedZooKeeper(ServerCnxnFactory connections, ZooKeeperServer server, DatadirCleanupManager cleanUp) {
        this.connections = connections;
        this.server = server;
        this.cleanUp = cleanUp;
    }

    /**
     * Starts serving.
     *
     * @param workDir where data is kept; created where missing
     * @param port 0 takes a free one
     * @throws UncheckedIOException when the directory or the port cannot be used
     */
    public static EmbeddedZooKeeper start(Path workDir, String host, int port) {
        return start(workDir, host, port, false);
    }

    /** As above; by TLS only, if {@link ServerSecurity} says so. */
    static EmbeddedZooKeeper start(Path workDir, String host, int port, boolean secure) {
        try {
            FileTxnLog.setPreallocSize(PREALLOCATE_BYTES);
            FileTxnSnapLog log = new FileTxnSnapLog(workDir.toFile(), workDir.toFile());
            ZooKeeperServer server = new ZooKeeperServer(log, TICK_MS, "");
            server.setMaxSessionTimeout(MAX_SESSION_TIMEOUT_MS);
            ServerCnxnFactory connections = ServerCnxnFactory.createFactory();
            connections.configure(new InetSocketAddress(host, port), UNLIMITED_CONNECTIONS, USUAL_BACKLOG, secure);
            connections.startup(server);
            DatadirCleanupManager cleanUp =
                    new DatadirCleanupManager(workDir.toFile(), workDir.toFile(), KEPT_SNAPSHOTS, CLEAN_UP_EVERY_HOURS);
            cleanUp.start();
            return new EmbeddedZooKeeper(connections, server, cleanUp);
        } catch (IOException e) {
            throw new UncheckedIOException(
                    "ZooKeeper cannot start on " + host + ":" + port + " in " + workDir + ": " + e.getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while ZooKeeper started", e);
        }
    }

    public int port() {
        return connections.getLocalPort();
    }

    /** {@code host:port}, for clients in this machine. */
    public String address() {
        return "127.0.0.1:" + port();
    }

    /** Ends a client's session as if it had expired. */
    public void expireSession(long sessionId) {
        server.closeSession(sessionId);
    }

    @Override
    public void close() {
        cleanUp.shutdown();
        connections.shutdown();
        server.shutdown();
    }
}
