package io.paddock.platform.zookeeper;

import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Follows who leads: the candidate with the lowest sequence number under a path. While ZooKeeper is away the last known leader
 * stands, as it may well be alive.
 */
public final class LeaderDetector implements AutoCloseable {
    private final Consumer<Optional<byte[]>> listener;
    private final LowestCandidate lowest;
    private final CompletableFuture<String> refused = new CompletableFuture<>();
    private byte @Nullable [] last;
    private boolean told;

    private LeaderDetector(
            ZooKeeperConnection connection, String path, String label, Consumer<Optional<byte[]>> listener) {
        this.listener = listener;
        this.lowest = new LowestCandidate(connection.client(), path, label, this::found);
    }

    /**
     * Starts following.
     *
     * @param label what the names of candidates start with, such as {@code json.info_}
     * @param listener told what the leader wrote, or empty where none leads; first as soon as it is known, then at every
     *     change; on ZooKeeper's event thread
     */
    public static LeaderDetector start(
            ZooKeeperConnection connection, String path, String label, Consumer<Optional<byte[]>> listener) {
        LeaderDetector detector = new LeaderDetector(connection, path, label, listener);
        detector.lowest.start();
        connection.refused().thenAccept(detector.refused::complete);
        detector.lowest.refused().thenAccept(detector.refused::complete);
        return detector;
    }

    /** Completes with the reason when ZooKeeper does not let us look; a new connection may fare better later. */
    public CompletionStage<String> refused() {
        return refused.minimalCompletionStage();
    }

    @Override
    public void close() {
        lowest.close();
    }

    private void found(Optional<LowestCandidate.Candidate> candidate) {
        byte[] data = candidate.map(LowestCandidate.Candidate::data).orElse(null);
        if (!told || !Arrays.equals(last, data)) {
            told = true;
            last = data;
            listener.accept(Optional.ofNullable(data));
        }
    }
}
