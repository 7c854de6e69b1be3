package io.paddock.common.resources;

import io.paddock.common.Roles;
import java.util.Collections;
import java.util.Iterator;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * A bag of resources: amounts by key. Immutable, iterated in key order, holds no empty amounts; two bags with the same
 * content are equal.
 */
public final class Resources {
    public static final Resources EMPTY = new Resources(new TreeMap<>());

    private final SortedMap<ResourceKey, Quantity> amounts;

    private Resources(SortedMap<ResourceKey, Quantity> amounts) {
        this.amounts = amounts;
    }

    public static Resources of(Map<ResourceKey, Quantity> amounts) {
        Builder builder = new Builder();
        amounts.forEach(builder::add);
        return builder.build();
    }

    public static Resources of(ResourceKey key, Quantity quantity) {
        return new Builder().add(key, quantity).build();
    }

    /** An unreserved scalar, such as {@code scalar("cpus", 0.5)}. */
    public static Resources scalar(String name, double value) {
        return of(ResourceKey.of(name), Quantity.Scalar.of(value));
    }

    /**
     * Reads the text form {@code cpus:8;mem:1024;ports:[31000-32000];bugs(role):{a,b}}.
     *
     * @throws IllegalArgumentException naming the part that does not fit
     */
    public static Resources parse(String text) {
        return ResourceText.parse(text);
    }

    public SortedMap<ResourceKey, Quantity> amounts() {
        return Collections.unmodifiableSortedMap(amounts);
    }

    public boolean isEmpty() {
        return amounts.isEmpty();
    }

    /**
     * The sum, key by key.
     *
     * @throws IllegalArgumentException naming a resource that is of one type here and of another there
     */
    public Resources plus(Resources other) {
        return combine(other, Resources::sum, true);
    }

    private static Quantity sum(ResourceKey key, Quantity one, Quantity other) {
        if (one.getClass() != other.getClass()) {
            throw new IllegalArgumentException(key.name()
                    + ": expected amounts of one type (scalar, ranges or set), got " + one + " and " + other);
        }
        return one.plus(other);
    }

    /** What is left after taking {@code other} away; what is not here, or of another type here, is ignored. */
    public Resources minus(Resources other) {
        return combine(other, (key, mine, less) -> mine.getClass() == less.getClass() ? mine.minus(less) : mine, false);
    }

    private interface Combination {
        Quantity of(ResourceKey key, Quantity mine, Quantity other);
    }

    private Resources combine(Resources other, Combination operation, boolean addMissing) {
        if (other.isEmpty()) {
            return this;
        }
        TreeMap<ResourceKey, Quantity> result = new TreeMap<>(amounts);
        other.amounts.forEach((key, quantity) -> {
            Quantity mine = result.get(key);
            if (mine != null) {
                Quantity combined = operation.of(key, mine, quantity);
                if (combined.isEmpty()) {
                    result.remove(key);
                } else {
                    result.put(key, combined);
                }
            } else if (addMissing) {
                result.put(key, quantity);
            }
        });
        return result.isEmpty() ? EMPTY : new Resources(result);
    }

    /**
     * Whether all of {@code other} is in here, key by key and of the same type; what is indivisible only with its whole amount, unless it is shared:
     * then a sum may hold it several times.
     */
    public boolean contains(Resources other) {
        for (Map.Entry<ResourceKey, Quantity> e : other.amounts.entrySet()) {
            Quantity mine = amounts.get(e.getKey());
            if (mine == null
                    || mine.getClass() != e.getValue().getClass()
                    || !mine.contains(e.getValue())
                    || (e.getKey().isIndivisible() && !e.getKey().shared() && !mine.equals(e.getValue()))) {
                return false;
            }
        }
        return true;
    }

    public Resources filter(Predicate<ResourceKey> keep) {
        Builder builder = new Builder();
        amounts.forEach((key, quantity) -> {
            if (keep.test(key)) {
                builder.add(key, quantity);
            }
        });
        return builder.build();
    }

    /** Changes every key; amounts whose keys become equal are added up. */
    public Resources mapKeys(UnaryOperator<ResourceKey> change) {
        Builder builder = new Builder();
        amounts.forEach((key, quantity) -> builder.add(change.apply(key), quantity));
        return builder.build();
    }

    /** The same amounts, allocated to a role. */
    public Resources allocatedTo(String role) {
        return mapKeys(key -> key.withAllocationRole(role));
    }

    /** The same amounts without an allocation. */
    public Resources unallocated() {
        return mapKeys(key -> key.withAllocationRole(null));
    }

    public Resources unreserved() {
        return filter(key -> key.reservations().isEmpty());
    }

    /** What several may use at once. */
    public Resources shared() {
        return filter(ResourceKey::shared);
    }

    public Resources reserved() {
        return filter(key -> !key.reservations().isEmpty());
    }

    /** What a role may be offered: unreserved, reserved to it, or reserved to a role above it. */
    public Resources allocatableTo(String role) {
        return filter(key -> key.reservations().isEmpty()
                || key.reservedTo().equals(role)
                || Roles.isAncestor(key.reservedTo(), role));
    }

    /** The sum of a scalar over all keys of that name, in thousandths; 0 when there is none. */
    public long thousandths(String name) {
        long sum = 0;
        for (Map.Entry<ResourceKey, Quantity> e : amounts.entrySet()) {
            if (e.getKey().name().equals(name) && e.getValue() instanceof Quantity.Scalar scalar) {
                sum += scalar.thousandths();
            }
        }
        return sum;
    }

    /** The sum of a scalar over all keys of that name. */
    public double scalar(String name) {
        return thousandths(name) / 1000.0;
    }

    /** All numbers of that name over all keys. */
    public Ranges ranges(String name) {
        Ranges all = Ranges.EMPTY;
        for (Map.Entry<ResourceKey, Quantity> e : amounts.entrySet()) {
            if (e.getKey().name().equals(name) && e.getValue() instanceof Ranges ranges) {
                all = all.plus(ranges);
            }
        }
        return all;
    }

    public @Nullable Quantity get(ResourceKey key) {
        return amounts.get(key);
    }

    @Override
    public boolean equals(@Nullable Object o) {
        if (!(o instanceof Resources other) || amounts.size() != other.amounts.size()) {
            return false;
        }
        // Both are in key order, so that no key has to be looked up.
        Iterator<Map.Entry<ResourceKey, Quantity>> others =
                other.amounts.entrySet().iterator();
        for (Map.Entry<ResourceKey, Quantity> mine : amounts.entrySet()) {
            if (!mine.equals(others.next())) {
                return false;
            }
        }
        return true;
    }

    @Override
    public int hashCode() {
        return amounts.hashCode();
    }

    /** The text form; reserved amounts show the role they are reserved to. */
    @Override
    public String toString() {
        return ResourceText.format(this);
    }

    /** Collects amounts; adds up what has the same key. Not thread safe. */
    public static final class Builder {
        private final TreeMap<ResourceKey, Quantity> amounts = new TreeMap<>();

        /**
         * Adds to what there is of that key.
         *
         * @throws IllegalArgumentException naming the resource if that is of another type
         */
        public Builder add(ResourceKey key, Quantity quantity) {
            if (!quantity.isEmpty()) {
                amounts.merge(key, quantity, (mine, more) -> sum(key, mine, more));
            }
            return this;
        }

        public Builder add(Resources resources) {
            resources.amounts.forEach(this::add);
            return this;
        }

        public Resources build() {
            return amounts.isEmpty() ? EMPTY : new Resources(new TreeMap<>(amounts));
        }
    }
}
