package io.paddock.master.core.allocator;

import io.paddock.common.resources.Resources;
import org.jspecify.annotations.Nullable;

/**
 * Resources as the allocator counts them: what can be divided at will (unreserved, non-revocable scalars of the agent
 * itself) as an array, and all the rest (ports, reservations, volumes, revocable) as it came. Immutable; forms derived from
 * it are computed once.
 */
final class Bag {
    static final Bag EMPTY = new Bag(Quantities.NONE, Resources.EMPTY);

    private final long[] scalars;
    private final Resources rest;
    private @Nullable Resources resources;
    private long @Nullable [] quantities;
    private long @Nullable [] apart;
    private @Nullable Boolean special;
    private @Nullable Bag exclusive;

    Bag(long[] scalars, Resources rest) {
        this.scalars = scalars;
        this.rest = rest;
    }

    /** The divisible part; not to be changed. */
    long[] scalars() {
        return scalars;
    }

    Resources rest() {
        return rest;
    }

    boolean isEmpty() {
        return rest.isEmpty() && Quantities.isEmpty(scalars);
    }

    Bag plus(Bag other) {
        if (other.isEmpty()) {
            return this;
        }
        return isEmpty() ? other : new Bag(Quantities.plus(scalars, other.scalars), rest.plus(other.rest));
    }

    /** What {@code other} has too much of is ignored. */
    Bag minus(Bag other) {
        if (other == this) {
            return EMPTY;
        }
        Resources left = other.rest == rest ? Resources.EMPTY : rest.minus(other.rest);
        return new Bag(Quantities.minus(scalars, other.scalars), left);
    }

    boolean contains(Bag other) {
        return this == other
                || (Quantities.contains(scalars, other.scalars) && (rest == other.rest || rest.contains(other.rest)));
    }

    /** Whether some of it is not for everybody: reserved, revocable or shared. */
    boolean isSpecial() {
        if (special == null) {
            special = rest.amounts().keySet().stream()
                    .anyMatch(key -> key.revocable()
                            || key.shared()
                            || !key.reservations().isEmpty());
        }
        return special;
    }

    /** What several may hold at once. */
    Bag shared() {
        Resources shared = isSpecial() ? rest.shared() : Resources.EMPTY;
        return shared.isEmpty() ? EMPTY : new Bag(Quantities.NONE, shared);
    }

    /** What only one may hold at a time. */
    Bag exclusive() {
        if (exclusive == null) {
            Bag shared = shared();
            exclusive = shared.isEmpty() ? this : minus(shared);
        }
        return exclusive;
    }

    /** The part that a role cannot have: reserved to roles that are neither it nor above it. */
    Bag outOfReach(String role) {
        return isSpecial() ? new Bag(Quantities.NONE, rest.minus(rest.allocatableTo(role))) : EMPTY;
    }

    /** With no more than this of each divisible scalar; itself if nothing is cut. */
    Bag capped(long[] most) {
        long[] capped = Quantities.min(scalars, most);
        return Quantities.same(capped, scalars) ? this : new Bag(capped, rest);
    }

    /** Sums of all scalars by name, reserved and revocable ones included; not to be changed. */
    long[] quantities(ScalarNames names) {
        if (quantities == null) {
            long[] ofRest = rest.isEmpty() ? Quantities.NONE : names.quantities(rest);
            quantities = Quantities.isEmpty(ofRest) ? scalars : Quantities.plus(scalars, ofRest);
        }
        return quantities;
    }

    /** The part of {@link #quantities} that no quota counts when it is allocated: reserved or revocable. */
    long[] apart(ScalarNames names) {
        if (apart == null) {
            apart = quantities(names) == scalars
                    ? Quantities.NONE
                    : names.quantities(rest.filter(
                            key -> key.revocable() || !key.reservations().isEmpty()));
        }
        return apart;
    }

    /** Every scalar, port and volume as the outside knows it. */
    Resources resources(ScalarNames names) {
        if (resources == null) {
            resources = names.resources(scalars, rest);
        }
        return resources;
    }
}
