package io.paddock.platform.zookeeper;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.curator.framework.CuratorFramework;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.KeeperException.Code;
import org.apache.zookeeper.Op;
import org.apache.zookeeper.OpResult;
import org.apache.zookeeper.ZooKeeper;
import org.apache.zookeeper.data.ACL;
import org.jspecify.annotations.Nullable;

/**
 * State in ZooKeeper, one node for each key.
 *
 * <p>Fencing: the root's {@code epoch} node has a version, which the opening raises and every batch checks in the same
 * transaction. Since nobody else can write, the store knows which keys exist and chooses create or set without asking.
 * Writes are pipelined: ZooKeeper keeps the order of one session, and a batch that fails leaves the store failed, so that none
 * behind it is taken for written.
 */
public final class ZooKeeperStateStore implements StateStore {
    private static final int MAX_CONCURRENT_READS = 512;

    private final CuratorFramework client;
    private final String root;
    private final List<ACL> acl;
    private final int epochVersion;

    private final Set<String> existing; // paths below the root; guarded by this, as are the fields below
    private final Set<String> parents = new HashSet<>();
    private @Nullable RuntimeException failure;

    private ZooKeeperStateStore(ZooKeeperConnection connection, String root, int epochVersion, Set<String> existing) {
        this.client = connection.client();
        this.root = root;
        this.acl = connection.acl();
        this.epochVersion = epochVersion;
        this.existing = existing;
        existing.forEach(path -> parents.add(parent(path)));
    }

    /**
     * Takes the state below a path over: raises the epoch, then learns which keys exist.
     *
     * @param root absolute path; created where missing
     * @param owner who takes over, for people who look at the node
     */
    public static CompletionStage<ZooKeeperStateStore> open(ZooKeeperConnection connection, String root, String owner) {
        CuratorFramework client = connection.client();
        byte[] data = owner.getBytes(StandardCharsets.UTF_8);
        String epoch = root + "/epoch";
        ZooKeeperReads reads = new ZooKeeperReads(client, MAX_CONCURRENT_READS);
        return ZooKeeperReads.<Integer>background(
                        "raising the epoch of " + root,
                        done -> client.create()
                                .orSetData()
                                .creatingParentsIfNeeded()
                                .inBackground((c, event) -> done.accept(
                                        event.getResultCode(),
                                        event.getStat() == null
                                                ? 0
                                                : event.getStat().getVersion()))
                                .forPath(epoch, data))
                .thenCompose(ignored -> ZooKeeperReads.<Integer>background(
                        "raising the epoch of " + root,
                        done -> client.setData()
                                .inBackground((c, event) -> done.accept(
                                        event.getResultCode(),
                                        event.getStat() == null
                                                ? 0
                                                : event.getStat().getVersion()))
                                .forPath(epoch, data)))
                .thenCompose(version -> reads.sync(root)
                        .thenCompose(synced -> reads.paths(root))
                        .thenApply(paths -> new ZooKeeperStateStore(connection, root, version, new HashSet<>(paths))));
    }

    @Override
    public CompletionStage<SortedMap<String, byte[]>> load(String prefix) {
        List<String> paths;
        synchronized (this) {
            paths = new ArrayList<>(existing);
        }
        return new ZooKeeperReads(client, MAX_CONCURRENT_READS).values(root, paths, prefix);
    }

    @Override
    public CompletionStage<Void> write(List<Write> batch) {
        try {
            StateKeys.checkSize(batch);
        } catch (IllegalArgumentException e) {
            return CompletableFuture.failedFuture(e);
        }
        CompletableFuture<Void> written = new CompletableFuture<>();
        synchronized (this) {
            if (failure != null) {
                return CompletableFuture.failedFuture(failure);
            }
            try {
                ZooKeeper zooKeeper = client.getZookeeperClient().getZooKeeper();
                createParents(zooKeeper, batch);
                List<Op> ops = ops(batch);
                zooKeeper.multi(ops, (code, path, ctx, results) -> finished(code, results, written), null);
            } catch (Exception e) {
                failure = new OutcomeUnknownException("ZooKeeper cannot be reached: " + e);
                return CompletableFuture.failedFuture(failure);
            }
        }
        return written;
    }

    @Override
    public void close() {
        synchronized (this) {
            failure = failure != null ? failure : new FencedException("the store is closed");
        }
    }

    /** Outside the transaction and unfenced: an empty directory does no harm. ZooKeeper keeps the order. */
    private void createParents(ZooKeeper zooKeeper, List<Write> batch) {
        for (Write write : batch) {
            if (write instanceof Write.Put) {
                String bucket = parent(StateKeys.toPath(write.key()));
                for (String directory : List.of(parent(bucket), bucket)) {
                    if (parents.add(directory)) {
                        zooKeeper.create(
                                root + "/" + directory,
                                new byte[0],
                                acl,
                                CreateMode.PERSISTENT,
                                (code, path, ctx, name) -> {
                                    // a failure shows in the batch behind it
                                },
                                null);
                    }
                }
            }
        }
    }

    private List<Op> ops(List<Write> batch) {
        List<Op> ops = new ArrayList<>(batch.size() + 1);
        ops.add(Op.check(root + "/epoch", epochVersion));
        for (Write write : batch) {
            String path = StateKeys.toPath(write.key());
            String node = root + "/" + path;
            if (write instanceof Write.Put put) {
                ops.add(
                        existing.add(path)
                                ? Op.create(node, put.value(), acl, CreateMode.PERSISTENT)
                                : Op.setData(node, put.value(), -1));
            } else if (existing.remove(path)) {
                ops.add(Op.delete(node, -1));
            }
        }
        return ops;
    }

    private void finished(int code, @Nullable List<OpResult> results, CompletableFuture<Void> written) {
        if (code == Code.OK.intValue()) {
            written.complete(null);
            return;
        }
        RuntimeException reason = failure(Code.get(code), results);
        synchronized (this) {
            failure = failure != null ? failure : reason;
        }
        written.completeExceptionally(reason);
    }

    private RuntimeException failure(Code code, @Nullable List<OpResult> results) {
        boolean epochChanged = results != null
                && !results.isEmpty()
                && results.get(0) instanceof OpResult.ErrorResult first
                && first.getErr() == Code.BADVERSION.intValue();
        if (epochChanged) {
            return new FencedException("Another leader has taken over " + root);
        }
        return switch (code) {
            case CONNECTIONLOSS, SESSIONEXPIRED, OPERATIONTIMEOUT, REQUESTTIMEOUT, SESSIONMOVED ->
                new OutcomeUnknownException("A write below " + root + " may or may not have happened: " + code);
            default ->
                new IllegalStateException("ZooKeeper refused a write below " + root + ": "
                        + KeeperException.create(code).getMessage());
        };
    }

    private static String parent(String path) {
        return path.substring(0, path.lastIndexOf('/'));
    }
}
