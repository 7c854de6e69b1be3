package io.paddock.simulation;

import com.google.protobuf.ByteString;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Consumer;

/** What ZooKeeper is to the masters: durable entries, atomic batches, fenced by the epoch of the leader. */
final class RegistryStore {
    private final World world;
    private final TreeMap<String, ByteString> entries = new TreeMap<>();
    private Instant lastCommit = Instant.EPOCH;
    private long epoch;

    RegistryStore(World world) {
        this.world = world;
    }

    /** A new leader: from now on the writes of those before fail. */
    long nextEpoch() {
        return ++epoch;
    }

    SortedMap<String, ByteString> read() {
        return new TreeMap<>(entries);
    }

    boolean has(String key) {
        return entries.containsKey(key);
    }

    /** Batches are committed in the order they were handed in. The outcome is told a little after the commit. */
    void write(long writerEpoch, Map<String, Optional<ByteString>> writes, Consumer<Boolean> outcome) {
        Instant commit = world.now().plus(world.between(1, 40));
        lastCommit = commit.isAfter(lastCommit) ? commit : lastCommit;
        world.after(Duration.between(world.now(), lastCommit), () -> {
            boolean leading = writerEpoch == epoch;
            if (leading) {
                writes.forEach(
                        (key, value) -> value.ifPresentOrElse(v -> entries.put(key, v), () -> entries.remove(key)));
            }
            world.after(world.between(1, 10), () -> outcome.accept(leading));
        });
    }
}
