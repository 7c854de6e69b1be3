package io.paddock.agent.server.containers.fetch;

import io.paddock.agent.server.containers.tools.Cancellation;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.stream.Stream;

/**
 * Fetched files for repeated use, within a total size; the least recently used ones go first. As in Mesos it is never asked
 * whether the source has changed. Two containers that want one file fetch it once.
 */
final class FetchCache {
    private final Path directory;
    private final long maxBytes;
    private final Download download;
    private final Clock clock = Clock.systemUTC();
    private final ConcurrentMap<String, Object> locks = new ConcurrentHashMap<>();

    FetchCache(Path directory, long maxBytes, Download download) {
        this.directory = directory;
        this.maxBytes = maxBytes;
        this.download = download;
    }

    /** Puts a copy of the file, from the cache or the source, at a place. */
    void copy(Source source, Path target, Cancellation cancellation) throws IOException {
        String key = key(source.text());
        Path cached = directory.resolve(key);
        synchronized (locks.computeIfAbsent(key, ignored -> new Object())) {
            if (!Files.exists(cached)) {
                Files.createDirectories(directory);
                download.get(source, cached, cancellation);
            }
            Files.setLastModifiedTime(cached, FileTime.from(clock.instant()));
            Files.copy(cached, target, java.nio.file.StandardCopyOption.REPLACE_EXISTING);
        }
        shrink();
    }

    private synchronized void shrink() throws IOException {
        List<Path> files = new ArrayList<>();
        long total = 0;
        try (Stream<Path> found = Files.list(directory)) {
            for (Path file : found.filter(path -> !path.getFileName().toString().startsWith("."))
                    .toList()) {
                files.add(file);
                total += Files.size(file);
            }
        }
        files.sort(Comparator.comparing(FetchCache::used));
        for (Path file : files) {
            if (total <= maxBytes) {
                return;
            }
            total -= Files.size(file);
            Files.deleteIfExists(file);
        }
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
