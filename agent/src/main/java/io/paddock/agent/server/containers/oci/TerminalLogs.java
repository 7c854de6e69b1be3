package io.paddock.agent.server.containers.oci;

import io.paddock.agent.server.containers.engine.ContainerRecord;
import io.paddock.agent.server.containers.recipe.SandboxHook;
import io.paddock.agent.server.containers.tools.Durable;
import java.io.IOException;
import java.nio.file.ClosedWatchServiceException;
import java.nio.file.Path;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Copies what terminals show to the stdout of their sandboxes, while it is shown. One thread waits in the kernel for all of
 * them; there is none before the first terminal.
 */
final class TerminalLogs implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(TerminalLogs.class);
    /** A directory of its own: only what the monitor does there wakes the thread. */
    private static final String DIRECTORY = "terminal";

    private static final String PROGRESS = "terminal.progress";
    private static final long MOST_BYTES = 16L << 20;

    private final long logBytes;
    private final Map<Path, Followed> followed = new HashMap<>(); // guarded by this, as the next
    private @Nullable WatchService service;
    private boolean closed;

    /** @param outputBytes bound of a container's output */
    TerminalLogs(long outputBytes) {
        this.logBytes = Math.min(MOST_BYTES, outputBytes);
    }

    private record Followed(TerminalLog log, WatchKey key) {}

    /** The monitor's arguments for a terminal. */
    List<String> monitorArguments(ContainerRecord record) {
        return List.of(
                "--terminal",
                "--full-attach",
                "--leave-stdin-open",
                "--no-sync-log",
                "--log-path",
                "k8s-file:" + log(record),
                "--log-size-max",
                Long.toString(logBytes));
    }

    private static Path log(ContainerRecord record) {
        return record.file(DIRECTORY).resolve("log");
    }

    /** Goes on where an earlier agent has left off. */
    void resume(ContainerRecord record, Path sandbox) {
        try {
            follow(record, sandbox);
            drain(record);
        } catch (IOException e) {
            LOG.warn("{}: what its terminal shows is not copied: {}", record, e.toString());
        }
    }

    /** Begins to copy; before the monitor begins to log. */
    synchronized void follow(ContainerRecord record, Path sandbox) throws IOException {
        if (closed || followed.containsKey(record.directory())) {
            return;
        }
        Path directory = record.file(DIRECTORY);
        Durable.createPrivate(directory);
        TerminalLog log = new TerminalLog(log(record), record.file(PROGRESS), sandbox.resolve(SandboxHook.STDOUT));
        WatchKey key = directory.register(
                watching(), StandardWatchEventKinds.ENTRY_CREATE, StandardWatchEventKinds.ENTRY_MODIFY);
        followed.put(record.directory(), new Followed(log, key));
    }

    private WatchService watching() throws IOException {
        WatchService watching = service;
        if (watching == null) {
            watching = Path.of("/").getFileSystem().newWatchService();
            service = watching;
            WatchService started = watching;
            Thread thread = new Thread(() -> run(started), "terminal-output");
            thread.setDaemon(true);
            thread.start();
        }
        return watching;
    }

    private void run(WatchService watching) {
        Deque<WatchKey> unfinished = new ArrayDeque<>();
        try {
            while (true) {
                WatchKey changed = unfinished.isEmpty() ? watching.take() : watching.poll();
                if (changed != null) {
                    // Reset before reading: what is written from now on is told anew.
                    changed.pollEvents();
                    changed.reset();
                    unfinished.add(changed);
                }
                WatchKey next = unfinished.remove();
                if (copy(next) && !unfinished.contains(next)) {
                    unfinished.add(next);
                }
            }
        } catch (ClosedWatchServiceException e) {
            // Closed: the end of this thread.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Whether there may be more. */
    private boolean copy(WatchKey key) {
        Path record = ((Path) key.watchable()).getParent();
        TerminalLog log = log(record);
        try {
            return log != null && log.copy();
        } catch (IOException e) {
            LOG.warn("{}: what its terminal shows is not copied: {}", record, e.toString());
            return false;
        }
    }

    private synchronized @Nullable TerminalLog log(Path record) {
        Followed found = followed.get(record);
        return found == null ? null : found.log();
    }

    /** Copies the rest, of one whose monitor has ended. */
    void drain(ContainerRecord record) throws IOException {
        TerminalLog log = log(record.directory());
        if (log != null) {
            log.copyAll();
        }
    }

    synchronized void forget(ContainerRecord record) throws IOException {
        Followed found = followed.remove(record.directory());
        if (found != null) {
            found.key().cancel();
            found.log().close();
        }
    }

    @Override
    public synchronized void close() {
        closed = true;
        try {
            if (service != null) {
                service.close();
            }
            for (Followed each : followed.values()) {
                each.log().close();
            }
        } catch (IOException e) {
            LOG.warn("closing the logs of terminals: {}", e.toString());
        }
        followed.clear();
    }
}
