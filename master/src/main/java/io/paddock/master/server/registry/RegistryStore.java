package io.paddock.master.server.registry;

import com.google.protobuf.ByteString;
import io.paddock.platform.zookeeper.StateStore;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * The registry in a state store. While one batch is being written the following changes are collected and go together in
 * the next, so that a thousand agents that register at once cost a few writes.
 */
public final class RegistryStore implements AutoCloseable {
    private record Waiting(List<StateStore.Write> writes, long bytes, CompletableFuture<Void> done) {}

    private final StateStore store;
    private final Deque<Waiting> waiting = new ArrayDeque<>(); // guarded by this
    private boolean writing; // guarded by this

    public RegistryStore(StateStore store) {
        this.store = store;
    }

    /** Everything that was ever written and not deleted. */
    public CompletionStage<SortedMap<String, ByteString>> load() {
        return store.load("").thenApply(values -> {
            SortedMap<String, ByteString> entries = new TreeMap<>();
            values.forEach((key, value) -> entries.put(key, ByteString.copyFrom(value)));
            return entries;
        });
    }

    /**
     * Writes a change, in order with all others.
     *
     * @return completes when it is durable; with an exception when it is not, or when nobody can say
     */
    public CompletionStage<Void> write(Map<String, Optional<ByteString>> changes) {
        List<StateStore.Write> writes = new ArrayList<>(changes.size());
        long bytes = 0;
        for (Map.Entry<String, Optional<ByteString>> change : changes.entrySet()) {
            byte[] value = change.getValue().map(ByteString::toByteArray).orElse(null);
            writes.add(value == null ? StateStore.delete(change.getKey()) : StateStore.put(change.getKey(), value));
            bytes += change.getKey().length() + (value == null ? 0 : value.length);
        }
        CompletableFuture<Void> done = new CompletableFuture<>();
        synchronized (this) {
            waiting.add(new Waiting(writes, bytes, done));
        }
        writeNext();
        return done;
    }

    private void writeNext() {
        List<Waiting> batch;
        synchronized (this) {
            if (writing || waiting.isEmpty()) {
                return;
            }
            writing = true;
            batch = takeBatch();
        }
        Map<String, StateStore.Write> lastOfKey = new LinkedHashMap<>();
        batch.forEach(change -> change.writes().forEach(write -> lastOfKey.put(write.key(), write)));
        store.write(List.copyOf(lastOfKey.values())).whenComplete((ok, failure) -> {
            synchronized (this) {
                writing = false;
            }
            batch.forEach(change -> {
                if (failure == null) {
                    change.done().complete(null);
                } else {
                    change.done().completeExceptionally(failure);
                }
            });
            writeNext();
        });
    }

    /** As many changes as fit well within one request, at least one. */
    private List<Waiting> takeBatch() {
        List<Waiting> batch = new ArrayList<>();
        long bytes = 0;
        while (!waiting.isEmpty()
                && (batch.isEmpty() || bytes + waiting.element().bytes() < StateStore.MAX_BATCH_BYTES / 2)) {
            Waiting next = waiting.remove();
            bytes += next.bytes();
            batch.add(next);
        }
        return batch;
    }

    @Override
    public void close() {
        store.close();
    }
}
