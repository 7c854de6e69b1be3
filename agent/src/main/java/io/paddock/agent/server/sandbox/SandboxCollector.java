package io.paddock.agent.server.sandbox;

import io.paddock.platform.linux.Trees;
import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Deletes sandboxes nobody uses once they are older than {@code delay × max(0, 1 − headroom − disk usage)}: the fuller the
 * disk, the sooner. Source: sandbox garbage collection of the Mesos agent.
 */
public final class SandboxCollector implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(SandboxCollector.class);

    /** {@code slaves/<agent>/frameworks/<framework>/executors/<executor>/runs/<container>}. */
    private static final int RUN_DEPTH = 7;

    private final Path workDir;
    private final Duration delay;
    private final double headroom;
    private final Duration interval;
    private final Map<Path, Instant> retired = new LinkedHashMap<>(); // used by the thread only
    private volatile long pending;
    private volatile long succeeded; // written by the thread only, as the others
    private volatile long failed;
    private final ScheduledExecutorService thread;

    public SandboxCollector(Path workDir, Duration delay, double headroom, Duration interval) {
        this.workDir = workDir;
        this.delay = delay;
        this.headroom = headroom;
        this.interval = interval;
        this.thread = Executors.newSingleThreadScheduledExecutor(task -> {
            Thread t = new Thread(task, "sandbox-collector");
            t.setDaemon(true);
            return t;
        });
    }

    /** Finds what earlier runs of the agent left, except what is in use, and begins to collect. */
    public void start(Set<Path> inUse) {
        thread.execute(() -> findRetired(inUse));
        thread.scheduleWithFixedDelay(this::collect, interval.toMillis(), interval.toMillis(), TimeUnit.MILLISECONDS);
    }

    /** The sandbox is not used any more from now on. */
    public void retire(Path sandbox) {
        retire(sandbox, Instant.now());
    }

    /** The sandbox has not been used any more since then. */
    public void retire(Path sandbox, Instant since) {
        if (!thread.isShutdown()) {
            thread.execute(() -> {
                retired.put(sandbox, since);
                pending = retired.size();
            });
        }
    }

    /** The sandbox is gone, with those in it: one that is made in its place is not the old one. */
    public void forget(Path sandbox) {
        if (!thread.isShutdown()) {
            thread.execute(() -> {
                retired.keySet().removeIf(path -> path.startsWith(sandbox));
                pending = retired.size();
            });
        }
    }

    private void findRetired(Set<Path> inUse) {
        Path slaves = workDir.resolve("slaves");
        if (!Files.isDirectory(slaves)) {
            return;
        }
        try (Stream<Path> tree = Files.find(
                slaves,
                RUN_DEPTH,
                (path, attributes) ->
                        attributes.isDirectory() && slaves.relativize(path).getNameCount() == RUN_DEPTH)) {
            for (Path run : (Iterable<Path>) tree::iterator) {
                if (!inUse.contains(run)) {
                    retired.put(run, Files.getLastModifiedTime(run).toInstant());
                }
            }
            pending = retired.size();
        } catch (IOException | java.io.UncheckedIOException e) {
            LOG.warn("Old sandboxes below {} cannot be listed: {}", slaves, e.toString());
        }
    }

    private void collect() {
        try {
            Instant oldest = Instant.now().minus(maxAge());
            for (Iterator<Map.Entry<Path, Instant>> all = retired.entrySet().iterator(); all.hasNext(); ) {
                Map.Entry<Path, Instant> entry = all.next();
                if (!entry.getValue().isAfter(oldest)) {
                    all.remove();
                    remove(entry.getKey());
                }
            }
        } catch (IOException e) {
            LOG.warn("Sandboxes cannot be collected: {}", e.toString());
        }
        pending = retired.size();
    }

    /** One that cannot be deleted is not tried again before the next start. */
    private void remove(Path sandbox) {
        try {
            delete(sandbox);
            succeeded++;
        } catch (IOException e) {
            failed++;
            LOG.warn("Sandbox {} cannot be collected: {}", sandbox, e.toString());
        }
    }

    /** What Mesos publishes of it. Any thread. */
    public Map<String, Number> metrics() {
        Map<String, Number> metrics = new TreeMap<>();
        metrics.put("gc/path_removals_pending", pending);
        metrics.put("gc/path_removals_succeeded", succeeded);
        metrics.put("gc/path_removals_failed", failed);
        try {
            metrics.put("slave/executor_directory_max_allowed_age_secs", maxAge().toMillis() / 1000.0);
        } catch (IOException e) {
            LOG.debug("The disk of {} cannot be asked", workDir, e);
        }
        return metrics;
    }

    private Duration maxAge() throws IOException {
        FileStore store = Files.getFileStore(workDir);
        double usage = 1 - (double) store.getUsableSpace() / Math.max(1, store.getTotalSpace());
        return Duration.ofMillis((long) (delay.toMillis() * Math.max(0, 1 - headroom - usage)));
    }

    private void delete(Path sandbox) throws IOException {
        if (!Files.isDirectory(sandbox)) {
            return;
        }
        // What is around a nested one may still run.
        Path root = workDir.resolve(workDir.relativize(sandbox).getName(0));
        Trees.delete(root, root.relativize(sandbox));
        LOG.info("Collected sandbox {}", sandbox);
        if (isRun(sandbox)) {
            deleteEmptyAbove(sandbox);
        }
    }

    /** Others are inside of what is in use. */
    private boolean isRun(Path sandbox) {
        Path slaves = workDir.resolve("slaves");
        return sandbox.startsWith(slaves) && slaves.relativize(sandbox).getNameCount() == RUN_DEPTH;
    }

    private void deleteEmptyAbove(Path sandbox) throws IOException {
        Path runs = sandbox.getParent();
        if (runs != null && Files.isSymbolicLink(runs.resolve("latest")) && !Files.exists(runs.resolve("latest"))) {
            Files.delete(runs.resolve("latest"));
        }
        Path slaves = workDir.resolve("slaves");
        for (Path d = runs; d != null && d.startsWith(slaves) && !d.equals(slaves); d = d.getParent()) {
            try (Stream<Path> entries = Files.list(d)) {
                if (entries.findAny().isPresent()) {
                    return;
                }
            }
            Files.delete(d);
        }
    }

    @Override
    public void close() {
        thread.shutdownNow();
    }
}
