package io.paddock.platform.linux;

import com.sun.jna.Function;
import com.sun.jna.LastErrorException;
import com.sun.jna.Memory;
import com.sun.jna.Native;
import com.sun.jna.NativeLibrary;
import com.sun.jna.Pointer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * posix_spawn(3): starts a program with no process in between. It gets the descriptors that are asked for and no other of
 * this process's, no blocked and no ignored signals. Nobody but the caller takes note of its end. For one thread.
 */
final class Spawn implements AutoCloseable {
    static final Path NOTHING = Path.of("/dev/null");
    static final int READ = 0;
    static final int READ_WRITE = 2;
    /** For files of others: made if missing, but no link is followed, and no reader of a pipe waited for. */
    static final int APPEND = 1 | 0x40 | 0x400 | 0x800 | noFollow(); // O_WRONLY | O_CREAT | O_APPEND | O_NONBLOCK

    private static final @Nullable Function CLOSE_FROM = optional("posix_spawn_file_actions_addclosefrom_np");
    private static final @Nullable Function CHANGE_DIRECTORY = optional("posix_spawn_file_actions_addchdir_np");
    private static final int MARGIN = 256;
    private static final int OWNER_WRITES = 0644;
    private static final int SET_SIGNALS = 0x04 | 0x08; // POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK
    private static final int SET_SESSION = 0x80;
    private static final int WITHOUT_WAITING = 1; // WNOHANG
    /** More than any structure here that only the library looks into. */
    private static final int OPAQUE_BYTES = 512;

    private final Memory actions = new Memory(OPAQUE_BYTES);
    private int flags = SET_SIGNALS;

    Spawn() {
        C.posix_spawn_file_actions_init(actions);
    }

    private static int noFollow() {
        return System.getProperty("os.arch").equals("aarch64") ? 0x8000 : 0x20000;
    }

    /** What older libraries do not have. */
    private static @Nullable Function optional(String name) {
        try {
            return NativeLibrary.getInstance("c").getFunction(name);
        } catch (UnsatisfiedLinkError e) {
            return null;
        }
    }

    /** In a session of its own, without a terminal. */
    Spawn inOwnSession() {
        flags |= SET_SESSION;
        return this;
    }

    Spawn open(int descriptor, Path file, int how) throws IOException {
        check(C.posix_spawn_file_actions_addopen(actions, descriptor, file.toString(), how, OWNER_WRITES));
        return this;
    }

    Spawn duplicate(int from, int to) throws IOException {
        check(C.posix_spawn_file_actions_adddup2(actions, from, to));
        return this;
    }

    /** With glibc before 2.29 the program stays where this process is. */
    Spawn changeDirectory(Path directory) throws IOException {
        if (CHANGE_DIRECTORY != null) {
            check(CHANGE_DIRECTORY.invokeInt(new Object[] {actions, directory.toString()}));
        }
        return this;
    }

    /** The JDK's own descriptors would stay open; glibc before 2.34 must be told each. */
    Spawn closeFrom(int first) throws IOException {
        if (CLOSE_FROM != null) {
            check(CLOSE_FROM.invokeInt(new Object[] {actions, first}));
            return this;
        }
        int highest = first;
        try (DirectoryStream<Path> open = Files.newDirectoryStream(Path.of("/proc/self/fd"))) {
            for (Path each : open) {
                highest = Math.max(highest, Integer.parseInt(each.getFileName().toString()));
            }
        }
        // Others may be opened meanwhile.
        for (int descriptor = first; descriptor < highest + MARGIN; descriptor++) {
            check(C.posix_spawn_file_actions_addclose(actions, descriptor));
        }
        return this;
    }

    private static void check(int error) throws IOException {
        if (error != 0) {
            throw new IOException("posix_spawn_file_actions: " + SystemErrors.strerror(error));
        }
    }

