package io.paddock.platform.linux;

import com.sun.jna.LastErrorException;
import com.sun.jna.Native;
import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** System calls, each as in its manual page; a failure names the call, the file and the kernel's reason. */
public final class Linux {
    /** Flags of mount(2). */
    public static final long MS_RDONLY = 1;

    public static final long MS_NOSUID = 2;
    public static final long MS_NODEV = 4;
    public static final long MS_NOEXEC = 8;
    public static final long MS_REMOUNT = 32;
    public static final long MS_BIND = 4096;
    public static final long MS_REC = 16384;
    public static final long MS_PRIVATE = 1 << 18;
    public static final long MS_SLAVE = 1 << 19;
    /** Flag of umount2(2): gone from the tree at once, in fact when nobody uses it any more. */
    public static final int MNT_DETACH = 2;

    /** Namespace type of setns(2). */
    public static final int CLONE_NEWNET = 0x40000000;

    private static final int O_CLOEXEC = 1 << 19;
    private static final int ENOENT = 2;
    private static final int EINVAL = 22;

    private Linux() {}

    /**
     * mount(2).
     *
     * @param type the file system, null with flags that need none
     * @param data options of the file system, null for none
     */
    public static void mount(String source, Path target, @Nullable String type, long flags, @Nullable String data)
            throws IOException {
        try {
            C.mount(source, target.toString(), type, flags, data);
        } catch (LastErrorException e) {
            throw SystemErrors.of("mount", target, e);
        }
    }

    /**
     * What is unmounted there and below, or mounted, is so nowhere else from now on: not where it was bound from either. Nothing
     * is done when there is no such place or nothing is mounted on it.
     */
    public static void letGo(Path target) throws IOException {
        try {
            C.mount("none", target.toString(), null, MS_SLAVE | MS_REC, null);
        } catch (LastErrorException e) {
            if (e.getErrorCode() != EINVAL && e.getErrorCode() != ENOENT) {
                throw SystemErrors.of("mount", target, e);
            }
        }
    }

    /** umount2(2). */
    public static void unmount(Path target, int flags) throws IOException {
        try {
            C.umount2(target.toString(), flags);
        } catch (LastErrorException e) {
            throw SystemErrors.of("umount", target, e);
        }
    }

    /**
     * umount2(2) of what may not be mounted.
     *
     * @return false when there is no such place or nothing is mounted on it
     */
    public static boolean unmountIfMounted(Path target, int flags) throws IOException {
        try {
            C.umount2(target.toString(), flags);
            return true;
        } catch (LastErrorException e) {
            if (e.getErrorCode() == EINVAL || e.getErrorCode() == ENOENT) {
                return false;
            }
            throw SystemErrors.of("umount", target, e);
        }
    }

    /** mkfifo(3): a named pipe that only its owner may use. */
    public static void makePipe(Path path) throws IOException {
        try {
            C.mkfifo(path.toString(), 0600);
        } catch (LastErrorException e) {
            throw SystemErrors.of("mkfifo", path, e);
        }
    }

    /** open(2) for reading, not inherited by processes; the descriptor, to be closed with {@link #close}. */
    public static int open(Path path) throws IOException {
        try {
            return C.open(path.toString(), O_CLOEXEC);
        } catch (LastErrorException e) {
            throw SystemErrors.of("open", path, e);
        }
    }

    /** close(2). */
    public static void close(int descriptor) {
        C.close(descriptor);
    }

    /**
     * setns(2): moves the calling thread, and it alone, into a namespace. Threads it starts there begin there.
     *
     * @param path of the namespace that was opened, for the failure
     */
    public static void setns(int descriptor, int type, Path path) throws IOException {
        try {
            C.setns(descriptor, type);
        } catch (LastErrorException e) {
            throw SystemErrors.of("setns", path, e);
        }
    }

    /** The C library; the calls that can fail answer with the exception that carries errno. */
    private static final class C {
        static {
            Native.register(C.class, "c");
        }

        private C() {}

        static native int mount(String source, String target, @Nullable String type, long flags, @Nullable String data)
                throws LastErrorException;

        static native int umount2(String target, int flags) throws LastErrorException;

        static native int mkfifo(String path, int mode) throws LastErrorException;

        static native int open(String path, int flags) throws LastErrorException;

        static native int close(int descriptor);

        static native int setns(int descriptor, int type) throws LastErrorException;
    }
}
