package io.paddock.platform.linux;

import com.sun.jna.LastErrorException;
import com.sun.jna.Native;
import java.nio.file.FileSystemException;
import java.nio.file.Path;

/** What the C library says about failed calls. */
final class SystemErrors {
    static {
        Native.register(SystemErrors.class, "c");
    }

    private SystemErrors() {}

    /** Names the call, the file and the kernel's reason. */
    static FileSystemException of(String call, Path file, LastErrorException cause) {
        FileSystemException failure =
                new FileSystemException(file.toString(), null, call + ": " + strerror(cause.getErrorCode()));
        failure.initCause(cause);
        return failure;
    }

    /** strerror(3). */
    static native String strerror(int error);
}
