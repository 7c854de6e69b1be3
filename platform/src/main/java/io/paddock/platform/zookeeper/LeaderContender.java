package io.paddock.platform.zookeeper;

import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.state.ConnectionState;
import org.apache.curator.framework.state.ConnectionStateListener;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.KeeperException.Code;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Stands for election: an ephemeral sequential node, which leads while it is the lowest.
 *
 * <p>Before it is elected a contender that lost its session simply stands again. Once it has led and its node may be gone (the
 * session expired, or the node was removed) {@link #lost} completes and it never leads again: the process must give up.
 * Between the true expiry and its notice another one may already lead; writes are fenced by {@link StateStore}, not here.
 *
 * <p>Its node is recognised by the session that owns it, so that a create whose answer was lost does no harm. Use one
 * connection for one contender of a path.
 */
public final class LeaderContender implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(LeaderContender.class);

    private final CuratorFramework client;
    private final String path;
    private final String label;
    private final byte[] data;
    private final LowestCandidate lowest;
    private final CompletableFuture<Void> elected = new CompletableFuture<>();
    private final CompletableFuture<String> lost = new CompletableFuture<>();
    private final ConnectionStateListener onState = (c, state) -> stateChanged(state);

    private long session; // of the node created last; guarded by this, as are the fields below
    private boolean standing;
    private boolean closed;

    private LeaderContender(ZooKeeperConnection connection, String path, String label, byte[] data) {
        this.client = connection.client();
        this.path = path;
        this.label = label;
        this.data = data.clone();
        this.lowest = new LowestCandidate(client, path, label, this::lowestIs);
    }

    /**
     * Stands for election as soon as ZooKeeper is reachable.
     *
     * @param label what the node's name starts with, such as {@code json.info_}
     * @param data what detectors read while this one leads
     */
    public static LeaderContender start(ZooKeeperConnection connection, String path, String label, byte[] data) {
        LeaderContender contender = new LeaderContender(connection, path, label, data);
        contender.client.getConnectionStateListenable().addListener(contender.onState);
        if (contender.client.getZookeeperClient().isConnected()) {
            contender.stand();
        }
        contender.lowest.start();
        connection.refused().thenAccept(contender.lost::complete);
        return contender;
    }

    /** Completes when this one leads. */
    public CompletionStage<Void> elected() {
        return elected.minimalCompletionStage();
    }

    /**
     * Completes with the reason when this one led and may not lead any more, or when ZooKeeper does not let it stand.
     */
    public CompletionStage<String> lost() {
        return lost.minimalCompletionStage();
    }

    /** Withdraws: the node is removed, so that the next one leads at once. */
    @Override
    public void close() {
        synchronized (this) {
            if (closed) {
                return;
            }
            closed = true;
        }
        lowest.close();
        client.getConnectionStateListenable().removeListener(onState);
        try {
            for (String child : client.getChildren().forPath(path)) {
                String node = path + "/" + child;
                var stat = child.startsWith(label) ? client.checkExists().forPath(node) : null;
                if (stat != null && stat.getEphemeralOwner() == currentSession()) {
                    client.delete().quietly().forPath(node);
                }
            }
        } catch (Exception e) {
            LOG.debug("Withdrawing from {} failed; the session's end removes the node: {}", path, e.toString());
        }
    }

    private void stateChanged(ConnectionState state) {
        switch (state) {
            case CONNECTED, RECONNECTED -> stand();
            case LOST -> sessionLost();
            case SUSPENDED -> LOG.warn("Connection to ZooKeeper suspended; {} is kept if it comes back in time", path);
            case READ_ONLY -> LOG.warn("ZooKeeper is read-only");
        }
    }

    private void sessionLost() {
        synchronized (this) {
            standing = false;
        }
        loseIfElected("the ZooKeeper session expired");
    }

    private void stand() {
        synchronized (this) {
            long now = currentSession();
            if (closed || lost.isDone() || (standing && session == now)) {
                return;
            }
            if (elected.isDone() && session != now) {
                loseIfElected("the ZooKeeper session expired");
                return;
            }
            standing = true;
            session = now;
        }
        try {
            client.create()
                    .creatingParentsIfNeeded()
                    .withMode(CreateMode.EPHEMERAL_SEQUENTIAL)
                    .inBackground((c, event) -> {
                        if (event.getResultCode() != Code.OK.intValue()) {
                            Code code = Code.get(event.getResultCode());
                            LOG.warn("Cannot stand for election in {}: {}", path, code);
                            Refusal.of(path, code).ifPresent(lost::complete);
                            synchronized (this) {
                                standing = false;
                            }
                        }
                    })
                    .forPath(path + "/" + label, data);
        } catch (Exception e) {
            synchronized (this) {
                standing = false;
            }
            LOG.warn("Cannot stand for election in {}: {}", path, e.toString());
        }
    }

    private void lowestIs(Optional<LowestCandidate.Candidate> candidate) {
        boolean mine;
        synchronized (this) {
            mine = candidate.isPresent() && candidate.get().session() == currentSession();
        }
        if (mine) {
            elected.complete(null);
        } else {
            loseIfElected("the node in " + path + " is gone");
        }
    }

    private void loseIfElected(String reason) {
        if (elected.isDone()) {
            lost.complete(reason);
        }
    }

    private long currentSession() {
        try {
            return client.getZookeeperClient().getZooKeeper().getSessionId();
        } catch (Exception e) {
            return 0;
        }
    }
}
