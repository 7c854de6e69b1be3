package io.paddock.master.core.allocator;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A place in the share tree: a role, the frameworks of a role (named {@code .}), or one framework in a role. Keeps its
 * active children sorted by who comes first.
 *
 * <p>Invariant while the {@link ShareTree} is sorted: {@code children[0..size)} are exactly the children with an active
 * client below them, in ascending order of (weighted share, number of allocations so far, name).
 */
final class Node {
    final String name;
    final @Nullable Node parent;
    /** The id of the client this stands for, -1 for an inner node. */
    final int client;

    double weight = 1;
    long[] allocated = new long[4];
    /** Dominant share before the weight. */
    double share;

    private double weightedShare;
    private long allocations;
    private int activeClients;
    private Node[] children = {};
    private int size;

    Node(String name, @Nullable Node parent, int client) {
        this.name = name;
        this.parent = parent;
        this.client = client;
    }

    int size() {
        return size;
    }

    /** The child that comes i-th. */
    Node child(int i) {
        return children[i];
    }

    boolean isListed() {
        return activeClients > 0;
    }

    private int compare(Node other) {
        if (weightedShare != other.weightedShare) {
            return weightedShare < other.weightedShare ? -1 : 1;
        }
        if (allocations != other.allocations) {
            return allocations < other.allocations ? -1 : 1;
        }
        return this == other ? 0 : name.compareTo(other.name);
    }

    void add(long[] amounts, int sign) {
        allocated = Quantities.add(allocated, amounts, sign);
        if (sign > 0) {
            allocations++;
        }
    }

    void computeShare(long[] total, Bits excluded) {
        double largest = 0;
        for (int i = 0; i < allocated.length; i++) {
            if (allocated[i] != 0 && Quantities.at(total, i) > 0 && !excluded.get(i)) {
                largest = Math.max(largest, (double) allocated[i] / total[i]);
            }
        }
        share = largest;
        weightedShare = largest / weight;
    }

    /** Sorts everything below anew. */
    void sort(long[] total, Bits excluded) {
        for (int i = 0; i < size; i++) {
            children[i].computeShare(total, excluded);
            children[i].sort(total, excluded);
        }
        Arrays.sort(children, 0, size, Node::compare);
    }

    /** Counts an active client more or less below this; answers whether this has to be listed anew or struck off. */
    boolean activeClientsChanged(int change) {
        boolean before = isListed();
        activeClients += change;
        return before != isListed();
    }

    void list(Node child) {
        if (size == children.length) {
            children = Arrays.copyOf(children, Math.max(4, size * 2));
        }
        int at = search(child, 0, size);
        System.arraycopy(children, at, children, at + 1, size - at);
        children[at] = child;
        size++;
    }

    void strike(Node child) {
        int at = 0;
        while (children[at] != child) {
            at++;
        }
        System.arraycopy(children, at + 1, children, at, size - at - 1);
        children[--size] = this;
    }

    /** Where a listed child stands; only while the tree is sorted. */
    int placeOf(Node child) {
        int place = search(child, 0, size) - 1;
        if (place < 0 || children[place] != child) {
            throw new IllegalStateException(child.name + " is not in its place below " + name);
        }
        return place;
    }

    /** Moves the child from its old place to the one its new share asks for. */
    void move(Node child, int from) {
        if (from + 1 < size && children[from + 1].compare(child) < 0) {
            int to = search(child, from + 1, size) - 1;
            System.arraycopy(children, from + 1, children, from, to - from);
            children[to] = child;
        } else if (from > 0 && child.compare(children[from - 1]) < 0) {
            int to = search(child, 0, from);
            System.arraycopy(children, to, children, to + 1, from - to);
            children[to] = child;
        }
    }

    /** The first place in [low, high) whose child comes after this one. */
    private int search(Node child, int low, int high) {
        int a = low;
        int b = high;
        while (a < b) {
            int middle = (a + b) >>> 1;
            if (child.compare(children[middle]) < 0) {
                b = middle;
            } else {
                a = middle + 1;
            }
        }
        return a;
    }
}
