package io.paddock.platform.zookeeper;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.curator.framework.CuratorFramework;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.KeeperException.Code;
import org.apache.zookeeper.Op;
import org.apache.zookeeper.OpResult;
import org.apache.zookeeper.ZooKeeper;
import org.jspecify.annotations.Nullable;

/**
 * Writes batches one after the other without waiting for answers, each only if nobody else took the state over.
 *
 * <p>Every batch is one transaction that also sets the epoch node, expecting the version the batch before left. So the version
 * fences, and it counts: after a lost connection it tells which batches were written, and the others are sent again. Only
 * when it cannot be read in time, or another owner wrote it, the writer fails, and with it all batches not known to be written.
 */
final class FencedWriter {
    private static final class Batch {
        private final List<StateStore.Write> writes;
        private final List<Op> ops;
        private final int expectedVersion;
        private final CompletableFuture<Void> written = new CompletableFuture<>();
        private int attempt;

        Batch(List<StateStore.Write> writes, List<Op> ops, int expectedVersion) {
            this.writes = writes;
            this.ops = ops;
            this.expectedVersion = expectedVersion;
        }
    }

    private final ZooKeeperConnection connection;
    private final CuratorFramework client;
    private final String root;
    private final String epochPath;
    private final byte[] owner;
    private final ZooKeeperReads reads;

    private final Set<String> existing; // paths below the root; guarded by this, as are the fields below
    private final Set<String> directories = new HashSet<>();
    private final Deque<Batch> unanswered = new ArrayDeque<>();
    private int nextVersion;
    private boolean resolving;
    private @Nullable RuntimeException failure;

    /**
     * A writer for an epoch already taken.
     *
     * @param owner what this owner wrote into the epoch node; no other owner writes the same
     * @param version of the epoch node after that
     * @param existing paths of all values, below the root
     */
    FencedWriter(ZooKeeperConnection connection, String root, byte[] owner, int version, Set<String> existing) {
        this.connection = connection;
        this.client = connection.client();
        this.root = root;
        this.epochPath = epochPath(root);
        this.owner = owner;
        this.nextVersion = version;
        this.existing = existing;
        this.reads = new ZooKeeperReads(client, 1);
    }

    static String epochPath(String root) {
        return root + "/epoch";
    }

    synchronized List<String> existing() {
        return new ArrayList<>(existing);
    }

    synchronized CompletionStage<Void> write(List<StateStore.Write> writes) {
        if (failure != null) {
            return CompletableFuture.failedFuture(failure);
        }
        Batch batch = new Batch(writes, ops(writes), nextVersion++);
        unanswered.add(batch);
        if (!resolving) {
            submit(batch);
        }
        return batch.written;
    }

    void close() {
        fail(new StateStore.FencedException("the store is closed"));
    }

    private List<Op> ops(List<StateStore.Write> writes) {
        List<Op> ops = new ArrayList<>(writes.size() + 1);
        ops.add(Op.setData(epochPath, owner, nextVersion));
        for (StateStore.Write write : writes) {
            String path = StateKeys.toPath(write.key());
            String node = root + "/" + path;
            if (write instanceof StateStore.Write.Put put) {
                ops.add(
                        existing.add(path)
                                ? Op.create(node, put.value(), connection.acl(), CreateMode.PERSISTENT)
                                : Op.setData(node, put.value(), -1));
            } else if (existing.remove(path)) {
                ops.add(Op.delete(node, -1));
            }
        }
        return ops;
    }

    private void submit(Batch batch) {
        int attempt = ++batch.attempt;
        try {
            ZooKeeper zooKeeper = client.getZookeeperClient().getZooKeeper();
            createDirectories(zooKeeper, batch.writes);
            zooKeeper.multi(batch.ops, (code, path, ctx, results) -> answered(batch, attempt, code, results), null);
        } catch (Exception e) {
            resolve();
        }
    }

    /** Outside the transaction and unfenced: an empty directory does no harm. ZooKeeper keeps the order of one session. */
    private void createDirectories(ZooKeeper zooKeeper, List<StateStore.Write> writes) {
        for (StateStore.Write write : writes) {
            if (write instanceof StateStore.Write.Put) {
                String bucket = parent(StateKeys.toPath(write.key()));
                for (String directory : List.of(parent(bucket), bucket)) {
                    if (directories.add(directory)) {
                        zooKeeper.create(
                                root + "/" + directory,
                                new byte[0],
                                connection.acl(),
                                CreateMode.PERSISTENT,
                                (code, path, ctx, name) -> {
                                    // it exists already, or the batch behind it fails too
                                },
                                null);
                    }
                }
            }
        }
    }

    private void answered(Batch batch, int attempt, int code, @Nullable List<OpResult> results) {
        Code answer = Code.get(code);
        synchronized (this) {
            if (failure != null || attempt != batch.attempt) {
                return;
            }
            if (answer != Code.OK) {
                if (isUncertain(answer) || isEpochChanged(results)) {
                    resolve();
                    return;
                }
            } else {
                unanswered.remove(batch);
            }
        }
        if (answer == Code.OK) {
            batch.written.complete(null);
        } else {
            fail(new IllegalStateException("ZooKeeper refused a write below " + root + ": "
                    + KeeperException.create(answer).getMessage()));
        }
    }

    /** Finds out how far the batches got, once for all that are unanswered. */
    private synchronized void resolve() {
        if (resolving) {
            return;
        }
        resolving = true;
        reads.sync(epochPath).thenCompose(synced -> reads.versioned(epochPath)).whenComplete((epoch, unreadable) -> {
            if (unreadable != null) {
                fail(new StateStore.OutcomeUnknownException("Writes below " + root
                        + " may or may not have happened, as ZooKeeper does not answer: "
                        + unreadable.getMessage()));
            } else if (!Arrays.equals(epoch.data(), owner)) {
                fail(new StateStore.FencedException("Another leader has taken over " + root));
            } else {
                resolved(epoch.version());
            }
        });
    }

    private void resolved(int version) {
        List<Batch> written = new ArrayList<>();
        synchronized (this) {
            while (!unanswered.isEmpty() && unanswered.getFirst().expectedVersion < version) {
                written.add(unanswered.removeFirst());
            }
            resolving = false;
            directories.clear();
            for (Batch batch : List.copyOf(unanswered)) {
                if (!resolving) {
                    submit(batch);
                }
            }
        }
        written.forEach(batch -> batch.written.complete(null));
    }

    private void fail(RuntimeException reason) {
        List<Batch> lost;
        synchronized (this) {
            failure = failure != null ? failure : reason;
            lost = List.copyOf(unanswered);
            unanswered.clear();
        }
        lost.forEach(batch -> batch.written.completeExceptionally(reason));
    }

    private static boolean isUncertain(Code code) {
        return switch (code) {
            case CONNECTIONLOSS, SESSIONEXPIRED, OPERATIONTIMEOUT, REQUESTTIMEOUT, SESSIONMOVED -> true;
            default -> false;
        };
    }

    private static boolean isEpochChanged(@Nullable List<OpResult> results) {
        return results != null
                && !results.isEmpty()
                && results.get(0) instanceof OpResult.ErrorResult first
                && first.getErr() == Code.BADVERSION.intValue();
    }

    private static String parent(String path) {
        return path.substring(0, path.lastIndexOf('/'));
    }
}
