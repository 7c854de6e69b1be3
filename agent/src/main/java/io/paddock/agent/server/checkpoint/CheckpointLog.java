package io.paddock.agent.server.checkpoint;

import io.paddock.proto.checkpoint.Record;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An append-only log of records. A frame is the payload's length and CRC-32C (big-endian, 4 bytes each) and the payload.
 *
 * <p>Guarantees: what {@link #append} has completed for survives a crash of the machine; after a crash the log is some
 * prefix of what was appended that includes all of that. One process at a time: the directory is locked.
 */
public final class CheckpointLog implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(CheckpointLog.class);
    private static final int HEADER_BYTES = 8;
    private static final int MAX_RECORD_BYTES = 64 << 20;
    private static final long REWRITE_FROM_BYTES = 4L << 20;
    private static final int REWRITE_FACTOR = 4;

    private final Path directory;
    private final Path file;
    private final FileChannel lockFile;
    private final FileLock lock;
    private final ExecutorService thread;
    private FileChannel channel;
    /** After a failed write the end of the file is unknown: nothing may follow. Used by the log's thread only. */
    private @Nullable IOException broken;

    private volatile long size;
    private volatile long sizeWhenRewritten;

    private CheckpointLog(Path directory, Path file, FileChannel lockFile, FileLock lock, FileChannel channel)
            throws IOException {
        this.directory = directory;
        this.file = file;
        this.lockFile = lockFile;
        this.lock = lock;
        this.channel = channel;
        this.size = channel.position();
        this.thread = Executors.newSingleThreadExecutor(task -> {
            Thread t = new Thread(task, "checkpoint-log");
            t.setDaemon(true);
            return t;
        });
    }

    /** The log and what it holds. */
    public record Opened(CheckpointLog log, List<Record> records) {}

    /**
     * Opens the log, cuts off what a crash left half-written and makes the rest durable. Blocks.
     *
     * @throws IOException naming the directory when another process uses it or it cannot be used
     */
    public static Opened open(Path directory) throws IOException {
        Files.createDirectories(directory);
        // tasks' environments may hold secrets
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwx------"));
        FileChannel lockFile =
                FileChannel.open(directory.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        FileLock lock = tryLock(lockFile);
        if (lock == null) {
            lockFile.close();
            throw new IOException("another agent uses " + directory);
        }
        Path file = directory.resolve("agent.log");
        FileChannel channel =
                FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
        List<Record> records = read(channel, file);
        channel.truncate(channel.position());
        channel.force(true);
        syncDirectory(directory);
        return new Opened(new CheckpointLog(directory, file, lockFile, lock, channel), records);
    }

    private static @Nullable FileLock tryLock(FileChannel lockFile) throws IOException {
        try {
            return lockFile.tryLock();
        } catch (OverlappingFileLockException e) {
            return null;
        }
    }

    /** Leaves the channel at the end of the last whole frame. */
    private static List<Record> read(FileChannel channel, Path file) throws IOException {
        List<Record> records = new ArrayList<>();
        ByteBuffer header = ByteBuffer.allocate(HEADER_BYTES);
        long position = 0;
        while (fill(channel, header.clear(), position)) {
            int length = header.getInt(0);
            if (length <= 0 || length > MAX_RECORD_BYTES) {
                break;
            }
            ByteBuffer payload = ByteBuffer.allocate(length);
            if (!fill(channel, payload, position + HEADER_BYTES) || checksum(payload.array()) != header.getInt(4)) {
                break;
            }
            records.add(Record.parseFrom(payload.array()));
            position += HEADER_BYTES + length;
        }
        if (position < channel.size()) {
            LOG.warn("{}: the last {} bytes were never completed and are dropped", file, channel.size() - position);
        }
        channel.position(position);
        return records;
    }

    private static boolean fill(FileChannel channel, ByteBuffer buffer, long position) throws IOException {
        long at = position;
        while (buffer.hasRemaining()) {
            int n = channel.read(buffer, at);
            if (n < 0) {
                return false;
            }
            at += n;
        }
        return true;
    }

    private static int checksum(byte[] payload) {
        CRC32C crc = new CRC32C();
        crc.update(payload);
        return (int) crc.getValue();
    }

    /** Completes when the records, and all before them, are on disk. A failure leaves the log unusable. */
    public CompletionStage<Void> append(List<Record> records) {
        return run(() -> {
            write(channel, records);
            channel.force(false);
            size = channel.position();
        });
    }

    /** Appends without making durable; a later {@link #append} does. */
    public CompletionStage<Void> appendLazily(List<Record> records) {
        return run(() -> {
            write(channel, records);
            size = channel.position();
        });
    }

    /** Whether so much of the log is history that it should be rewritten. */
    public boolean isWorthRewriting() {
        return size > REWRITE_FROM_BYTES && size > REWRITE_FACTOR * sizeWhenRewritten;
    }

    /** Replaces everything appended so far by these records, at once or not at all. */
    public CompletionStage<Void> rewrite(List<Record> records) {
        sizeWhenRewritten = size;
        return run(() -> {
            Path next = directory.resolve("agent.log.next");
            FileChannel replacement = FileChannel.open(
                    next, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.WRITE);
            write(replacement, records);
            replacement.force(true);
            Files.move(next, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            syncDirectory(directory);
            channel.close();
            channel = replacement;
            size = channel.position();
            sizeWhenRewritten = size;
        });
    }

    private static void write(FileChannel to, List<Record> records) throws IOException {
        int total = 0;
        for (Record record : records) {
            total += HEADER_BYTES + record.getSerializedSize();
        }
        ByteBuffer buffer = ByteBuffer.allocate(total);
        for (Record record : records) {
            byte[] payload = record.toByteArray();
            buffer.putInt(payload.length).putInt(checksum(payload)).put(payload);
        }
        buffer.flip();
        while (buffer.hasRemaining()) {
            to.write(buffer);
        }
    }

    private static void syncDirectory(Path directory) throws IOException {
        try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    /** File work. */
    private interface Step {
        void run() throws IOException;
    }

    private CompletableFuture<Void> run(Step step) {
        return CompletableFuture.runAsync(
                () -> {
                    if (broken != null) {
                        throw new IllegalStateException(file + " failed before: " + broken.getMessage(), broken);
                    }
                    try {
                        step.run();
                    } catch (IOException e) {
                        broken = e;
                        throw new UncheckedIOException(file + ": " + e.getMessage(), e);
                    }
                },
                thread);
    }

    /** Finishes what was asked for and lets another process open the directory. Blocks. */
    @Override
    public void close() {
        run(() -> {
                    channel.force(true);
                    channel.close();
                    lock.release();
                    lockFile.close();
                })
                .join();
        thread.shutdown();
    }
}
