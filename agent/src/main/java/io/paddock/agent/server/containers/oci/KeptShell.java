package io.paddock.agent.server.containers.oci;

import io.paddock.platform.linux.ConnectedProgram;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A shell that waits in a container to run one command again and again, and what is said between it and the agent: {@code r}
 * when it is ready; then for each line it gets the exit status of one run, or {@code m} if it leaves without having begun one,
 * because no further process may be made or because its working directory is not what its path leads to any more. Whatever
 * else it says makes it useless: a container may put something else in its place, and can spoil no more than its own check.
 * Any thread.
 */
final class KeptShell {
    private static final Logger LOG = LoggerFactory.getLogger(KeptShell.class);

    /**
     * For dash, busybox and bash. Its standard streams are the socket, the command's are the container's {@code /dev/null}.
     *
     * <ul>
     *   <li>The other half of the pipeline ends the shell that the runtime waits for, so that the first half becomes a child of
     *       the container's process 1, which reaps it. A child of the runtime's parent would have to be reaped by the host's
     *       process 1, and where that does not, a container with a dead one in it never ends. Put into the background instead
     *       it would hand on ignored interrupts.
     *   <li>What a command sends to its own process group reaches the shell as well: a trap survives it, and is not handed on.
     *   <li>A path its user may not look at cannot be seen to change.
     *   <li>Shells count their depth in SHLVL: the command sees what it would see without this one.
     * </ul>
     */
    private static final String SCRIPT = """
            exec 2<>/dev/null >&2
            if [ $# -gt 3 ]; then SHLVL=$4; else unset SHLVL; fi
            [ . -ef "$2" ] || set -- "$1" .
            {
              trap 'echo m >&0' EXIT
              trap : HUP INT QUIT ALRM TERM USR1 USR2
              echo r
              while read -r paddock_check && [ . -ef "$2" ]; do /bin/sh -c "$1" <&2 >&2; echo $?; done
            } >&0 | kill -9 $$
            """;

    private static final String NAME = "paddock-check";
    private static final int TO_NAME = 4;
    private static final String READY = "r";
    private static final String LEAVING = "m";
    private static final int MOST_STATUS = 255;
    private static final int KILLED = 128 + 9;
    private static final int MOST_BYTES = 16;

    private final ConnectedProgram program;
    private final ByteBuffer arrived = ByteBuffer.allocate(MOST_BYTES); // guarded by this, as all below
    private boolean ready;
    private boolean over;
    private boolean cutShort;
    private int runs;
    private long begunNanos;
    private @Nullable CompletableFuture<Integer> running;

    KeptShell(ConnectedProgram program) {
        this.program = program;
    }

    /**
     * The arguments of such a shell.
     *
     * @param name to tell it from others in its container
     * @param depth SHLVL in its environment, null when it is not there
     */
    static List<String> arguments(String command, String workingDirectory, String name, @Nullable String depth) {
        List<String> argv = new ArrayList<>(List.of("/bin/sh", "-c", SCRIPT, NAME, command, workingDirectory, name));
        if (depth != null) {
            argv.add(depth);
        }
        return argv;
    }

    /** The name in such arguments; null when they are others. */
    static @Nullable String name(List<String> arguments) {
        int script = arguments.indexOf(SCRIPT);
        return script >= 0 && arguments.size() > script + TO_NAME ? arguments.get(script + TO_NAME) : null;
    }

    /** The command was not begun; it has to be run in another way. */
    static final class NotBegun extends IOException {
        private static final long serialVersionUID = 1L;

        NotBegun(String why) {
            super(why);
        }
    }

    ConnectedProgram program() {
        return program;
    }

    /**
     * Runs the command once; not to be called before the end of the run before.
     *
     * @return the exit status, 137 if the shell was killed meanwhile; fails with {@link NotBegun}, or another IOException when
     *     the shell says what it should not
     */
    synchronized CompletableFuture<Integer> run() {
        CompletableFuture<Integer> code = new CompletableFuture<>();
        if (over || !ask()) {
            code.completeExceptionally(new NotBegun("the shell has ended"));
            return code;
        }
        runs++;
        begunNanos = System.nanoTime();
        running = code;
        return code;
    }

