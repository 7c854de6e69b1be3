package io.paddock.platform.linux;

import com.sun.jna.LastErrorException;
import com.sun.jna.Memory;
import com.sun.jna.Native;
import com.sun.jna.Pointer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

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
        String path = program.argv().get(0);
        try (Spawn spawn = new Spawn()) {
            return spawn.open(0, Spawn.NOTHING, Spawn.READ)
                    .open(1, program.stdout(), Spawn.APPEND)
                    .open(2, program.stderr(), Spawn.APPEND)
                    .duplicate(answer, ANSWER)
                    .closeFrom(ANSWER + 1)
                    .changeDirectory(program.directory())
                    .start(program.argv(), program.environment());
        } catch (IOException e) {
            throw new IOException(
                    "cannot start " + path + " in " + program.directory() + " writing to " + program.stdout() + ": "
                            + e.getMessage(),
                    e);
        }
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
        Spawn.await(pid);
    }

    /** The C library. */
    private static final class C {
        static final int O_CLOEXEC = 0x80000;
        static final short POLLIN = 1;
        static final int EINTR = 4;
        static final int POLLFD_BYTES = 8;

        static {
            Native.register(C.class, "c");
        }

        private C() {}

        static native int pipe2(Pointer ends, int flags) throws LastErrorException;

        static native int close(int descriptor);

        static native int poll(Pointer descriptors, long count, int millis) throws LastErrorException;

        static native long read(int descriptor, Pointer buffer, long count) throws LastErrorException;
    }
}
