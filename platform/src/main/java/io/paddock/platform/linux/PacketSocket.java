package io.paddock.platform.linux;

import com.sun.jna.LastErrorException;
import com.sun.jna.Native;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * A client of a local socket that keeps the bounds of messages (SOCK_SEQPACKET of unix(7)), for sending alone: what the other
 * side sends is refused. Any thread may send; closing ends a send that waits.
 */
public final class PacketSocket implements Closeable {
    private static final int AF_UNIX = 1;
    private static final int SOCK_SEQPACKET = 5;
    private static final int CLOSE_ON_EXEC = 02000000;
    private static final int O_PATH = 010000000;
    private static final int SHUT_RD = 0;
    private static final int SHUT_RDWR = 2;
    private static final int MSG_NOSIGNAL = 0x4000;
    private static final int ADDRESS_BYTES = 110;

    private final Path path;
    private final int descriptor;
    private final AtomicBoolean closing = new AtomicBoolean();

    private PacketSocket(Path path, int descriptor) {
        this.path = path;
        this.descriptor = descriptor;
    }

    /** Connects at once or fails; the path may be longer than the address of a socket. */
    public static PacketSocket connect(Path path) throws IOException {
        try {
            int directory = C.open(String.valueOf(path.toAbsolutePath().getParent()), O_PATH | CLOSE_ON_EXEC, 0);
            try {
                return connect(path, address("/proc/self/fd/" + directory + "/" + path.getFileName()));
            } finally {
                C.close(directory);
            }
        } catch (LastErrorException e) {
            throw SystemErrors.of("connect", path, e);
        }
    }

    private static PacketSocket connect(Path path, byte[] address) {
        int descriptor = C.socket(AF_UNIX, SOCK_SEQPACKET | CLOSE_ON_EXEC, 0);
        try {
            C.connect(descriptor, address, address.length);
            C.shutdown(descriptor, SHUT_RD);
            return new PacketSocket(path, descriptor);
        } catch (LastErrorException e) {
            C.close(descriptor);
            throw e;
        }
    }

    private static byte[] address(String text) {
        ByteBuffer address = ByteBuffer.allocate(ADDRESS_BYTES).order(ByteOrder.nativeOrder());
        address.putShort((short) AF_UNIX).put(text.getBytes(StandardCharsets.UTF_8));
        return address.array();
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

        static native int open(String path, int flags, int mode) throws LastErrorException;

        static native int socket(int domain, int type, int protocol) throws LastErrorException;

        static native int connect(int descriptor, byte[] address, int length) throws LastErrorException;

        static native long send(int descriptor, byte[] bytes, long length, int flags) throws LastErrorException;

        static native int shutdown(int descriptor, int how) throws LastErrorException;

        static native int close(int descriptor) throws LastErrorException;
    }
}
