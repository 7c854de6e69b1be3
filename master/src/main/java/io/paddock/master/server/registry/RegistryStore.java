package io.paddock.master.server.registry;

import com.google.protobuf.ByteString;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.paddock.platform.metrics.Timings;
import io.paddock.platform.zookeeper.StateStore;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
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
    private final Map<String, Integer> sizes = new HashMap<>(); // guarded by this
    private long bytes; // guarded by this
    private volatile boolean loaded;
    private final Timings fetching;
    private final Timings storing;

    /** @param meters where {@code registrar/…} appears */
    public RegistryStore(StateStore store, MeterRegistry meters) {
        this.store = store;
        this.fetching = new Timings(meters, "registrar/state_fetch");
        this.storing = new Timings(meters, "registrar/state_store");
        Gauge.builder("registrar/queued_operations", this, RegistryStore::queued)
                .register(meters);
        Gauge.builder("registrar/registry_size_bytes", this, RegistryStore::size)
                .register(meters);
        Gauge.builder("registrar/log/recovered", this, RegistryStore::recovered).register(meters);
    }

    private double recovered() {
        return loaded ? 1 : 0;
    }

    private synchronized double queued() {
        return waiting.size();
    }

    private synchronized double size() {
        return bytes;
    }

    /** Everything that was ever written and not deleted. */
    public CompletionStage<SortedMap<String, ByteString>> load() {
        long began = System.nanoTime();
        return store.load("").thenApply(values -> {
            fetching.record(System.nanoTime() - began);
            SortedMap<String, ByteString> entries = new TreeMap<>();
            loaded = true;
            values.forEach((key, value) -> {
                entries.put(key, ByteString.copyFrom(value));
                resized(key, value.length);
            });
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
        long size = 0;
        for (Map.Entry<String, Optional<ByteString>> change : changes.entrySet()) {
            byte[] value = change.getValue().map(ByteString::toByteArray).orElse(null);
            writes.add(value == null ? StateStore.delete(change.getKey()) : StateStore.put(change.getKey(), value));
            size += change.getKey().length() + (value == null ? 0 : value.length);
            resized(change.getKey(), value == null ? -1 : value.length);
        }
        CompletableFuture<Void> done = new CompletableFuture<>();
        synchronized (this) {
            waiting.add(new Waiting(writes, size, done));
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
        long began = System.nanoTime();
        store.write(List.copyOf(lastOfKey.values())).whenComplete((ok, failure) -> {
            storing.record(System.nanoTime() - began);
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

    /** A key's value has this many bytes now; -1 when it is gone. */
    private synchronized void resized(String key, int size) {
        Integer before = size < 0 ? sizes.remove(key) : sizes.put(key, size);
        bytes += (size < 0 ? 0 : key.length() + size) - (before == null ? 0 : key.length() + before);
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
