package io.paddock.platform.linux;

import com.sun.jna.Function;
import com.sun.jna.LastErrorException;
import com.sun.jna.Memory;
import com.sun.jna.Native;
import com.sun.jna.NativeLibrary;
import com.sun.jna.Pointer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * A program that answers with a line on its descriptor {@link #ANSWER} and may go on by itself, detached, after that. It is
 * started by posix_spawn(3), with no process in between; it gets none of this process's descriptors, no blocked and no
 * ignored signals. Other than with {@link Process}, the answer may come from what the program leaves behind, and no thread
 * waits for it. For one thread that may block.
 */
public final class AnsweringProgram implements AutoCloseable {
    /** The descriptor the program writes to. */
    public static final int ANSWER = 3;

    private static final int MAX_ANSWER_BYTES = 64 << 10;

    private final int pid;
    private final int pipe;
    private boolean late;

    private AnsweringProgram(int pid, int pipe) {
        this.pid = pid;
        this.pipe = pipe;
    }

    /** Fails when there is no such program, directory or file. */
    public static AnsweringProgram start(Program program) throws IOException {
        try (Memory ends = new Memory(2L * Integer.BYTES)) {
            C.pipe2(ends, C.O_CLOEXEC);
            int reading = ends.getInt(0);
            int writing = ends.getInt(Integer.BYTES);
            try {
                return new AnsweringProgram(spawn(program, writing), reading);
            } catch (IOException | RuntimeException e) {
                C.close(reading);
                throw e;
            } finally {
                C.close(writing);
            }
        } catch (LastErrorException e) {
            throw new IOException(
                    "no pipe for " + program.argv().get(0) + ": " + SystemErrors.strerror(e.getErrorCode()), e);
        }
    }

    private static int spawn(Program program, int answer) throws IOException {
        try (Actions actions = new Actions();
                Memory attributes = new Memory(C.OPAQUE_BYTES);
                Memory signals = new Memory(C.OPAQUE_BYTES);
                Memory argv = strings(program.argv());
                Memory environment = strings(variables(program.environment()));
                Memory pid = new Memory(Integer.BYTES)) {
            actions.open(0, Path.of("/dev/null"), C.O_RDONLY);
            actions.open(1, program.stdout(), C.APPEND);
            actions.open(2, program.stderr(), C.APPEND);
            actions.duplicate(answer, ANSWER);
            actions.closeFrom(ANSWER + 1);
            actions.changeDirectory(program.directory());
            C.posix_spawnattr_init(attributes);
            C.sigemptyset(signals);
            C.posix_spawnattr_setsigmask(attributes, signals);
            C.sigfillset(signals);
            C.posix_spawnattr_setsigdefault(attributes, signals);
            C.posix_spawnattr_setflags(attributes, C.SET_SIGNALS);
            String path = program.argv().get(0);
            int error = C.posix_spawn(pid, path, actions.memory, attributes, argv, environment);
            C.posix_spawnattr_destroy(attributes);
            if (error != 0) {
                throw new IOException("cannot start " + path + " in " + program.directory() + " writing to "
                        + program.stdout() + ": " + SystemErrors.strerror(error));
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

    /** The process that was started; what answers may be another one. */
    public long pid() {
        return pid;
    }

    /**
     * Waits for the answer, without its line's end.
     *
     * @return empty when the program, and all it has started that could answer, ended without one
     */
    public Optional<String> answer(Duration patience) throws IOException, TimeoutException {
        long deadline = System.nanoTime() + patience.toNanos();
        ByteArrayOutputStream text = new ByteArrayOutputStream();
        try (Memory poll = new Memory(C.POLLFD_BYTES);
                Memory buffer = new Memory(4096)) {
            while (text.size() < MAX_ANSWER_BYTES) {
                long left = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
                if (left <= 0 || !readable(poll, left)) {
                    late = true;
                    throw new TimeoutException("no answer within " + patience);
                }
                int count = (int) C.read(pipe, buffer, buffer.size());
                if (count <= 0) {
                    break;
                }
                byte[] bytes = buffer.getByteArray(0, count);
                text.writeBytes(bytes);
                if (bytes[count - 1] == '\n') {
                    break;
                }
            }
        } catch (LastErrorException e) {
            throw new IOException(
                    "the answer of process " + pid + " cannot be read: " + SystemErrors.strerror(e.getErrorCode()), e);
        }
        String answer = text.toString(StandardCharsets.UTF_8).strip();
        return answer.isEmpty() ? Optional.empty() : Optional.of(answer);
    }

    private boolean readable(Memory poll, long millis) {
        poll.setInt(0, pipe);
        poll.setShort(Integer.BYTES, C.POLLIN);
        try {
            return C.poll(poll, 1, (int) Math.min(millis, Integer.MAX_VALUE)) > 0;
        } catch (LastErrorException e) {
            if (e.getErrorCode() == C.EINTR) {
                return true; // Reading blocks no longer than until the answer or the end.
            }
            throw e;
        }
    }

    /** Waits until the process that was started has ended; after a late answer it is killed. What it left behind goes on. */
    @Override
    public void close() {
        C.close(pipe);
        if (late) {
            ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly);
        }
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

    /** What happens in the new process before the program. */
    private static final class Actions implements AutoCloseable {
        private static final @Nullable Function CLOSE_FROM = optional("posix_spawn_file_actions_addclosefrom_np");
        private static final @Nullable Function CHANGE_DIRECTORY = optional("posix_spawn_file_actions_addchdir_np");
        private static final int MARGIN = 256;

        private final Memory memory = new Memory(C.OPAQUE_BYTES);

        Actions() {
            C.posix_spawn_file_actions_init(memory);
        }

        /** What older libraries do not have. */
        private static @Nullable Function optional(String name) {
            try {
                return NativeLibrary.getInstance("c").getFunction(name);
            } catch (UnsatisfiedLinkError e) {
                return null;
            }
        }

        void open(int descriptor, Path file, int flags) throws IOException {
            check(C.posix_spawn_file_actions_addopen(memory, descriptor, file.toString(), flags, C.OWNER_WRITES));
        }

        void duplicate(int from, int to) throws IOException {
            check(C.posix_spawn_file_actions_adddup2(memory, from, to));
        }

        /** With glibc before 2.29 the program stays where this process is. */
        void changeDirectory(Path directory) throws IOException {
            if (CHANGE_DIRECTORY != null) {
                check(CHANGE_DIRECTORY.invokeInt(new Object[] {memory, directory.toString()}));
            }
        }

        /** The JDK's own descriptors would stay open; glibc before 2.34 must be told each. */
        void closeFrom(int first) throws IOException {
            if (CLOSE_FROM != null) {
                check(CLOSE_FROM.invokeInt(new Object[] {memory, first}));
                return;
            }
            int highest = first;
            try (DirectoryStream<Path> open = Files.newDirectoryStream(Path.of("/proc/self/fd"))) {
                for (Path each : open) {
                    highest = Math.max(
                            highest, Integer.parseInt(each.getFileName().toString()));
                }
            }
            // Others may be opened meanwhile.
            for (int descriptor = first; descriptor < highest + MARGIN; descriptor++) {
                check(C.posix_spawn_file_actions_addclose(memory, descriptor));
            }
        }

        private static void check(int error) throws IOException {
            if (error != 0) {
                throw new IOException("posix_spawn_file_actions: " + SystemErrors.strerror(error));
            }
        }

        @Override
        public void close() {
            C.posix_spawn_file_actions_destroy(memory);
            memory.close();
        }
    }

    /** The C library. Those that throw leave errno; those of posix_spawn return it. */
    private static final class C {
        static final int O_RDONLY = 0;
        private static final int O_NOFOLLOW = System.getProperty("os.arch").equals("aarch64") ? 0x8000 : 0x20000;
        static final int APPEND = 1 | 0x40 | 0x400 | O_NOFOLLOW; // O_WRONLY | O_CREAT | O_APPEND
        static final int O_CLOEXEC = 0x80000;
        static final int OWNER_WRITES = 0644;
        static final short SET_SIGNALS = 0x04 | 0x08; // POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK
        static final short POLLIN = 1;
        static final int EINTR = 4;
        static final int POLLFD_BYTES = 8;
        /** More than any structure here that only the library looks into. */
        static final int OPAQUE_BYTES = 512;

        static {
            Native.register(C.class, "c");
        }

        private C() {}

        static native int pipe2(Pointer ends, int flags) throws LastErrorException;

        static native int close(int descriptor);

        static native int poll(Pointer descriptors, long count, int millis) throws LastErrorException;

        static native long read(int descriptor, Pointer buffer, long count) throws LastErrorException;

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
