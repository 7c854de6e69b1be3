package io.paddock.marathon.server;

import io.paddock.marathon.core.Fact;
import io.paddock.marathon.server.json.FactCodec;
import io.paddock.platform.zookeeper.StateStore;
import io.paddock.platform.zookeeper.StateStore.Write;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * Facts in a {@link StateStore}. What is changed several times in one batch is written once, as it is in the end. A batch
 * too long for the store is written in several; nobody sees an effect of it before all are written.
 */
final class FactStore {
    private final StateStore store;

    FactStore(StateStore store) {
        this.store = store;
    }

    /** Everything stored. */
    CompletionStage<List<Fact>> load() {
        return store.load("").thenApply(values -> {
            List<Fact> facts = new ArrayList<>();
            values.forEach((key, value) -> facts.add(FactCodec.decode(key, value)));
            return facts;
        });
    }

    /** Makes facts durable, in order. */
    CompletionStage<Void> write(List<Fact> facts) {
        Map<String, Write> last = new LinkedHashMap<>();
        for (Fact fact : facts) {
            for (String key : fact.keys()) {
                last.remove(key);
                last.put(key, fact.takesAway() ? StateStore.delete(key) : StateStore.put(key, FactCodec.encode(fact)));
            }
        }
        CompletionStage<Void> written = CompletableFuture.completedStage(null);
        List<Write> batch = new ArrayList<>();
        long bytes = 0;
        for (Write write : last.values()) {
            long size = size(write);
            if (!batch.isEmpty() && bytes + size > StateStore.MAX_BATCH_BYTES / 2) {
                List<Write> full = batch;
                written = written.thenCompose(done -> store.write(full));
                batch = new ArrayList<>();
                bytes = 0;
            }
            batch.add(write);
            bytes += size;
        }
        List<Write> rest = batch;
        return rest.isEmpty() ? written : written.thenCompose(done -> store.write(rest));
    }

    private static long size(Write write) {
        long value = write instanceof Write.Put put ? put.value().length : 0;
        return value + 3L * write.key().length() + 100;
    }
}
