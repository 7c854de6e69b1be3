package io.paddock.platform.linux;

import com.sun.jna.LastErrorException;
import com.sun.jna.Native;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * A client of a local socket that keeps the bounds of messages (SOCK_SEQPACKET of unix(7)), for sending alone: what the other
 * side sends is refused. Any thread may send; closing ends a send that waits.
 */
public final class PacketSocket implements Closeable {
    private static final int SHUT_RD = 0;
    private static final int SHUT_RDWR = 2;
    private static final int MSG_NOSIGNAL = 0x4000;

    private final Path path;
    private final int descriptor;
    private final AtomicBoolean closing = new AtomicBoolean();

    private PacketSocket(Path path, int descriptor) {
        this.path = path;
        this.descriptor = descriptor;
    }

    /** Connects at once or fails; the path may be longer than the address of a socket. */
    public static PacketSocket connect(Path path) throws IOException {
        int descriptor = LocalSockets.connect(path, LocalSockets.PACKETS);
        try {
            C.shutdown(descriptor, SHUT_RD);
            return new PacketSocket(path, descriptor);
        } catch (LastErrorException e) {
            C.close(descriptor);
            throw SystemErrors.of("connect", path, e);
        }
    }

    /** Sends one message, and waits until there is room for it. */
    public void send(byte[] message) throws IOException {
        synchronized (this) {
            if (closing.get()) {
                throw new FileSystemException(path.toString(), null, "send: the socket is closed");
            }
            try {
                C.send(descriptor, message, message.length, MSG_NOSIGNAL);
            } catch (LastErrorException e) {
                throw SystemErrors.of("send", path, e);
            }
        }
    }

    @Override
    public void close() {
        if (!closing.compareAndSet(false, true)) {
            return;
        }
        try {
            // A send that waits holds the lock until this wakes it.
            C.shutdown(descriptor, SHUT_RDWR);
        } catch (LastErrorException e) {
            // The other side has gone before.
        }
        synchronized (this) {
            C.close(descriptor);
        }
    }

    /** The C library. */
    private static final class C {
        static {
            Native.register(C.class, "c");
        }

        private C() {}

        static native long send(int descriptor, byte[] bytes, long length, int flags) throws LastErrorException;

        static native int shutdown(int descriptor, int how) throws LastErrorException;

        static native int close(int descriptor) throws LastErrorException;
    }
}
