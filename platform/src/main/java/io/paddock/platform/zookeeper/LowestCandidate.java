package io.paddock.platform.zookeeper;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.api.CuratorEvent;
import org.apache.curator.framework.state.ConnectionState;
import org.apache.curator.framework.state.ConnectionStateListener;
import org.apache.zookeeper.KeeperException.Code;
import org.apache.zookeeper.Watcher;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Follows the candidate with the lowest sequence number among the children of a path whose names start with a label. Other
 * children are ignored. Reads are chained: each change starts one, and changes during it start one more.
 */
final class LowestCandidate implements AutoCloseable {
    /**
     * A candidate.
     *
     * @param name name of its node
     * @param data what it wrote
     * @param session the session that holds it
     */
    record Candidate(String name, byte[] data, long session) {}

    private static final Logger LOG = LoggerFactory.getLogger(LowestCandidate.class);

    private final CuratorFramework client;
    private final String path;
    private final String label;
    private final Consumer<Optional<Candidate>> listener;
    private final CompletableFuture<String> refused = new CompletableFuture<>();
    private final ConnectionStateListener onState = (c, state) -> {
        if (state == ConnectionState.CONNECTED || state == ConnectionState.RECONNECTED) {
            changed();
        }
    };
    private final Watcher watcher = event -> {
        if (event.getType() != Watcher.Event.EventType.None) {
            changed();
        }
    };

    private boolean reading; // guarded by this, as are the fields below
    private boolean changedMeanwhile;
    private boolean closed;

    /** @param listener told the lowest candidate after every change, on ZooKeeper's event thread */
    LowestCandidate(CuratorFramework client, String path, String label, Consumer<Optional<Candidate>> listener) {
        this.client = client;
        this.path = path;
        this.label = label;
        this.listener = listener;
    }

    void start() {
        client.getConnectionStateListenable().addListener(onState);
        changed();
    }

    /** Completes with the reason when ZooKeeper does not let us look. */
    CompletionStage<String> refused() {
        return refused.minimalCompletionStage();
    }

    @Override
    public synchronized void close() {
        closed = true;
        client.getConnectionStateListenable().removeListener(onState);
    }

    private void changed() {
        synchronized (this) {
            if (closed || reading) {
                changedMeanwhile = true;
                return;
            }
            reading = true;
            changedMeanwhile = false;
        }
        try {
            client.getChildren()
                    .usingWatcher(watcher)
                    .inBackground((c, event) -> childrenRead(event))
                    .forPath(path);
        } catch (Exception e) {
            failed("children of " + path, e.toString());
        }
    }

    private void childrenRead(CuratorEvent event) {
        Code code = Code.get(event.getResultCode());
        if (code == Code.NONODE) {
            waitForPath();
        } else if (code != Code.OK) {
            failed("children of " + path, code);
        } else {
            String lowest = lowest(event.getChildren());
            if (lowest == null) {
                finished(Optional.empty());
            } else {
                read(lowest);
            }
        }
    }

    private void read(String name) {
        try {
            client.getData()
                    .inBackground((c, event) -> {
                        Code code = Code.get(event.getResultCode());
                        if (code == Code.OK) {
                            finished(Optional.of(new Candidate(
                                    name, event.getData(), event.getStat().getEphemeralOwner())));
                        } else if (code == Code.NONODE) {
                            again();
                        } else {
                            failed(name, code);
                        }
                    })
                    .forPath(path + "/" + name);
        } catch (Exception e) {
            failed(name, e.toString());
        }
    }

    private void waitForPath() {
        try {
            client.checkExists()
                    .usingWatcher(watcher)
                    .inBackground((c, event) -> {
                        Code code = Code.get(event.getResultCode());
                        if (code == Code.OK) {
                            again();
                        } else {
                            Refusal.of(path, code).ifPresent(refused::complete);
                            finished(Optional.empty());
                        }
                    })
                    .forPath(path);
        } catch (Exception e) {
            failed(path, e.toString());
        }
    }

    private void again() {
        synchronized (this) {
            reading = false;
        }
        changed();
    }

    private void finished(Optional<Candidate> lowest) {
        boolean more;
        synchronized (this) {
            if (closed) {
                return;
            }
            reading = false;
            more = changedMeanwhile;
        }
        listener.accept(lowest);
        if (more) {
            changed();
        }
    }

    private void failed(String what, Code code) {
        Refusal.of(path, code).ifPresent(refused::complete);
        failed(what, code.toString());
    }

    /** A read that failed is repeated when the connection is back; the state listener sees to it. */
    private void failed(String what, String why) {
        boolean more;
        synchronized (this) {
            reading = false;
            more = changedMeanwhile && !closed;
        }
        LOG.debug("Reading {} failed: {}", what, why);
        if (more && client.getZookeeperClient().isConnected()) {
            changed();
        }
    }

    /** Sequence numbers have ten digits, so that names sort by them. */
    private @Nullable String lowest(List<String> children) {
        String lowest = null;
        for (String child : children) {
            if (child.startsWith(label) && (lowest == null || child.compareTo(lowest) < 0)) {
                lowest = child;
            }
        }
        return lowest;
    }
}
