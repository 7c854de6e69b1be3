package io.paddock.platform.linux;

import com.sun.jna.LastErrorException;
import com.sun.jna.Memory;
import com.sun.jna.Native;
import com.sun.jna.Pointer;
import java.io.IOException;
import java.nio.file.Path;

/**
 * Tells at the price of a system call whether anything was mounted or unmounted: the kernel marks {@code mountinfo} of proc(5) as
 * readable with poll(2). For one thread at a time.
 */
public final class MountWatch implements AutoCloseable {
    private static final Path TABLE = Path.of("/proc/self/mountinfo");
    private static final int O_CLOEXEC = 0x80000;
    private static final short POLLPRI = 2;
    private static final int POLLFD_BYTES = 8;

    private final Memory poll = new Memory(POLLFD_BYTES);
    private final int descriptor;

    private MountWatch(int descriptor) {
        this.descriptor = descriptor;
        poll.setInt(0, descriptor);
        poll.setShort(Integer.BYTES, POLLPRI);
    }

    public static MountWatch open() throws IOException {
        try {
            return new MountWatch(C.open(TABLE.toString(), O_CLOEXEC, 0));
        } catch (LastErrorException e) {
            throw SystemErrors.of("open", TABLE, e);
        }
    }

    /** Whether the mounts may have changed since the last call. */
    public boolean changed() {
        return C.poll(poll, 1, 0) != 0;
    }

    @Override
    public void close() {
        C.close(descriptor);
    }

    private static final class C {
        static {
            Native.register(C.class, "c");
        }

        private C() {}

        static native int open(String path, int flags, int mode) throws LastErrorException;

        static native int poll(Pointer descriptors, long count, int millis);

        static native int close(int descriptor);
    }
}
