package io.paddock.platform.security;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Files whose contents count from the moment they are changed. Looked at once a second by one thread; a file that cannot be
 * read, or does not say what it should, changes nothing, is logged once, and is told by {@link #status}.
 */
public final class WatchedFiles implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(WatchedFiles.class);
    private static final long EVERY_MILLIS = 1_000;

    private final List<Watched<?>> files = new CopyOnWriteArrayList<>();
    private @Nullable ScheduledExecutorService thread; // guarded by this

    /**
     * One file.
     *
     * @param flag which named it
     * @param loadedAt when what is in force was read
     * @param reloads how often it was read again and taken
     * @param refused why its present contents are not in force; null when they are
     */
    public record Status(
            String flag,
            Path file,
            Instant loadedAt,
            long reloads,
            @Nullable String refused) {}

    /**
     * Reads a file now and whenever it changes.
     *
     * @param parse throws IllegalArgumentException when the file does not fit; its message must not show secrets
     * @return what is in force
     * @throws IllegalArgumentException when the file does not fit now
     */
    public <T> Supplier<T> watch(String flag, Path file, Function<byte[], T> parse) {
        return watch(flag, file, parse, value -> {});
    }

    /**
     * As above.
     *
     * @param changed told of every new value but the first, on the watching thread
     */
    public <T> Supplier<T> watch(String flag, Path file, Function<byte[], T> parse, Consumer<T> changed) {
        Watched<T> watched = new Watched<>(flag, file, parse, changed);
        files.add(watched);
        return () -> watched.value;
    }

    /** Begins to watch; without files it does nothing. */
    public synchronized void start() {
        if (thread != null || files.isEmpty()) {
            return;
        }
        ScheduledExecutorService started = Executors.newSingleThreadScheduledExecutor(task -> {
            Thread made = new Thread(task, "watched-files");
            made.setDaemon(true);
            return made;
        });
        started.scheduleWithFixedDelay(
                () -> files.forEach(Watched::look), EVERY_MILLIS, EVERY_MILLIS, TimeUnit.MILLISECONDS);
        thread = started;
    }

    public List<Status> status() {
        return files.stream().map(Watched::status).toList();
    }

    @Override
    public synchronized void close() {
        if (thread != null) {
            thread.shutdownNow();
            thread = null;
        }
    }

    /** What tells that a file is another one or was written again. */
    private record Stamp(@Nullable Object key, FileTime modified, long size) {
        static Stamp of(Path file) throws IOException {
            BasicFileAttributes a = Files.readAttributes(file, BasicFileAttributes.class);
            return new Stamp(a.fileKey(), a.lastModifiedTime(), a.size());
        }
    }

    private static final class Watched<T> {
        private final String flag;
        private final Path file;
        private final Function<byte[], T> parse;
        private final Consumer<T> changed;
        private volatile T value;
        private @Nullable Stamp stamp; // the watching thread's own once started
        private volatile Instant loadedAt = Instant.now();
        private volatile long reloads;
        private volatile @Nullable String refused;

        Watched(String flag, Path file, Function<byte[], T> parse, Consumer<T> changed) {
            this.flag = flag;
            this.file = file;
            this.parse = parse;
            this.changed = changed;
            try {
                stamp = Stamp.of(file);
                value = parse.apply(Files.readAllBytes(file));
            } catch (IOException e) {
                throw new IllegalArgumentException("--" + flag + ": " + file + " cannot be read: " + e, e);
            } catch (IllegalArgumentException e) {
                throw new IllegalArgumentException("--" + flag + ": " + file + ": " + e.getMessage(), e);
            }
        }

        void look() {
            try {
                Stamp now = Stamp.of(file);
                if (now.equals(stamp)) {
                    return;
                }
                stamp = now;
                value = parse.apply(Files.readAllBytes(file));
                loadedAt = Instant.now();
                reloads++;
                refused = null;
                LOG.info("--{}: {} has changed and is in force", flag, file);
                changed.accept(value);
            } catch (IOException e) {
                refuse("cannot be read: " + e);
                stamp = null;
            } catch (RuntimeException e) {
                refuse(String.valueOf(e.getMessage()));
            }
        }

        private void refuse(String why) {
            if (!why.equals(refused)) {
                refused = why;
                LOG.error("--{}: {} is not taken, what was read before stays in force: {}", flag, file, why);
            }
        }

        Status status() {
            return new Status(flag, file, loadedAt, reloads, refused);
        }
    }
}
