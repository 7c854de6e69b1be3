package io.paddock.agent.server.containers.oci;

import io.paddock.agent.server.containers.ExecSession;
import io.paddock.agent.server.containers.ExecSpec;
import io.paddock.agent.server.containers.engine.ContainerRecord;
import io.paddock.platform.linux.ConnectedProgram;
import java.io.IOException;
import java.nio.channels.ClosedSelectorException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.WeakHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs the commands that are run in containers again and again, those of checks: each by a {@linkplain KeptShell shell kept for
 * it} in its container, so that a run is a fork and an exec of the container's own shell and no call of the runtime. The
 * runtime starts the shell as it would start the command: namespaces, control group, user, capabilities, filter, limits and
 * environment are its doing.
 *
 * <ul>
 *   <li>A shell runs one command at a time; a second run of the same command meanwhile has a shell of its own, which is not kept.
 *   <li>A command is begun at most once per run. What could not be begun (no shell, no process or memory left, a shell that
 *       cannot do what is asked of it) is run by the runtime instead, and has the outcome that has. A run whose shell dies
 *       meanwhile was killed, exit status 137, and what is left of it is killed, too.
 *   <li>A run that is killed, for lack of time, takes its shell with it; the next one has another.
 *   <li>Shells end with their container, and when the agent lets go of their socket or ends, however it ends; a run that was going
 *       on then is ended by the next agent.
 *   <li>One thread waits for all of them, a descriptor each; there is none before the first.
 * </ul>
 */
