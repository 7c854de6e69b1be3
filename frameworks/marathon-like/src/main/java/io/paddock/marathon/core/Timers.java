package io.paddock.marathon.core;

import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/** What has to be looked at again, and when. Deterministic: what is due at the same time comes in the order it was set. */
final class Timers {
    private final TreeMap<Instant, Set<TimerKey>> byTime = new TreeMap<>();
    private final Map<TimerKey, Instant> byKey = new HashMap<>();

    /** Sets or moves one. */
    void set(TimerKey key, Instant at) {
        cancel(key);
        byKey.put(key, at);
        byTime.computeIfAbsent(at, t -> new LinkedHashSet<>()).add(key);
    }

    /** Sets one unless it is set for earlier. */
    void setAtLatest(TimerKey key, Instant at) {
        Instant known = byKey.get(key);
        if (known == null || known.isAfter(at)) {
            set(key, at);
        }
    }

    boolean isSet(TimerKey key) {
        return byKey.containsKey(key);
    }

    void cancel(TimerKey key) {
        Instant at = byKey.remove(key);
        if (at != null) {
            Set<TimerKey> keys = byTime.get(at);
            keys.remove(key);
            if (keys.isEmpty()) {
                byTime.remove(at);
            }
        }
    }

    /** Takes out what is due. */
    List<TimerKey> due(Instant now) {
        List<TimerKey> due = new ArrayList<>();
        while (!byTime.isEmpty() && !byTime.firstKey().isAfter(now)) {
            Set<TimerKey> keys = byTime.pollFirstEntry().getValue();
            due.addAll(keys);
            keys.forEach(byKey::remove);
        }
        return due;
    }

    Optional<Instant> next() {
        return byTime.isEmpty() ? Optional.empty() : Optional.of(byTime.firstKey());
    }
}
