package io.paddock.platform.security;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
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
    private final Map<List<Source>, Watched<?>> shared = new HashMap<>(); // guarded by itself
    private boolean begun; // guarded by this, as is the field below
    private @Nullable ScheduledExecutorService thread;

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
     * A file to watch, or a directory, which counts as the contents of its files one after the other in the order of their names.
     *
     * @param flag which named it
     */
    public record Source(String flag, Path file) {
        @Override
        public String toString() {
            return "--" + flag + ": " + file;
        }
    }

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
        Watched<T> watched =
                new Watched<>(List.of(new Source(flag, file)), contents -> parse.apply(contents.get(0)), changed);
        add(watched);
        return watched::value;
    }

    /**
     * Files that count together or not at all, such as a key and its certificate: while they do not fit each other, what was
     * read before stays in force. Whoever asks for the same files again shares what is read.
     *
     * @param type tells what kind of value is shared
     * @param parse as above, of the contents in the order of the sources
     */
    public <T> Supplier<T> watchTogether(List<Source> sources, Class<T> type, Function<List<byte[]>, T> parse) {
        synchronized (shared) {
            Watched<?> known = shared.get(sources);
            if (known == null) {
                known = new Watched<>(sources, parse, value -> {});
                shared.put(List.copyOf(sources), known);
                add(known);
            }
            Watched<?> found = known;
            return () -> type.cast(found.value());
        }
    }

    private synchronized void add(Watched<?> watched) {
        files.add(watched);
        if (begun) {
            watchFromNow();
        }
    }

    /** Begins to watch, also what is added later. */
    public synchronized void start() {
        begun = true;
        watchFromNow();
    }

    private synchronized void watchFromNow() {
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
        return files.stream().flatMap(Watched::statuses).toList();
    }

    @Override
    public synchronized void close() {
        begun = false;
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

    /** The file itself, or all that a directory holds. */
    private static List<Path> filesOf(Path source) throws IOException {
        if (!Files.isDirectory(source)) {
            return List.of(source);
        }
        try (Stream<Path> held = Files.list(source)) {
            return held.filter(Files::isRegularFile).sorted().toList();
        }
    }

    private static byte[] read(Path source) throws IOException {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (Path file : filesOf(source)) {
            all.write(Files.readAllBytes(file));
        }
        return all.toByteArray();
    }

    /** What is known of the files at one moment. */
    private record Known<T>(
            T value,
            Instant loadedAt,
            long reloads,
            @Nullable String refused) {}

    private static final class Watched<T> {
        private final List<Source> sources;
        private final Function<List<byte[]>, T> parse;
        private final Consumer<T> changed;
        private @Nullable List<Stamp> stamps; // the watching thread's own once started
        private volatile Known<T> known; // likewise, as far as it is written

        Watched(List<Source> sources, Function<List<byte[]>, T> parse, Consumer<T> changed) {
            this.sources = List.copyOf(sources);
            this.parse = parse;
            this.changed = changed;
            try {
                stamps = stampAll();
                known = new Known<>(parse.apply(readAll()), Instant.now(), 0, null);
            } catch (IOException e) {
                throw new IllegalArgumentException(names() + " cannot be read: " + e, e);
            } catch (IllegalArgumentException e) {
                throw new IllegalArgumentException(names() + ": " + e.getMessage(), e);
            }
        }

        T value() {
            return known.value();
        }

        private String names() {
            return sources.stream().map(Source::toString).collect(Collectors.joining(", "));
        }

        private List<Stamp> stampAll() throws IOException {
            List<Stamp> all = new ArrayList<>();
            for (Source source : sources) {
                for (Path file : filesOf(source.file())) {
                    all.add(Stamp.of(file));
                }
            }
            return all;
        }

        private List<byte[]> readAll() throws IOException {
            List<byte[]> all = new ArrayList<>();
            for (Source source : sources) {
                all.add(read(source.file()));
            }
            return all;
        }

        void look() {
            try {
                List<Stamp> now = stampAll();
                if (now.equals(stamps)) {
                    return;
                }
                stamps = now;
                T value = parse.apply(readAll());
                known = new Known<>(value, Instant.now(), known.reloads() + 1, null);
                LOG.info("{}: changed and in force", names());
                changed.accept(value);
            } catch (IOException e) {
                refuse("cannot be read: " + e);
                stamps = null;
            } catch (RuntimeException e) {
                refuse(String.valueOf(e.getMessage()));
            }
        }

        private void refuse(String why) {
            Known<T> before = known;
            if (!why.equals(before.refused())) {
                known = new Known<>(before.value(), before.loadedAt(), before.reloads(), why);
                LOG.error("{}: not taken, what was read before stays in force: {}", names(), why);
            }
        }

        Stream<Status> statuses() {
            Known<T> now = known;
            return sources.stream()
                    .map(source ->
                            new Status(source.flag(), source.file(), now.loadedAt(), now.reloads(), now.refused()));
        }
    }
}
