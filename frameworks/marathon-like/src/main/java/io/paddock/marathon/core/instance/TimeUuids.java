package io.paddock.marathon.core.instance;

import java.time.Instant;
import java.util.UUID;

/**
 * Time-based (version 1) UUIDs from the time of the event and a node number, without a clock or chance of its own: the
 * same calls give the same ids. Unique as long as two processes have different node numbers or run one after the other.
 */
public final class TimeUuids {
    /** From 15 October 1582 to 1970, in units of 100 ns (RFC 4122). */
    private static final long GREGORIAN_OFFSET = 0x01B21DD213814000L;

    private final long lowBits;
    private long last;

    /**
     * @param node 48 bits that tell this process from others, drawn by the shell
     */
    public TimeUuids(long node) {
        this.lowBits = 0x8000_0000_0000_0000L | (node & 0xFFFF_FFFF_FFFFL) | 0x0000_0100_0000_0000L;
    }

    public String next(Instant now) {
        long ticks = now.getEpochSecond() * 10_000_000L + now.getNano() / 100 + GREGORIAN_OFFSET;
        last = Math.max(last + 1, ticks);
        long high = (last << 32) | ((last & 0xFFFF_0000_0000L) >>> 16) | 0x1000L | ((last >>> 48) & 0x0FFFL);
        return new UUID(high, lowBits).toString();
    }
}
