package io.paddock.platform.zookeeper;

import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** A store for tests and for running without ZooKeeper: lives as long as its {@link Shared} state. */
public final class InMemoryStateStore implements StateStore {
    /** What successive owners share, in place of an ensemble. */
    public static final class Shared {
        private final SortedMap<String, byte[]> values = new TreeMap<>();
        private int epoch;
    }

    private final Shared shared;
    private final int epoch;

    private InMemoryStateStore(Shared shared, int epoch) {
        this.shared = shared;
        this.epoch = epoch;
    }

    /** Takes the state over from whoever had it. */
    public static InMemoryStateStore open(Shared shared) {
        synchronized (shared) {
            return new InMemoryStateStore(shared, ++shared.epoch);
        }
    }

    /** A state of its own, empty. */
    public static InMemoryStateStore create() {
        return open(new Shared());
    }

    @Override
    public CompletionStage<SortedMap<String, byte[]>> load(String prefix) {
        synchronized (shared) {
            SortedMap<String, byte[]> found = new TreeMap<>();
            shared.values.tailMap(prefix).forEach((key, value) -> {
                if (key.startsWith(prefix)) {
                    found.put(key, value.clone());
                }
            });
            return CompletableFuture.completedFuture(found);
        }
    }

    @Override
    public CompletionStage<Void> write(List<Write> batch) {
        try {
            StateKeys.checkSize(batch);
        } catch (IllegalArgumentException e) {
            return CompletableFuture.failedFuture(e);
        }
        synchronized (shared) {
            if (shared.epoch != epoch) {
                return CompletableFuture.failedFuture(
                        new FencedException("epoch " + epoch + " is over, the state belongs to epoch " + shared.epoch));
            }
            for (Write write : batch) {
                if (write instanceof Write.Put put) {
                    shared.values.put(put.key(), put.value().clone());
                } else {
                    shared.values.remove(write.key());
                }
            }
        }
        return CompletableFuture.completedFuture(null);
    }

    @Override
    public void close() {
        // nothing is held
    }
}