    private boolean ask() {
        try {
            return program.channel().write(ByteBuffer.wrap(new byte[] {'\n'})) == 1;
        } catch (IOException e) {
            return false; // Its end has not been read yet.
        }
    }

    /** Whether it has ever been ready. */
    synchronized boolean wasReady() {
        return ready;
    }

    /** Whether it can be asked once more. */
    synchronized boolean usable(int mostRuns) {
        return !over && runs < mostRuns;
    }

    /** When the last run was begun. */
    synchronized long begunNanos() {
        return begunNanos;
    }

    /** Takes in what has arrived; false when the shell is of no more use and has to be closed. */
    boolean read() {
        Answer answer;
        CompletableFuture<Integer> waiting;
        boolean usable;
        synchronized (this) {
            if (over) {
                return false;
            }
            answer = next();
            waiting = running;
            if (answer != null) {
                running = null;
            }
            usable = !over;
        }
        if (answer != null && waiting != null) {
            answer.give(waiting);
        }
        return usable;
    }

    /** Either the status or why there is none. */
    private record Answer(int status, @Nullable IOException failure) {
        void give(CompletableFuture<Integer> to) {
            if (failure == null) {
                to.complete(status);
            } else {
                to.completeExceptionally(failure);
            }
        }
    }

    /** What the run that waits is told; null when it has to wait on. */
    private @Nullable Answer next() {
        boolean ended;
        try {
            ended = program.channel().read(arrived) < 0;
        } catch (IOException e) {
            ended = true;
        }
        Answer answer = null;
        for (String line : lines()) {
            if (answer == null && !ready && line.equals(READY)) {
                ready = true;
            } else if (answer == null && ready && running != null && isStatus(line)) {
                answer = new Answer(Integer.parseInt(line), null);
            } else if (answer == null && ready && running != null && line.equals(LEAVING)) {
                answer = new Answer(0, new NotBegun("the shell has left"));
                over = true;
            } else {
                return nonsense();
            }
        }
        if (!arrived.hasRemaining()) {
            return nonsense();
        }
        return ended && answer == null ? end() : answer;
    }

    /** The whole ones among what has arrived; the rest stays. */
    private List<String> lines() {
        String text = new String(arrived.array(), 0, arrived.position(), StandardCharsets.ISO_8859_1);
        int end = text.lastIndexOf('\n') + 1;
        arrived.clear();
        arrived.put(text.substring(end).getBytes(StandardCharsets.ISO_8859_1));
        return text.substring(0, end).lines().toList();
    }

    private static boolean isStatus(String line) {
        return line.matches("[0-9]{1,3}") && Integer.parseInt(line) <= MOST_STATUS;
    }

    private Answer nonsense() {
        return over(
                ready
                        ? new Answer(0, new IOException("what runs the check in the container answers nonsense"))
                        : new Answer(0, new NotBegun("the shell could not be started")));
    }

    private Answer end() {
        return over(ready ? new Answer(KILLED, null) : new Answer(0, new NotBegun("the shell could not be started")));
    }

    private Answer over(Answer last) {
        over = true;
        cutShort = running != null;
        return last;
    }

    /**
     * Lets go of it, so that it ends when it does nothing. A run that waits is told that it was killed.
     *
     * @return whether something may be left of a run that was cut short; true once
     */
    boolean close() {
        CompletableFuture<Integer> waiting;
        boolean left;
        synchronized (this) {
            waiting = running;
            left = cutShort || waiting != null;
            running = null;
            cutShort = false;
        }
        leave();
        if (waiting != null) {
            waiting.complete(KILLED);
        }
        return left;
    }

    /** Lets go of it and forgets a run that waits. */
    void leave() {
        synchronized (this) {
            over = true;
            running = null;
        }
        try {
            program.channel().close();
        } catch (IOException e) {
            LOG.warn("the socket of a shell cannot be closed: {}", e.toString());
        }
    }
}
