package io.paddock.master.core;

import com.google.protobuf.ByteString;
import io.paddock.master.core.registry.Registry;
import io.paddock.master.core.registry.RegistryRecord;
import java.time.Instant;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.function.Consumer;

/**
 * Decide, persist, apply: takes decisions, asks for their writes, and applies them once they are confirmed.
 *
 * <p>Two registries: {@link #durable()} is what is surely in the store, {@link #decided()} also has what is being written.
 * Decisions look at the latter, everything told to others at the former.
 */
final class RegistryWriter {
    /** What fits into one request to ZooKeeper with a little room. */
    private static final int MAX_RECORD_BYTES = 800_000;

    private record InFlight(Map<String, Optional<ByteString>> writes, Consumer<Instant> then) {}

    private final Registry durable = new Registry();
    private final Registry decided = new Registry();
    private final Map<Long, InFlight> inFlight = new HashMap<>();
    private final Outbox outbox;
    private long lastTicket;

    RegistryWriter(Outbox outbox) {
        this.outbox = outbox;
    }

    void recover(SortedMap<String, ByteString> entries) {
        Map<String, Optional<ByteString>> writes = new LinkedHashMap<>();
        entries.forEach((key, value) -> writes.put(key, Optional.of(value)));
        durable.apply(writes);
        decided.apply(writes);
    }

    Registry durable() {
        return durable;
    }

    Registry decided() {
        return decided;
    }

    /** Whether a record is small enough to be written at once; one that an operator can make too large must be asked. */
    boolean fits(RegistryRecord record) {
        long bytes = 0;
        for (Map.Entry<String, Optional<ByteString>> write :
                record.writes(decided).entrySet()) {
            bytes += write.getKey().length()
                    + write.getValue().map(ByteString::size).orElse(0);
        }
        return bytes <= MAX_RECORD_BYTES;
    }

    /**
     * Writes a record.
     *
     * @param then what follows once it is durable and applied
     */
    void persist(RegistryRecord record, Consumer<Instant> then) {
        Map<String, Optional<ByteString>> writes = record.writes(decided);
        decided.apply(writes);
        long ticket = ++lastTicket;
        inFlight.put(ticket, new InFlight(writes, then));
        outbox.add(new MasterEffect.Persist(ticket, writes));
    }

    void persisted(Instant now, long ticket) {
        InFlight confirmed = inFlight.remove(ticket);
        if (confirmed == null) {
            throw new IllegalStateException("registry ticket " + ticket + " was confirmed but is not in flight");
        }
        durable.apply(confirmed.writes);
        confirmed.then.accept(now);
    }
}
