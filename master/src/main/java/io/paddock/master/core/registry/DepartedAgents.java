package io.paddock.master.core.registry;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** The agents of one standing, unreachable or gone, and since when. Kept with every write, so that nobody looks through all agents. */
public final class DepartedAgents {
    private record Departure(Instant since, String agentId) implements Comparable<Departure> {
        @Override
        public int compareTo(Departure other) {
            int bySince = since.compareTo(other.since);
            return bySince != 0 ? bySince : agentId.compareTo(other.agentId);
        }
    }

    private final TreeMap<String, Instant> byId = new TreeMap<>();
    private final TreeSet<Departure> oldestFirst = new TreeSet<>();
    private @Nullable SortedMap<String, Instant> view;

    void put(String agentId, Instant since) {
        remove(agentId);
        byId.put(agentId, since);
        oldestFirst.add(new Departure(since, agentId));
        view = null;
    }

    void remove(String agentId) {
        Instant since = byId.remove(agentId);
        if (since != null) {
            oldestFirst.remove(new Departure(since, agentId));
            view = null;
        }
    }

    /** By id; immutable, the same until something changes. */
    public SortedMap<String, Instant> view() {
        SortedMap<String, Instant> current = view;
        if (current == null) {
            current = Collections.unmodifiableSortedMap(new TreeMap<>(byId));
            view = current;
        }
        return current;
    }

    /** Those that departed before an instant, and the oldest of the others that are more than a number; oldest first. */
    public List<String> surplus(Instant before, int mostKept) {
        List<String> surplus = new ArrayList<>();
        Iterator<Departure> next = oldestFirst.iterator();
        while (next.hasNext()) {
            Departure oldest = next.next();
            if (byId.size() - surplus.size() <= mostKept && !oldest.since.isBefore(before)) {
                break;
            }
            surplus.add(oldest.agentId);
        }
        return surplus;
    }
}
