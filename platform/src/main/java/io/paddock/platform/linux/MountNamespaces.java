package io.paddock.platform.linux;

import com.sun.jna.LastErrorException;
import com.sun.jna.Native;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/** What is mounted elsewhere. */
public final class MountNamespaces {
    private static final int ENOSYS = 38;
    private static final Path OWN = Path.of("/proc/thread-self/ns/mnt");

    private MountNamespaces() {}

    /**
     * Shows here a directory of another mount namespace, with the file system that is mounted there. mount(2) binds nothing of
     * another namespace; open_tree(2) and move_mount(2) do, since Linux 5.2, for who goes there and comes back with what it opened.
     * Blocks for less than a millisecond.
     *
     * @param namespace below /proc, of a process inside
     * @param directory as it is named there
     * @param target an existing directory here
     * @return false when this kernel has no such calls
     * @throws IOException when it refuses, or there is no such directory
     */
    public static boolean show(Path namespace, String directory, Path target) throws IOException {
        int there = Linux.open(namespace);
        CompletableFuture<Void> shown = new CompletableFuture<>();
        // A thread of its own: it gives up its part in what the threads of a process share, and ends.
        Thread thread = new Thread(
                () -> {
                    try {
                        fetch(there, namespace, directory, target);
                        shown.complete(null);
                    } catch (IOException | RuntimeException | Error e) {
                        shown.completeExceptionally(e);
                    }
                },
                "mount-namespace");
        thread.start();
        try {
            thread.join();
            shown.join();
            return true;
        } catch (CompletionException e) {
            if (e.getCause().getCause() instanceof LastErrorException kernel && kernel.getErrorCode() == ENOSYS) {
                return false;
            }
            throw e.getCause() instanceof IOException cause ? cause : new IOException(e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted in another mount namespace");
        } finally {
            Linux.close(there);
        }
    }

    private static void fetch(int there, Path namespace, String directory, Path target) throws IOException {
        int here = Linux.open(OWN);
        try {
            C.unshare(C.CLONE_FS);
            Linux.setns(there, C.CLONE_NEWNS, namespace);
            int tree;
            try {
                tree = (int) C.syscall(C.OPEN_TREE, C.AT_FDCWD, directory, C.OPEN_TREE_CLONE | C.O_CLOEXEC);
            } finally {
                Linux.setns(here, C.CLONE_NEWNS, OWN);
            }
            try {
                C.syscall(C.MOVE_MOUNT, tree, "", C.AT_FDCWD, target.toString(), C.MOVE_MOUNT_F_EMPTY_PATH);
            } finally {
                Linux.close(tree);
            }
        } catch (LastErrorException e) {
            throw SystemErrors.of("showing " + directory + " of another mount namespace", target, e);
        } finally {
            Linux.close(here);
        }
    }

    /** The C library; older ones know the numbers of these system calls only, which are the same on all machines. */
    private static final class C {
        static final int CLONE_FS = 0x200;
        static final int CLONE_NEWNS = 0x20000;
        static final long OPEN_TREE = 428;
        static final long MOVE_MOUNT = 429;
        static final int AT_FDCWD = -100;
        static final int OPEN_TREE_CLONE = 1;
        static final int O_CLOEXEC = 0x80000;
        static final int MOVE_MOUNT_F_EMPTY_PATH = 4;

        static {
            Native.register(C.class, "c");
        }

        private C() {}

        static native int unshare(int what) throws LastErrorException;

        static native long syscall(long number, int directory, String path, int flags) throws LastErrorException;

        static native long syscall(long number, int from, String fromPath, int to, String toPath, int flags)
                throws LastErrorException;
    }
}
