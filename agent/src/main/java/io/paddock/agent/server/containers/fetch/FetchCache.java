package io.paddock.agent.server.containers.fetch;

import io.paddock.agent.server.containers.tools.Cancellation;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Stream;

/**
 * Fetched files for repeated use, within a total size, partial ones included; the least recently used ones go first. As in Mesos
 * it is never asked whether the source has changed. Two containers that want one file fetch it once; a download that broke is
 * taken up by the next one, also after a restart.
 */
final class FetchCache {
    private static final int LOCKS = 256;
    private static final long LOOK_MILLIS = 50;

    private final Path directory;
    private final long maxBytes;
    private final Download download;
    private volatile long usedBytes;
    private final Clock clock = Clock.systemUTC();
    /** Each guards the files whose key falls to it. */
    private final List<ReentrantLock> locks = new ArrayList<>();

    FetchCache(Path directory, long maxBytes, Download download) {
        this.directory = directory;
        this.maxBytes = maxBytes;
        this.download = download;
        for (int i = 0; i < LOCKS; i++) {
            locks.add(new ReentrantLock());
        }
        this.usedBytes = found();
    }

    private long found() {
        long total = 0;
        try (Stream<Path> files = Files.list(directory)) {
            for (Path file : files.toList()) {
                total += size(file);
            }
        } catch (IOException e) {
            return total; // there is none yet
        }
        return total;
    }

    long maxBytes() {
        return maxBytes;
    }

    /** As it was after the last use, or at the start. */
    long usedBytes() {
        return usedBytes;
    }

    /** Puts a copy of the file, from the cache or the source, at a place. */
    void copy(Source source, Path target, Cancellation cancellation) throws IOException {
        String key = key(source.cacheName());
        Path cached = directory.resolve(key);
        ReentrantLock lock = lock(key);
        await(lock, cancellation);
        try {
            if (!Files.exists(cached)) {
                Files.createDirectories(directory);
                download.get(source, cached, true, cancellation);
            }
            Files.setLastModifiedTime(cached, FileTime.from(clock.instant()));
            Files.copy(cached, target, StandardCopyOption.REPLACE_EXISTING);
        } finally {
            lock.unlock();
        }
        shrink();
    }

    private ReentrantLock lock(String key) {
        return locks.get(Math.floorMod(key.hashCode(), LOCKS));
    }

    private static void await(ReentrantLock lock, Cancellation cancellation) throws IOException {
        try {
            do {
                cancellation.check();
            } while (!lock.tryLock(LOOK_MILLIS, TimeUnit.MILLISECONDS));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted");
        }
    }

    private synchronized void shrink() throws IOException {
        List<Path> files = new ArrayList<>();
        long total = 0;
        try (Stream<Path> found = Files.list(directory)) {
            for (Path file : found.toList()) {
                files.add(file);
                total += size(file);
            }
        }
        // First what cannot stay in any case, lest everything else goes for it.
        files.sort(Comparator.comparing(this::fits).thenComparing(FetchCache::used));
        for (Path file : files) {
            if (total <= maxBytes) {
                break;
            }
            total -= evict(file);
        }
        usedBytes = total;
    }

    /** Not what is in use: it is counted again after the next use. */
    private long evict(Path file) throws IOException {
        String name = file.getFileName().toString();
        ReentrantLock lock = lock(name.startsWith(".") ? name.split("[.]", -1)[1] : name);
        if (!lock.tryLock()) {
            return 0;
        }
        try {
            long size = size(file);
            Files.deleteIfExists(file);
            return size;
        } finally {
            lock.unlock();
        }
    }

    private static long size(Path file) throws IOException {
        try {
            return Files.size(file);
        } catch (NoSuchFileException e) {
            return 0; // became whole just now, under another name
        }
    }

    private boolean fits(Path file) {
        return file.toFile().length() <= maxBytes;
    }

    private static FileTime used(Path file) {
        try {
            return Files.getLastModifiedTime(file);
        } catch (IOException e) {
            return FileTime.fromMillis(0);
        }
    }

    private static String key(String text) {
        try {
            return HexFormat.of()
                    .formatHex(MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
