package io.paddock.master.core.allocator;

import java.util.Arrays;

/** A set of dense indexes: add, remove and membership in constant time, listed without a scan over the absent ones. */
final class IndexSet {
    private int[] members = new int[16];
    private int[] places = new int[16];
    private int size;

    int size() {
        return size;
    }

    /** The i-th member, in no particular order. */
    int member(int i) {
        return members[i];
    }

    boolean contains(int index) {
        return index < places.length && places[index] != 0;
    }

    void add(int index) {
        if (contains(index)) {
            return;
        }
        if (index >= places.length) {
            places = Arrays.copyOf(places, Math.max(index + 1, places.length * 2));
        }
        if (size == members.length) {
            members = Arrays.copyOf(members, size * 2);
        }
        members[size++] = index;
        places[index] = size;
    }

    void remove(int index) {
        if (!contains(index)) {
            return;
        }
        int hole = places[index] - 1;
        int last = members[--size];
        members[hole] = last;
        places[last] = hole + 1;
        places[index] = 0;
    }

    void clear() {
        for (int i = 0; i < size; i++) {
            places[members[i]] = 0;
        }
        size = 0;
    }
}