    /** Starts the program; its process id. Fails when there is no such program, or a file cannot be opened. */
    int start(List<String> argv, Map<String, String> environment) throws IOException {
        try (Memory attributes = new Memory(OPAQUE_BYTES);
                Memory signals = new Memory(OPAQUE_BYTES);
                Memory arguments = strings(argv);
                Memory variables = strings(variables(environment));
                Memory pid = new Memory(Integer.BYTES)) {
            C.posix_spawnattr_init(attributes);
            C.sigemptyset(signals);
            C.posix_spawnattr_setsigmask(attributes, signals);
            C.sigfillset(signals);
            C.posix_spawnattr_setsigdefault(attributes, signals);
            C.posix_spawnattr_setflags(attributes, (short) flags);
            int error = C.posix_spawn(pid, argv.get(0), actions, attributes, arguments, variables);
            C.posix_spawnattr_destroy(attributes);
            if (error != 0) {
                throw new IOException(SystemErrors.strerror(error));
            }
            return pid.getInt(0);
        }
    }

    private static List<String> variables(Map<String, String> environment) {
        return environment.entrySet().stream()
                .map(variable -> variable.getKey() + "=" + variable.getValue())
                .toList();
    }

    /** An array of C strings, ended by a null pointer, and the strings behind it. */
    private static Memory strings(List<String> texts) {
        List<byte[]> encoded = texts.stream()
                .map(text -> text.getBytes(StandardCharsets.UTF_8))
                .toList();
        long offset = (long) Native.POINTER_SIZE * (texts.size() + 1);
        Memory memory = new Memory(
                offset + encoded.stream().mapToLong(bytes -> bytes.length + 1).sum());
        memory.clear();
        for (int i = 0; i < encoded.size(); i++) {
            byte[] bytes = encoded.get(i);
            memory.setPointer((long) Native.POINTER_SIZE * i, memory.share(offset));
            memory.write(offset, bytes, 0, bytes.length);
            offset += bytes.length + 1;
        }
        return memory;
    }

    /** Waits until a process that was started so has ended, and takes note of it. */
    static void await(int pid) {
        while (true) {
            try {
                C.waitpid(pid, null, 0);
                return;
            } catch (LastErrorException e) {
                if (e.getErrorCode() != C.EINTR) {
                    return;
                }
            }
        }
    }

    /** Takes note of the end of a process that was started so; false while it runs. */
    static boolean ended(int pid) {
        try {
            return C.waitpid(pid, null, WITHOUT_WAITING) != 0;
        } catch (LastErrorException e) {
            return e.getErrorCode() != C.EINTR;
        }
    }

    @Override
    public void close() {
        C.posix_spawn_file_actions_destroy(actions);
        actions.close();
    }

    /** The C library. Those that throw leave errno; those of posix_spawn return it. */
    private static final class C {
        static final int EINTR = 4;

        static {
            Native.register(C.class, "c");
        }

        private C() {}

        static native int waitpid(int pid, @Nullable Pointer status, int options) throws LastErrorException;

        static native int posix_spawn(
                Pointer pid, String path, Pointer actions, Pointer attributes, Pointer argv, Pointer environment);

        static native int posix_spawn_file_actions_init(Pointer actions);

        static native int posix_spawn_file_actions_destroy(Pointer actions);

        static native int posix_spawn_file_actions_addopen(
                Pointer actions, int descriptor, String path, int flags, int mode);

        static native int posix_spawn_file_actions_adddup2(Pointer actions, int from, int to);

        static native int posix_spawn_file_actions_addclose(Pointer actions, int descriptor);

        static native int posix_spawnattr_init(Pointer attributes);

        static native int posix_spawnattr_destroy(Pointer attributes);

        static native int posix_spawnattr_setflags(Pointer attributes, short flags);

        static native int posix_spawnattr_setsigmask(Pointer attributes, Pointer signals);

        static native int posix_spawnattr_setsigdefault(Pointer attributes, Pointer signals);

        static native int sigemptyset(Pointer signals);

        static native int sigfillset(Pointer signals);
    }
}
