package io.paddock.batch.server.registry;

import com.fasterxml.jackson.databind.JsonNode;
import io.paddock.batch.core.BatchState;
import io.paddock.batch.core.Change;
import io.paddock.batch.server.json.StateJson;
import io.paddock.platform.json.Json;
import io.paddock.platform.zookeeper.StateStore;
import io.paddock.platform.zookeeper.StateStore.Write;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Reads the whole state once, then writes changes. */
public final class BatchRegistry implements AutoCloseable {
    private static final String JOBS = "jobs/";
    private static final String RUNS = "runs/";
    private static final String FINISHED = "finished/";
    private static final String FRAMEWORK = "framework/id";
    /** What a write takes up beside its key and value. */
    private static final int OVERHEAD_BYTES = 100;

    private final StateStore store;

    public BatchRegistry(StateStore store) {
        this.store = store;
    }

    /** Everything there is. Fails when something cannot be read, naming its key. */
    public CompletionStage<BatchState> load() {
        return store.load("").thenApply(values -> {
            BatchState state = new BatchState();
            values.forEach((key, value) -> change(key, value).ifPresent(state::apply));
            return state;
        });
    }

    /**
     * Writes steps, each all or nothing, in order; done when all are durable. Steps are packed into as few requests as their
     * size allows.
     */
    public CompletionStage<Void> write(List<List<Change>> steps) {
        CompletionStage<Void> done = CompletableFuture.completedFuture(null);
        List<Write> batch = new ArrayList<>();
        int bytes = 0;
        for (List<Change> step : steps) {
            List<Write> writes = new ArrayList<>();
            step.forEach(change -> writes.add(change.accept(new Encoder())));
            int more = writes.stream().mapToInt(BatchRegistry::size).sum();
            if (!batch.isEmpty() && bytes + more > StateStore.MAX_BATCH_BYTES) {
                done = done.thenCombine(store.write(lastOfEach(batch)), (a, b) -> null);
                batch = new ArrayList<>();
                bytes = 0;
            }
            batch.addAll(writes);
            bytes += more;
        }
        return done.thenCombine(store.write(lastOfEach(batch)), (a, b) -> null);
    }

    @Override
    public void close() {
        store.close();
    }

    /** Of several writes to one key in a batch only the last counts. */
    private static List<Write> lastOfEach(List<Write> writes) {
        Map<String, Write> byKey = new LinkedHashMap<>();
        for (Write write : writes) {
            byKey.remove(write.key());
            byKey.put(write.key(), write);
        }
        return List.copyOf(byKey.values());
    }

    private static int size(Write write) {
        int value = write instanceof Write.Put put ? put.value().length : 0;
        return write.key().length() + value + OVERHEAD_BYTES;
    }

    private static Optional<Change> change(String key, byte[] value) {
        if (key.equals(FRAMEWORK)) {
            return Optional.of(new Change.PutFramework(new String(value, StandardCharsets.UTF_8)));
        }
        Function<JsonNode, Change> decoder = decoder(key);
        if (decoder == null) {
            return Optional.empty();
        }
        try {
            return Optional.of(decoder.apply(Json.read(value, JsonNode.class)));
        } catch (RuntimeException e) {
            throw new IllegalStateException("Cannot read " + key + " from the store: " + e.getMessage(), e);
        }
    }

    private static @Nullable Function<JsonNode, Change> decoder(String key) {
        if (key.startsWith(JOBS)) {
            return node -> new Change.PutJob(StateJson.job(node));
        }
        if (key.startsWith(RUNS)) {
            return node -> new Change.PutRun(StateJson.run(node));
        }
        return key.startsWith(FINISHED) ? node -> new Change.PutFinished(StateJson.finished(node)) : null;
    }

    /** A change as a write. */
    private static final class Encoder implements Change.Handler<Write> {
        @Override
        public Write putJob(Change.PutJob change) {
            return StateStore.put(JOBS + change.job().id(), Json.bytes(StateJson.job(change.job())));
        }

        @Override
        public Write removeJob(Change.RemoveJob change) {
            return StateStore.delete(JOBS + change.jobId());
        }

        @Override
        public Write putRun(Change.PutRun change) {
            return StateStore.put(
                    RUNS + change.run().jobId() + ":" + change.run().id(), Json.bytes(StateJson.run(change.run())));
        }

        @Override
        public Write removeRun(Change.RemoveRun change) {
            return StateStore.delete(RUNS + change.jobId() + ":" + change.runId());
        }

        @Override
        public Write putFinished(Change.PutFinished change) {
            return StateStore.put(
                    FINISHED + change.run().jobId() + ":" + change.run().id(),
                    Json.bytes(StateJson.finished(change.run())));
        }

        @Override
        public Write removeFinished(Change.RemoveFinished change) {
            return StateStore.delete(FINISHED + change.jobId() + ":" + change.runId());
        }

        @Override
        public Write putFramework(Change.PutFramework change) {
            return StateStore.put(FRAMEWORK, change.frameworkId().getBytes(StandardCharsets.UTF_8));
        }
    }
}
