package io.paddock.common.resources;

import java.util.Collection;
import java.util.Collections;
import java.util.SortedSet;
import java.util.TreeSet;

/** A set of names; sorted, immutable. */
public record Names(SortedSet<String> items) implements Quantity {
    public Names {
        items = Collections.unmodifiableSortedSet(new TreeSet<>(items));
    }

    public static Names of(Collection<String> items) {
        return new Names(new TreeSet<>(items));
    }

    @Override
    public Names plus(Quantity other) {
        TreeSet<String> all = new TreeSet<>(items);
        all.addAll(((Names) other).items);
        return new Names(all);
    }

    @Override
    public Names minus(Quantity other) {
        TreeSet<String> rest = new TreeSet<>(items);
        rest.removeAll(((Names) other).items);
        return new Names(rest);
    }

    @Override
    public boolean contains(Quantity other) {
        return items.containsAll(((Names) other).items);
    }

    @Override
    public boolean isEmpty() {
        return items.isEmpty();
    }

    @Override
    public String toString() {
        return "{" + String.join(", ", items) + "}";
    }
}
