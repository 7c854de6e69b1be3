package io.paddock.platform.linux;

import com.sun.jna.LastErrorException;
import com.sun.jna.Native;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** Clients of local sockets, unix(7), as plain descriptors: what the JDK's channels cannot be or do not give out. */
final class LocalSockets {
    static final int STREAM = 1;
    /** Keeps the bounds of messages. */
    static final int PACKETS = 5;

    private static final int AF_UNIX = 1;
    private static final int CLOSE_ON_EXEC = 02000000;
    private static final int O_PATH = 010000000;
    private static final int ADDRESS_BYTES = 110;

    private LocalSockets() {}

    /** Connects at once or fails; the path may be longer than the address of a socket. To be closed, not inherited. */
    static int connect(Path path, int type) throws IOException {
        try {
            int directory = C.open(String.valueOf(path.toAbsolutePath().getParent()), O_PATH | CLOSE_ON_EXEC, 0);
            try {
                return connect(address("/proc/self/fd/" + directory + "/" + path.getFileName()), type);
            } finally {
                Linux.close(directory);
            }
        } catch (LastErrorException e) {
            throw SystemErrors.of("connect", path, e);
        }
    }

    private static int connect(byte[] address, int type) {
        int descriptor = C.socket(AF_UNIX, type | CLOSE_ON_EXEC, 0);
        try {
            C.connect(descriptor, address, address.length);
            return descriptor;
        } catch (LastErrorException e) {
            Linux.close(descriptor);
            throw e;
        }
    }

    private static byte[] address(String text) {
        ByteBuffer address = ByteBuffer.allocate(ADDRESS_BYTES).order(ByteOrder.nativeOrder());
        address.putShort((short) AF_UNIX).put(text.getBytes(StandardCharsets.UTF_8));
        return address.array();
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
    }
}
