package io.paddock.proto.json;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/** Text that is the same bytes inside of JSON quotes and outside: ASCII without quote, backslash and control characters. */
final class PlainText {
    private static final VarHandle EIGHT_BYTES =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final long ONES = 0x0101010101010101L;
    private static final long HIGH_BITS = 0x80 * ONES;

    private PlainText() {}

    /** The position of the first byte that is not plain, or the limit; looks at eight bytes at a time. */
    static int end(byte[] text, int from, int limit) {
        int at = from;
        while (at + Long.BYTES <= limit) {
            long found = found((long) EIGHT_BYTES.get(text, at));
            if (found != 0) {
                return at + Long.numberOfTrailingZeros(found) / Byte.SIZE;
            }
            at += Long.BYTES;
        }
        while (at < limit && text[at] >= ' ' && text[at] != '"' && text[at] != '\\') {
            at++;
        }
        return at;
    }

    /** Whether all of it is plain. */
    static boolean is(byte[] text, int from, int limit) {
        if (limit - from < Long.BYTES) {
            return end(text, from, limit) == limit;
        }
        long found = found((long) EIGHT_BYTES.get(text, limit - Long.BYTES));
        for (int at = from; at < limit - Long.BYTES; at += Long.BYTES) {
            found |= found((long) EIGHT_BYTES.get(text, at));
        }
        return found == 0;
    }

    /** The high bit of each byte that is not plain; above the lowest of them other bits may be set too. */
    private static long found(long eight) {
        long quotes = eight ^ '"' * ONES;
        long backslashes = eight ^ '\\' * ONES;
        // a byte below its subtrahend borrows, which sets its high bit; the lowest such bit is never another's borrow
        return (eight | eight - ' ' * ONES | quotes - ONES | backslashes - ONES) & HIGH_BITS;
    }
}
