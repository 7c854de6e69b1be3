package io.paddock.platform.linux;

import com.sun.jna.LastErrorException;
import com.sun.jna.Native;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An open path below a directory whose content is not trusted: no link in it is followed, and what was opened stays the same
 * whatever happens to its names. To be closed.
 */
public final class PathBelow implements AutoCloseable {
    private static final String DESCRIPTORS = "/proc/self/fd/";
    private static final String LINK = "is a link, which is not followed";
    private static final String NO_FILE = "is no file";
    private static final String OUT = "leads out of ";

    private final int descriptor;
    private final boolean made;

    private PathBelow(int descriptor, boolean made) {
        this.descriptor = descriptor;
        this.made = made;
    }

    /**
     * Opens it, after making the directories that are missing.
     *
     * @param root is trusted: links on the way to it are followed
     * @param below relative; empty for the root itself
     * @throws IOException naming the link, or what else is in the way
     */
    public static PathBelow open(Path root, Path below) throws IOException {
        return open(root, below, true);
    }

    /**
     * Opens it if it is there.
     *
     * @throws NoSuchFileException if it is not
     */
    public static PathBelow find(Path root, Path below) throws IOException {
        if (!Files.exists(root)) {
            throw new NoSuchFileException(root.toString());
        }
        return open(root, below, false);
    }

    private static PathBelow open(Path root, Path below, boolean make) throws IOException {
        if (below.isAbsolute()) {
            throw new FileSystemException(below.toString(), null, OUT + root);
        }
        PathBelow at = new PathBelow(Linux.open(root), false);
        Path reached = root;
        for (Path name : below) {
            if (name.toString().isEmpty()) {
                continue;
            }
            reached = reached.resolve(name);
            // Closes what leads there.
            try (PathBelow above = at) {
                if (name.toString().equals("..")) {
                    throw new FileSystemException(below.toString(), null, OUT + root);
                }
                at = above.step(name.toString(), reached, make);
            }
        }
        return at;
    }

    private PathBelow step(String name, Path reached, boolean make) throws IOException {
        PathBelow next;
        try {
            next = new PathBelow(open(name), false);
        } catch (LastErrorException e) {
            if (e.getErrorCode() != C.ENOENT) {
                throw SystemErrors.of("open", reached, e);
            }
            if (!make) {
                throw new NoSuchFileException(reached.toString());
            }
            next = making(name, reached);
        }
        if (next.isLink()) {
            next.close();
            throw new FileSystemException(reached.toString(), null, LINK);
        }
        return next;
    }

    private boolean isLink() throws IOException {
        try {
            return Files.readAttributes(file(), BasicFileAttributes.class).isSymbolicLink();
        } catch (IOException | RuntimeException e) {
            close();
            throw e;
        }
    }

    private PathBelow making(String name, Path reached) throws IOException {
        try {
            boolean mine = make(name);
            return new PathBelow(open(name), mine);
        } catch (LastErrorException e) {
            throw SystemErrors.of("make", reached, e);
        }
    }

    private int open(String name) throws LastErrorException {
        return C.openat(descriptor, name, C.O_PATH | C.O_NOFOLLOW | C.O_CLOEXEC);
    }

    /** False when somebody else has just made it. */
    private boolean make(String name) throws LastErrorException {
        try {
            C.mkdirat(descriptor, name, 0777);
            return true;
        } catch (LastErrorException e) {
            if (e.getErrorCode() == C.EEXIST) {
                return false;
            }
            throw e;
        }
    }

    /** Whether it is a directory that was missing. */
    public boolean made() {
        return made;
    }

    /**
     * A name of what is open, for this process and as long as it is. What is in it has a name that begins with this one, and cannot
     * lead elsewhere but by its last part.
     */
    public Path file() {
        return Path.of(DESCRIPTORS, Integer.toString(descriptor));
    }

    /** Opens a file for reading, as {@link #channel} does. */
    public FileChannel read() throws IOException {
        return channel(StandardOpenOption.READ);
    }

    /**
     * Opens a file.
     *
     * @throws IOException also when it is none that has a content, such as a pipe, on which one would wait
     */
    public FileChannel channel(OpenOption... options) throws IOException {
        if (!Files.isRegularFile(file())) {
            throw new FileSystemException(file().toRealPath().toString(), null, NO_FILE);
        }
        try {
            return FileChannel.open(file(), options);
        } catch (FileSystemException e) {
            throw named(e);
        }
    }

