package io.paddock.master.core.allocator;

import java.time.Instant;
import java.util.Arrays;

/** A binary heap of indexes by deadline, one deadline an index; setting, moving and removing cost O(log n). */
final class Deadlines {
    static final long NEVER = Long.MAX_VALUE;

    private static final long NANOS_PER_SECOND = 1_000_000_000L;

    private int[] heap = new int[16];
    private long[] due = new long[16];
    private int[] places = new int[16];
    private int size;

    /** The earliest deadline, or {@link #NEVER}. */
    long earliest() {
        return size == 0 ? NEVER : due[heap[0]];
    }

    /** Whose it is; only when {@link #earliest} is not NEVER. */
    int first() {
        return heap[0];
    }

    /** The deadline of an index, or {@link #NEVER}. */
    long of(int index) {
        return index < places.length && places[index] > 0 ? due[index] : NEVER;
    }

    /** Sets or moves a deadline; NEVER removes it. */
    void set(int index, long deadline) {
        if (index >= places.length) {
            int capacity = Math.max(index + 1, places.length * 2);
            places = Arrays.copyOf(places, capacity);
            due = Arrays.copyOf(due, capacity);
        }
        int place = places[index] - 1;
        if (deadline == NEVER) {
            if (place >= 0) {
                remove(place);
            }
            return;
        }
        if (place < 0) {
            if (size == heap.length) {
                heap = Arrays.copyOf(heap, size * 2);
            }
            place = size++;
        }
        due[index] = deadline;
        put(place, index);
        settle(place);
    }

    private void remove(int place) {
        places[heap[place]] = 0;
        int last = heap[--size];
        if (place < size) {
            put(place, last);
            settle(place);
        }
    }

    private void put(int place, int index) {
        heap[place] = index;
        places[index] = place + 1;
    }

    private void settle(int place) {
        int index = heap[place];
        while (place > 0 && due[index] < due[heap[(place - 1) / 2]]) {
            put(place, heap[(place - 1) / 2]);
            place = (place - 1) / 2;
        }
        for (int child = 2 * place + 1; child < size; child = 2 * place + 1) {
            if (child + 1 < size && due[heap[child + 1]] < due[heap[child]]) {
                child++;
            }
            if (due[heap[child]] >= due[index]) {
                break;
            }
            put(place, heap[child]);
            place = child;
        }
        put(place, index);
    }

    /** The time that many nanoseconds after the epoch. */
    static Instant instant(long nanos) {
        return Instant.ofEpochSecond(nanos / NANOS_PER_SECOND, nanos % NANOS_PER_SECOND);
    }

    /** Nanoseconds since the epoch; what lies beyond the year 2262 counts as for ever. */
    static long nanos(Instant time) {
        return time.getEpochSecond() >= NEVER / NANOS_PER_SECOND - 1
                ? NEVER - 1
                : time.getEpochSecond() * NANOS_PER_SECOND + time.getNano();
    }
}
