package io.paddock.batch.core;

import java.time.Instant;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** What is due when. */
final class Agenda {
    /** What an entry is about; the id is a job's or a run's, by the kind. */
    record Due(Kind kind, String id) {
        enum Kind {
            /** A schedule fires. */
            FIRE,
            /** A run should have a task running by now. */
            DEADLINE,
            /** The pause before the next try of a run is over. */
            RETRY,
            /** A stopped run's task should be gone by now. */
            KILL_AGAIN,
            /** An offer should have come by now. */
            REVIVE_AGAIN,
            /** Tasks that nothing was heard of are asked for again. */
            RECONCILE
        }
    }

    private final TreeMap<Instant, LinkedHashSet<Due>> byTime = new TreeMap<>();
    private final Map<Due, Instant> times = new HashMap<>();

    void put(Due.Kind kind, String id, Instant at) {
        Due due = new Due(kind, id);
        remove(due);
        times.put(due, at);
        byTime.computeIfAbsent(at, t -> new LinkedHashSet<>()).add(due);
    }

    void remove(Due.Kind kind, String id) {
        remove(new Due(kind, id));
    }

    @Nullable
    Instant at(Due.Kind kind, String id) {
        return times.get(new Due(kind, id));
    }

    /** An entry that is due, with the time it was put down for. */
    record Entry(Due due, Instant at) {}

    /** Takes the first entry that is due. */
    Optional<Entry> poll(Instant now) {
        if (byTime.isEmpty() || byTime.firstKey().isAfter(now)) {
            return Optional.empty();
        }
        Instant at = byTime.firstKey();
        Due due = byTime.firstEntry().getValue().iterator().next();
        remove(due);
        return Optional.of(new Entry(due, at));
    }

    /** When the next entry is due. */
    Optional<Instant> next() {
        return byTime.isEmpty() ? Optional.empty() : Optional.of(byTime.firstKey());
    }

    private void remove(Due due) {
        Instant at = times.remove(due);
        if (at != null) {
            LinkedHashSet<Due> same = byTime.get(at);
            same.remove(due);
            if (same.isEmpty()) {
                byTime.remove(at);
            }
        }
    }
}