    /**
     * A directory in this one.
     *
     * @throws java.nio.file.NoSuchFileException if it is none, or a link
     */
    public PathBelow directory(String name) throws IOException {
        try {
            return new PathBelow(
                    C.openat(descriptor, name, C.O_PATH | C.O_DIRECTORY | C.O_NOFOLLOW | C.O_CLOEXEC), false);
        } catch (LastErrorException e) {
            if (e.getErrorCode() == C.ENOENT || e.getErrorCode() == C.ENOTDIR) {
                throw new NoSuchFileException(name);
            }
            throw SystemErrors.of("open", Path.of(name), e);
        }
    }

    /** What is done with files that are named by open paths. */
    public interface Work {
        void run() throws IOException;
    }

    /**
     * Does it so that its failure names the real file and gives a reason. What is open must stay so until this returns.
     *
     * @throws NoSuchFileException if that was the failure
     */
    public static void naming(Work work) throws IOException {
        try {
            work.run();
        } catch (FileSystemException e) {
            throw named(e);
        }
    }

    private static FileSystemException named(FileSystemException failure) throws IOException {
        String file = named(failure.getFile());
        String other = named(failure.getOtherFile());
        FileSystemException named = failure instanceof NoSuchFileException
                ? new NoSuchFileException(file, other, reason(failure))
                : new FileSystemException(file, other, reason(failure));
        named.initCause(failure);
        return named;
    }

    private static @Nullable String named(@Nullable String file) throws IOException {
        if (file == null || !file.startsWith(DESCRIPTORS)) {
            return file;
        }
        Path path = Path.of(file);
        Path real = Files.readSymbolicLink(path.getRoot().resolve(path.subpath(0, 4)));
        return (path.getNameCount() == 4 ? real : real.resolve(path.subpath(4, path.getNameCount()))).toString();
    }

    /** What a failure says, with a reason also where Java gives none. */
    public static String message(IOException failure) {
        String message = failure.getMessage();
        if (message == null) {
            return failure.toString();
        }
        boolean silent = failure instanceof FileSystemException file && file.getReason() == null;
        return silent ? message + ": " + reason((FileSystemException) failure) : message;
    }

    private static String reason(FileSystemException failure) {
        if (failure.getReason() != null) {
            return failure.getReason();
        }
        if (failure instanceof NoSuchFileException) {
            return "is not there";
        }
        if (failure instanceof AccessDeniedException) {
            return "permission denied";
        }
        if (failure instanceof FileAlreadyExistsException) {
            return "is there already";
        }
        if (failure instanceof DirectoryNotEmptyException) {
            return "is not empty";
        }
        return failure.getClass().getSimpleName();
    }

    /** Whether the failure is that there is no such file below its directory, or another thing in its place. */
    public static boolean isAbsent(FileSystemException failure) {
        String reason = String.valueOf(failure.getReason());
        return failure instanceof NoSuchFileException
                || failure instanceof NotDirectoryException
                || reason.equals(LINK)
                || reason.equals(NO_FILE)
                || reason.startsWith(OUT)
                || C.ABSENT.stream().map(SystemErrors::strerror).anyMatch(reason::endsWith);
    }

    @Override
    public void close() {
        Linux.close(descriptor);
    }

    /** The C library. */
    private static final class C {
        private static final boolean ARM = System.getProperty("os.arch").startsWith("aarch");
        /** With the next one of the few flags that are not the same on all machines. */
        static final int O_DIRECTORY = ARM ? 1 << 14 : 1 << 16;

        static final int O_NOFOLLOW = ARM ? 1 << 15 : 1 << 17;
        static final int O_CLOEXEC = 1 << 19;
        static final int O_PATH = 1 << 21;
        static final int ENOENT = 2;
        static final int EEXIST = 17;
        static final int ENOTDIR = 20;
        static final int ENAMETOOLONG = 36;
        static final int ELOOP = 40;
        static final List<Integer> ABSENT = List.of(ENOENT, ENOTDIR, ENAMETOOLONG, ELOOP);

        static {
            Native.register(C.class, "c");
        }

        private C() {}

        static native int openat(int directory, String name, int flags) throws LastErrorException;

        static native int mkdirat(int directory, String name, int mode) throws LastErrorException;
    }
}