final class KeptShells implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(KeptShells.class);

    /** So that nothing grows without bound in a shell, such as its CPU time, of which a container may have a bound. */
    private static final int MOST_RUNS = 1000;
    /** In a row; after that the command is always run by the runtime. */
    private static final int MOST_FAILED_STARTS = 3;

    private static final long REAPING_PAUSE_MILLIS = 20;

    private final Path directory;
    private final ShellRemains remains;
    private final Executor blocking;
    private final AtomicLong number = new AtomicLong();
    private final Map<Key, Kept> idle = new HashMap<>(); // guarded by this, as all below
    private final Set<Kept> all = new HashSet<>();
    private final Map<Key, Integer> failedStarts = new HashMap<>();
    /** Containers that are gone, for as long as somebody may still ask for a run in them. */
    private final Set<ContainerRecord> gone = Collections.newSetFromMap(new WeakHashMap<>());

    private final List<Kept> starting = new ArrayList<>();
    private @Nullable Selector selector;
    private boolean closed;

    /**
     * @param directory for files that are there for a moment
     * @param blocking runs what blocks
     */
    KeptShells(Path directory, ShellRemains remains, Executor blocking) {
        this.directory = directory;
        this.remains = remains;
        this.blocking = blocking;
    }

    /** How a command can be run in its container. */
    interface Ways {
        /**
         * Has the runtime start a shell for it.
         *
         * @param name see {@link KeptShell#arguments}
         * @param description a file for the runtime to read, which is deleted when it has
         * @param meeting see {@link ConnectedProgram#start}
         */
        ConnectedProgram shell(String name, Path description, Path meeting) throws IOException;

        /** Has the runtime run it. */
        ExecSession alone() throws IOException;
    }

    /** A command in a container. */
    record Key(Path container, ExecSpec command) {}

    /** A shell; the same only as itself. */
    static final class Kept {
        private final Key key;
        private final ContainerRecord record;
        private final KeptShell shell;
        private final String name;
        private volatile long session;

        private Kept(Key key, ContainerRecord record, KeptShell shell, String name) {
            this.key = key;
            this.record = record;
            this.shell = shell;
            this.name = name;
        }

        KeptShell shell() {
            return shell;
        }
    }

    /** Runs a command once. */
    ExecSession run(ContainerRecord record, ExecSpec command, Ways ways) throws IOException {
        Key key = new Key(record.directory(), command);
        ShellSession session = new ShellSession(this, ways, blocking);
        Kept kept = take(key);
        if (kept == null && mayStart(key)) {
            kept = start(key, record, ways);
        }
        session.begin(kept);
        return session;
    }

    private synchronized @Nullable Kept take(Key key) {
        return idle.remove(key);
    }

    private synchronized boolean mayStart(Key key) {
        return !closed && failedStarts.getOrDefault(key, 0) < MOST_FAILED_STARTS;
    }

    /** Null when it could not be. */
    private @Nullable Kept start(Key key, ContainerRecord record, Ways ways) {
        String name = "check-" + number.incrementAndGet();
        Path meeting = directory.resolve(name);
        KeptShell shell = null;
        try {
            Files.deleteIfExists(meeting);
            shell = new KeptShell(ways.shell(name, description(name), meeting));
            Kept kept = new Kept(key, record, shell, name);
            watch(kept);
            return kept;
        } catch (IOException e) {
            LOG.warn("{}: no shell can be started for its check: {}", record, e.toString());
            startFailed(record, key);
            if (shell != null) {
                shell.leave();
                shell.program().kill();
            }
            deleteDescription(name);
            return null;
        }
    }

    private synchronized void startFailed(ContainerRecord record, Key key) {
        if (!gone.contains(record) && failedStarts.merge(key, 1, Integer::sum) == MOST_FAILED_STARTS) {
            LOG.info("{}: no shell can be kept for its check; each run is a call of the runtime", record);
        }
    }

    private synchronized void watch(Kept kept) throws IOException {
        if (closed) {
            throw new IOException("the agent ends");
        }
        SocketChannel channel = kept.shell.program().channel();
        channel.configureBlocking(false);
        channel.register(watching(), SelectionKey.OP_READ, kept);
        starting.add(kept);
        all.add(kept);
        watching().wakeup();
    }

    private Selector watching() throws IOException {
        Selector watching = selector;
        if (watching == null) {
            watching = Selector.open();
            selector = watching;
            Selector started = watching;
            Thread thread = new Thread(() -> run(started), "container-checks");
            thread.setDaemon(true);
            thread.start();
        }
        return watching;
    }

    private void run(Selector watching) {
        try {
            while (watching.isOpen()) {
                watching.select(reap() ? 0 : REAPING_PAUSE_MILLIS);
                for (SelectionKey ready : watching.selectedKeys()) {
                    Kept kept = (Kept) ready.attachment();
                    if (!kept.shell.read()) {
                        ready.cancel();
                        discard(kept);
                    }
                }
                watching.selectedKeys().clear();
            }
        } catch (ClosedSelectorException e) {
            // Closed: the end of this thread.
        } catch (RejectedExecutionException e) {
            LOG.debug("The agent ends, and takes what blocks no more");
            close();
        } catch (IOException e) {
            LOG.error("The shells of checks are not heard any more: {}", e.toString());
            close();
        }
    }

    /** Takes note of the ends of the runtime's calls; whether all have ended. */
    private synchronized boolean reap() {
        for (Iterator<Kept> each = starting.iterator(); each.hasNext(); ) {
            Kept kept = each.next();
            if (kept.shell.program().ended()) {
                each.remove();
                blocking.execute(() -> started(kept));
            }
        }
        return starting.isEmpty();
    }

    private Path description(String name) {
        return directory.resolve(name + ".json");
    }

    /** There may be secrets in it. */
    private void deleteDescription(String name) {
        try {
            Files.deleteIfExists(description(name));
        } catch (IOException e) {
            LOG.warn("what describes the shell of a check stays until the agent ends: {}", e.toString());
        }
    }

    /** Known while the shell lives, its session tells what is left of a run when the shell is killed. */
    private void started(Kept kept) {
        deleteDescription(kept.name);
        try {
            kept.session = remains.session(kept.record, kept.name);
        } catch (IOException e) {
            LOG.debug("{}: the shell of its check cannot be found: {}", kept.record, e.toString());
        }
    }

    /** Takes a shell back after a run, also after one that was over before the shell was ready. */
    void done(Kept kept) {
        synchronized (this) {
            if (kept.shell.wasReady()) {
                failedStarts.remove(kept.key);
            } else {
                startFailed(kept.record, kept.key);
            }
            if (!closed
                    && all.contains(kept)
                    && kept.shell.usable(MOST_RUNS)
                    && idle.putIfAbsent(kept.key, kept) == null) {
                return;
            }
        }
        discard(kept);
    }

    /** The shell could not begin its command. */
    void failed(Kept kept) {
        startFailed(kept.record, kept.key);
        discard(kept);
    }

    /** Lets go of a shell. */
    void discard(Kept kept) {
        synchronized (this) {
            if (closed) {
                return;
            }
            all.remove(kept);
            idle.remove(kept.key, kept);
        }
        if (kept.shell.close()) {
            blocking.execute(() -> end(kept));
        }
    }

    /** Kills what still runs of a run, and the call of the runtime if the shell was only being started. */
    private void end(Kept kept) {
        synchronized (this) {
            if (starting.contains(kept)) {
                ProcessHandle.of(kept.shell.program().pid()).ifPresent(ProcessHandle::destroyForcibly);
            }
        }
        try {
            long session = kept.session == 0 ? remains.session(kept.record, kept.name) : kept.session;
            remains.kill(kept.record, session, kept.shell.begunNanos());
        } catch (IOException e) {
            LOG.warn("{}: what is left of a check may go on: {}", kept.record, e.toString());
        }
    }

    /** Of a container that is gone. */
    void forget(ContainerRecord record) {
        List<Kept> left;
        synchronized (this) {
            gone.add(record);
            left = all.stream()
                    .filter(kept -> kept.record.directory().equals(record.directory()))
                    .toList();
            failedStarts.keySet().removeIf(key -> key.container().equals(record.directory()));
        }
        left.forEach(this::discard);
    }

    /** Lets go of all shells; runs that go on are not waited for. */
    @Override
    public void close() {
        List<Kept> left;
        List<Kept> begun;
        synchronized (this) {
            closed = true;
            left = List.copyOf(all);
            begun = List.copyOf(starting);
            all.clear();
            idle.clear();
            try {
                if (selector != null) {
                    selector.close();
                }
            } catch (IOException e) {
                LOG.warn("closing the watch of shells: {}", e.toString());
            }
        }
        left.forEach(kept -> kept.shell.leave());
        begun.forEach(kept -> deleteDescription(kept.name));
    }
}
