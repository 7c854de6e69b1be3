package io.paddock.platform.zookeeper;

import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.List;
import java.util.SortedMap;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.curator.framework.CuratorFramework;

/**
 * State in ZooKeeper, one node for each key.
 *
 * <p>Opening writes the owner into the root's {@code epoch} node, which every later batch of an earlier owner trips over; since
 * nobody else can write from then on, the store learns once which keys exist. A connection that breaks and comes back within
 * the client's patience loses and repeats nothing.
 */
public final class ZooKeeperStateStore implements StateStore {
    private static final int MAX_CONCURRENT_READS = 512;

    private final CuratorFramework client;
    private final String root;
    private final FencedWriter writer;

    private ZooKeeperStateStore(CuratorFramework client, String root, FencedWriter writer) {
        this.client = client;
        this.root = root;
        this.writer = writer;
    }

    /**
     * Takes the state below a path over.
     *
     * @param root absolute path; created where missing
     * @param owner who takes over, for people who look at the node
     */
    public static CompletionStage<ZooKeeperStateStore> open(ZooKeeperConnection connection, String root, String owner) {
        CuratorFramework client = connection.client();
        byte[] epoch = (owner + " " + UUID.randomUUID()).getBytes(StandardCharsets.UTF_8);
        String epochPath = FencedWriter.epochPath(root);
        ZooKeeperReads reads = new ZooKeeperReads(client, MAX_CONCURRENT_READS);
        return ZooKeeperReads.<Integer>background(
                        "creating " + epochPath,
                        done -> client.create()
                                .orSetData()
                                .creatingParentsIfNeeded()
                                .inBackground((c, event) -> done.accept(event.getResultCode(), 0))
                                .forPath(epochPath, epoch))
                .thenCompose(created -> reads.sync(root))
                .thenCompose(synced -> reads.versioned(epochPath))
                .thenCompose(taken -> reads.paths(root)
                        .thenApply(paths -> new ZooKeeperStateStore(
                                client,
                                root,
                                new FencedWriter(connection, root, epoch, taken.version(), new HashSet<>(paths)))));
    }

    @Override
    public CompletionStage<SortedMap<String, byte[]>> load(String prefix) {
        return new ZooKeeperReads(client, MAX_CONCURRENT_READS).values(root, writer.existing(), prefix);
    }

    @Override
    public CompletionStage<Void> write(List<Write> batch) {
        try {
            StateKeys.checkSize(batch);
        } catch (IllegalArgumentException e) {
            return CompletableFuture.failedFuture(e);
        }
        return writer.write(List.copyOf(batch));
    }

    @Override
    public void close() {
        writer.close();
    }
}
