package io.paddock.platform.linux;

import com.sun.jna.LastErrorException;
import com.sun.jna.Native;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;

/** A counter that the kernel adds to (eventfd(2)); one descriptor, not inherited by processes. Any thread, never blocks. */
public final class EventCounter implements Closeable {
    private static final int EFD_NONBLOCK = 04000;
    private static final int EFD_CLOEXEC = 02000000;
    private static final int EAGAIN = 11;
    /** As /proc/[pid]/fd names it. */
    private static final Path FILE = Path.of("anon_inode:[eventfd]");

    private final int descriptor;
    private long sum; // guarded by this, as the next
    private boolean closed;

    private EventCounter(int descriptor) {
        this.descriptor = descriptor;
    }

    /** A new one, at 0. */
    public static EventCounter open() throws IOException {
        try {
            return new EventCounter(C.eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC));
        } catch (LastErrorException e) {
            throw SystemErrors.of("eventfd", FILE, e);
        }
    }

    /** The number to tell the kernel, good until this is closed. */
    public int descriptor() {
        return descriptor;
    }

    /** All events so far; after the end those that were seen before it. */
    public synchronized long count() throws IOException {
        if (!closed) {
            byte[] fresh = new byte[Long.BYTES];
            try {
                C.read(descriptor, fresh, fresh.length);
                sum += ByteBuffer.wrap(fresh).order(ByteOrder.nativeOrder()).getLong();
            } catch (LastErrorException e) {
                if (e.getErrorCode() != EAGAIN) {
                    throw SystemErrors.of("read", FILE, e);
                }
            }
        }
        return sum;
    }

    @Override
    public synchronized void close() {
        if (!closed) {
            closed = true;
            Linux.close(descriptor);
        }
    }

    /** The C library. */
    private static final class C {
        static {
            Native.register(C.class, "c");
        }

        private C() {}

        static native int eventfd(int initial, int flags) throws LastErrorException;

        static native long read(int descriptor, byte[] buffer, long size) throws LastErrorException;
    }
}
