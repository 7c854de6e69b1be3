package io.paddock.common.resources;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.LongStream;

/**
 * A set of whole numbers as sorted, disjoint, non-adjacent inclusive ranges: ports, mostly. Immutable. All operations are
 * linear in the number of ranges.
 */
public final class Ranges implements Quantity {
    /**
     * One inclusive range.
     *
     * @param begin the first number
     * @param end the last number, not less than begin
     */
    public record Range(long begin, long end) {
        public Range {
            if (begin > end) {
                throw new IllegalArgumentException("range [" + begin + "-" + end + "] ends before it begins");
            }
        }

        public long size() {
            return end - begin + 1;
        }
    }

    public static final Ranges EMPTY = new Ranges(new long[0]);

    /** begin0, end0, begin1, end1, … */
    private final long[] bounds;

    private Ranges(long[] bounds) {
        this.bounds = bounds;
    }

    public static Ranges of(long begin, long end) {
        return of(List.of(new Range(begin, end)));
    }

    /** Sorts and merges ranges given in any order, overlapping or not. */
    public static Ranges of(List<Range> ranges) {
        List<Range> sorted = new ArrayList<>(ranges);
        sorted.sort((a, b) -> Long.compare(a.begin(), b.begin()));
        long[] out = new long[sorted.size() * 2];
        int n = 0;
        for (Range r : sorted) {
            if (n > 0 && r.begin() <= out[n - 1] + 1) {
                out[n - 1] = Math.max(out[n - 1], r.end());
            } else {
                out[n++] = r.begin();
                out[n++] = r.end();
            }
        }
        return n == 0 ? EMPTY : new Ranges(Arrays.copyOf(out, n));
    }

    public List<Range> ranges() {
        List<Range> list = new ArrayList<>(bounds.length / 2);
        for (int i = 0; i < bounds.length; i += 2) {
            list.add(new Range(bounds[i], bounds[i + 1]));
        }
        return list;
    }

    /** All numbers in ascending order. */
    public LongStream numbers() {
        return ranges().stream().flatMapToLong(r -> LongStream.rangeClosed(r.begin(), r.end()));
    }

    /** How many numbers there are. */
    public long size() {
        long size = 0;
        for (int i = 0; i < bounds.length; i += 2) {
            size += bounds[i + 1] - bounds[i] + 1;
        }
        return size;
    }

    public boolean contains(long number) {
        int at = Arrays.binarySearch(bounds, number);
        return at >= 0 || (-at - 1) % 2 == 1;
    }

    @Override
    public Ranges plus(Quantity other) {
        List<Range> all = new ArrayList<>(ranges());
        all.addAll(((Ranges) other).ranges());
        return of(all);
    }

    @Override
    public Ranges minus(Quantity other) {
        long[] cut = ((Ranges) other).bounds;
        List<Range> rest = new ArrayList<>();
        int j = 0;
        for (int i = 0; i < bounds.length; i += 2) {
            long begin = bounds[i];
            long end = bounds[i + 1];
            while (j < cut.length && cut[j + 1] < begin) {
                j += 2;
            }
            for (int k = j; k < cut.length && cut[k] <= end && begin <= end; k += 2) {
                if (cut[k] > begin) {
                    rest.add(new Range(begin, cut[k] - 1));
                }
                begin = cut[k + 1] + 1;
            }
            if (begin <= end) {
                rest.add(new Range(begin, end));
            }
        }
        return of(rest);
    }

    @Override
    public boolean contains(Quantity other) {
        long[] inner = ((Ranges) other).bounds;
        int i = 0;
        for (int j = 0; j < inner.length; j += 2) {
            while (i < bounds.length && bounds[i + 1] < inner[j]) {
                i += 2;
            }
            if (i >= bounds.length || bounds[i] > inner[j] || bounds[i + 1] < inner[j + 1]) {
                return false;
            }
        }
        return true;
    }

    @Override
    public boolean isEmpty() {
        return bounds.length == 0;
    }

    @Override
    public boolean equals(Object o) {
        return o instanceof Ranges other && Arrays.equals(bounds, other.bounds);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(bounds);
    }

    /** As the read endpoints print it: {@code [31000-31001, 31005-31009]}. */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder("[");
        for (int i = 0; i < bounds.length; i += 2) {
            text.append(i == 0 ? "" : ", ").append(bounds[i]).append('-').append(bounds[i + 1]);
        }
        return text.append(']').toString();
    }
}
