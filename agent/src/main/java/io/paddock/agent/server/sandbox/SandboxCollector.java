package io.paddock.agent.server.sandbox;

import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.time.Instant;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Deletes sandboxes nobody uses once they are older than {@code delay × max(0, 1 − headroom − disk usage)}: the fuller the
 * disk, the sooner. Source: sandbox garbage collection of the Mesos agent.
 */
public final class SandboxCollector implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(SandboxCollector.class);

    private final Path workDir;
    private final Duration delay;
    private final double headroom;
    private final Duration interval;
    private final Map<Path, Instant> retired = new LinkedHashMap<>(); // used by the thread only
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
        Instant now = Instant.now();
        if (!thread.isShutdown()) {
            thread.execute(() -> retired.put(sandbox, now));
        }
    }

    private void findRetired(Set<Path> inUse) {
        Path slaves = workDir.resolve("slaves");
        if (!Files.isDirectory(slaves)) {
            return;
        }
        // slaves/<agent>/frameworks/<framework>/executors/<executor>/runs/<container>
        int depth = 7;
        try (Stream<Path> tree = Files.find(
                slaves,
                depth,
                (path, attributes) ->
                        attributes.isDirectory() && slaves.relativize(path).getNameCount() == depth)) {
            for (Path run : (Iterable<Path>) tree::iterator) {
                if (!inUse.contains(run)) {
                    retired.put(run, Files.getLastModifiedTime(run).toInstant());
                }
            }
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
                    delete(entry.getKey());
                    all.remove();
                }
            }
        } catch (IOException e) {
            LOG.warn("Sandboxes cannot be collected: {}", e.toString());
        }
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
        Files.walkFileTree(sandbox, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                Files.delete(file);
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path directory, @Nullable IOException e) throws IOException {
                Files.delete(directory);
                return FileVisitResult.CONTINUE;
            }
        });
        LOG.info("Collected sandbox {}", sandbox);
        deleteEmptyAbove(sandbox);
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
