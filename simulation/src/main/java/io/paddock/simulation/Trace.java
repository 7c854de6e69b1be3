package io.paddock.simulation;

import com.google.protobuf.MessageLite;
import com.google.protobuf.TextFormat;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What happened, as a hash over all of it and, for people, the last lines. */
final class Trace {
    private static final int KEPT = 400;
    private static final long FNV_OFFSET = 0xcbf29ce484222325L;
    private static final long FNV_PRIME = 0x100000001b3L;

    private final boolean verbose;
    private final Deque<String> last = new ArrayDeque<>();
    private long hash = FNV_OFFSET;

    Trace(boolean verbose) {
        this.verbose = verbose;
    }

    /** Adds an event; the bytes of its message count too. */
    void add(Instant now, String who, String what, @Nullable MessageLite message) {
        long millis = Duration.between(World.START, now).toNanos() / 1000;
        String line = millis / 1000.0 + " ms  " + who + "  " + what;
        mix(line.getBytes(StandardCharsets.UTF_8));
        if (message != null) {
            mix(message.toByteArray());
        }
        String shown = line;
        if (verbose && message instanceof com.google.protobuf.MessageOrBuilder full) {
            shown = line + "  " + TextFormat.printer().emittingSingleLine(true).printToString(full);
        }
        last.add(shown);
        if (!verbose && last.size() > KEPT) {
            last.remove();
        }
    }

    private void mix(byte[] bytes) {
        long h = hash;
        for (byte b : bytes) {
            h = (h ^ (b & 0xff)) * FNV_PRIME;
        }
        hash = h;
    }

    long hash() {
        return hash;
    }

    List<String> lines() {
        return List.copyOf(last);
    }
}
