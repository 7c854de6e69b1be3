package io.paddock.platform.linux;

import com.sun.jna.LastErrorException;
import com.sun.jna.Native;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;

/**
 * An open path below a directory whose content is not trusted: no link in it is followed, and what was opened stays the same
 * whatever happens to its names. To be closed.
 */
public final class PathBelow implements AutoCloseable {
    private final int descriptor;

    private PathBelow(int descriptor) {
        this.descriptor = descriptor;
    }

    /**
     * Opens it, after making the directories that are missing. The last of these may be written by everybody.
     *
     * @param root is trusted: links on the way to it are followed
     * @param below relative and normal; empty for the root itself
     * @throws IOException naming the link, or what else is in the way
     */
    public static PathBelow open(Path root, Path below) throws IOException {
        if (below.isAbsolute() || below.startsWith("..")) {
            throw new FileSystemException(below.toString(), null, "leads out of " + root);
        }
        int at = Linux.open(root);
        try {
            Path reached = root;
            for (Path name : below) {
                if (name.toString().isEmpty()) {
                    continue;
                }
                reached = reached.resolve(name);
                int next = step(at, name.toString(), reached, reached.endsWith(below));
                Linux.close(at);
                at = next;
            }
            PathBelow opened = new PathBelow(at);
            at = -1;
            return opened;
        } finally {
            if (at >= 0) {
                Linux.close(at);
            }
        }
    }

    private static int step(int at, String name, Path reached, boolean last) throws IOException {
        int next;
        boolean made = false;
        try {
            try {
                next = C.openat(at, name, C.O_PATH | C.O_NOFOLLOW | C.O_CLOEXEC);
            } catch (LastErrorException e) {
                if (e.getErrorCode() != C.ENOENT) {
                    throw e;
                }
                made = make(at, name);
                next = C.openat(at, name, C.O_PATH | C.O_NOFOLLOW | C.O_CLOEXEC);
            }
        } catch (LastErrorException e) {
            throw SystemErrors.of("open", reached, e);
        }
        try {
            BasicFileAttributes found = Files.readAttributes(file(next), BasicFileAttributes.class);
            if (found.isSymbolicLink()) {
                throw new FileSystemException(reached.toString(), null, "is a link, which is not followed");
            }
            if (made && last && found.isDirectory()) {
                Files.setPosixFilePermissions(file(next), PosixFilePermissions.fromString("rwxrwxrwx"));
            }
        } catch (IOException | RuntimeException e) {
            Linux.close(next);
            throw e;
        }
        return next;
    }

    /** False when somebody else has just made it. */
    private static boolean make(int at, String name) throws LastErrorException {
        try {
            C.mkdirat(at, name, 0777);
            return true;
        } catch (LastErrorException e) {
            if (e.getErrorCode() == C.EEXIST) {
                return false;
            }
            throw e;
        }
    }

    /** A name of what is open, for this process and as long as it is. */
    public Path file() {
        return file(descriptor);
    }

    private static Path file(int descriptor) {
        return Path.of("/proc/self/fd", Integer.toString(descriptor));
    }

    @Override
    public void close() {
        Linux.close(descriptor);
    }

    /** The C library. */
    private static final class C {
        static final int O_NOFOLLOW = noFollow();
        static final int O_CLOEXEC = 1 << 19;
        static final int O_PATH = 1 << 21;
        static final int ENOENT = 2;
        static final int EEXIST = 17;

        static {
            Native.register(C.class, "c");
        }

        private C() {}

        /** One of the few flags that are not the same on all machines. */
        private static int noFollow() {
            return System.getProperty("os.arch").startsWith("aarch") ? 1 << 15 : 1 << 17;
        }

        static native int openat(int directory, String name, int flags) throws LastErrorException;

        static native int mkdirat(int directory, String name, int mode) throws LastErrorException;
    }
}
