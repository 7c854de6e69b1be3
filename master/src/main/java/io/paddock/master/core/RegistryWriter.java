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
