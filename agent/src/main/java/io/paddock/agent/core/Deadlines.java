package io.paddock.agent.core;

import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.PriorityQueue;
import org.jspecify.annotations.Nullable;

/**
 * All pending deadlines behind the one timer the shell offers. Setting, cancelling and taking cost O(log n); a replaced or
 * cancelled entry stays in the queue until its time and is then skipped.
 */
final class Deadlines {
    private record Entry(Instant time, long order, Deadline what) implements Comparable<Entry> {
        @Override
        public int compareTo(Entry o) {
            int c = time.compareTo(o.time);
            return c != 0 ? c : Long.compare(order, o.order);
        }
    }

    private final PriorityQueue<Entry> queue = new PriorityQueue<>();
    private final Map<Deadline, Entry> pending = new HashMap<>();
    private long order;
    private @Nullable Instant wakeRequested;

    /** Replaces a pending deadline of the same kind and subject. */
    void set(Deadline what, Instant time) {
        Entry entry = new Entry(time, order++, what);
        pending.put(what, entry);
        queue.add(entry);
    }

    boolean isSet(Deadline what) {
        return pending.containsKey(what);
    }

    void cancel(Deadline what) {
        pending.remove(what);
    }

    /** Takes out the earliest deadline that is due; null when none is. */
    @Nullable
    Deadline takeDue(Instant now) {
        Entry first = first();
        if (first == null || first.time().isAfter(now)) {
            return null;
        }
        queue.remove();
        pending.remove(first.what());
        return first.what();
    }

    /** The wake-up asked for is over. */
    void woken() {
        wakeRequested = null;
    }

    /** When to be woken, if that is earlier than what was asked for already; null when nothing need be asked. */
    @Nullable
    Instant wakeToRequest() {
        Entry first = first();
        if (first == null || (wakeRequested != null && !first.time().isBefore(wakeRequested))) {
            return null;
        }
        wakeRequested = first.time();
        return wakeRequested;
    }

    private @Nullable Entry first() {
        Entry first = queue.peek();
        while (first != null && pending.get(first.what()) != first) {
            queue.remove();
            first = queue.peek();
        }
        return first;
    }
}
