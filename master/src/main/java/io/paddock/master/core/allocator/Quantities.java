package io.paddock.master.core.allocator;

import java.util.Arrays;

/**
 * Arithmetic on amounts in thousandths, indexed by {@link ScalarNames}. An array may be shorter than there are names: what
 * is beyond its end is 0.
 */
final class Quantities {
    static final long[] NONE = {};

    private Quantities() {}

    static long at(long[] amounts, int scalar) {
        return scalar < amounts.length ? amounts[scalar] : 0;
    }

    /** Adds in place; answers the array that holds the sum, which is a longer one if {@code into} was too short. */
    static long[] add(long[] into, long[] amounts, int sign) {
        long[] sum = into.length < amounts.length ? Arrays.copyOf(into, amounts.length) : into;
        for (int i = 0; i < amounts.length; i++) {
            sum[i] += sign * amounts[i];
        }
        return sum;
    }

    static long[] plus(long[] a, long[] b) {
        return add(a.clone(), b, 1);
    }

    /** Never below 0. */
    static long[] minus(long[] a, long[] b) {
        long[] rest = a.clone();
        for (int i = 0; i < Math.min(a.length, b.length); i++) {
            rest[i] = Math.max(0, rest[i] - b[i]);
        }
        return rest;
    }

    /** The smaller of each; what {@code most} has no entry for is not bounded. */
    static long[] min(long[] a, long[] most) {
        long[] least = a.clone();
        for (int i = 0; i < Math.min(a.length, most.length); i++) {
            least[i] = Math.min(a[i], most[i]);
        }
        return least;
    }

    static boolean contains(long[] a, long[] b) {
        for (int i = 0; i < b.length; i++) {
            if (b[i] > at(a, i)) {
                return false;
            }
        }
        return true;
    }

    static boolean isEmpty(long[] amounts) {
        for (long amount : amounts) {
            if (amount != 0) {
                return false;
            }
        }
        return true;
    }

    static boolean same(long[] a, long[] b) {
        return contains(a, b) && contains(b, a);
    }
}
