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
    /** Why something has to be looked at. */
    enum Kind {
        /** A failing app may be launched again. */
        DELAY_OVER,
        /** A launched instance should have come further by now. */
        LAUNCH_OVERDUE,
        /** A kill should have had its effect by now. */
        KILL_RETRY,
        /** An instance on a lost agent is replaced. */
        INACTIVE,
        /** An instance on a lost agent is given up. */
        EXPUNGE,
        HEALTH_CHECK,
        READINESS_CHECK,
        /** Offers are asked for again. */
        REVIVE,
        /** Tasks the master has not answered for are asked for again. */
        RECONCILE_REST,
        /** All tasks are asked for again. */
        RECONCILE_ALL,
        /** An app with many instances is looked at again. */
        SETTLE
    }

    /**
     * One of them.
     *
     * @param subject the instance or app it is about; empty when it is about everything
     * @param index of the check, where it is about one
     */
    record Key(Kind kind, String subject, int index) {
        static Key of(Kind kind) {
            return new Key(kind, "", 0);
        }

        static Key of(Kind kind, String subject) {
            return new Key(kind, subject, 0);
        }
    }

    private final TreeMap<Instant, Set<Key>> byTime = new TreeMap<>();
    private final Map<Key, Instant> byKey = new HashMap<>();

    /** Sets or moves one. */
    void set(Key key, Instant at) {
        cancel(key);
        byKey.put(key, at);
        byTime.computeIfAbsent(at, t -> new LinkedHashSet<>()).add(key);
    }

    /** Sets one unless it is set for earlier. */
    void setAtLatest(Key key, Instant at) {
        Instant known = byKey.get(key);
        if (known == null || known.isAfter(at)) {
            set(key, at);
        }
    }

    boolean isSet(Key key) {
        return byKey.containsKey(key);
    }

    void cancel(Key key) {
        Instant at = byKey.remove(key);
        if (at != null) {
            Set<Key> keys = byTime.get(at);
            keys.remove(key);
            if (keys.isEmpty()) {
                byTime.remove(at);
            }
        }
    }

    /** Takes out what is due. */
    List<Key> due(Instant now) {
        List<Key> due = new ArrayList<>();
        while (!byTime.isEmpty() && !byTime.firstKey().isAfter(now)) {
            Set<Key> keys = byTime.pollFirstEntry().getValue();
            due.addAll(keys);
            keys.forEach(byKey::remove);
        }
        return due;
    }

    Optional<Instant> next() {
        return byTime.isEmpty() ? Optional.empty() : Optional.of(byTime.firstKey());
    }
}
