package io.paddock.agent.server.checkpoint;

import io.paddock.proto.checkpoint.Record;
import java.io.ByteArrayOutputStream;
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
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An append-only log of records. A frame is the payload's length and CRC-32C (big-endian, 4 bytes each) and the payload.
 *
 * <p>Guarantees: what {@link #append} has completed for survives a crash of the machine; after a crash the log is some
 * prefix of what was appended that includes all of that. One process at a time: the directory is locked. A disk that is full or
 * read-only delays what is appended until it can be written again; zeros after the last frame keep room for a while of that.
 */
public final class CheckpointLog implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(CheckpointLog.class);
    private static final int HEADER_BYTES = 8;
    private static final int MAX_RECORD_BYTES = 64 << 20;
    private static final long REWRITE_FROM_BYTES = 4L << 20;
    private static final int REWRITE_FACTOR = 4;
    private static final int MOST_ROOM_BYTES = 1 << 20;
    private static final int LEAST_ROOM_BYTES = MOST_ROOM_BYTES / 2;
    private static final int MOST_UNFORCED_BYTES = 1 << 20;
    private static final Duration PAUSE = Duration.ofSeconds(1);

    private final Path directory;
    private final Path file;
    private final Names names;
    private final FileChannel lockFile;
    private final FileLock lock;
    private final ExecutorService thread;
    private final CountDownLatch closing = new CountDownLatch(1);
    private FileChannel channel;
    /** Frames that are not known to be on disk, and how much of them is in the file. Used by the log's thread, as all below. */
    private final ByteArrayOutputStream unforced = new ByteArrayOutputStream();

    private int written;
    /** Where zeros end. */
    private long roomEnd;
    /** When room could not be made, in the time of {@link System#nanoTime}; null if it could. */
    private @Nullable Long noRoomAt;

    /** The end of what is on disk. */
    private volatile long size;

    private volatile long sizeWhenRewritten;
    private volatile @Nullable String trouble;
    private volatile Consumer<String> whenInTrouble = why -> {};

    private CheckpointLog(
            Path directory, Path file, Names names, FileChannel lockFile, FileLock lock, FileChannel channel)
            throws IOException {
        this.directory = directory;
        this.names = names;
        this.file = file;
        this.lockFile = lockFile;
        this.lock = lock;
        this.channel = channel;
        this.size = channel.position();
        this.roomEnd = channel.size();
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
        return open(directory, CheckpointLog::syncDirectory);
    }

    /** Makes the names in a directory durable. */
    interface Names {
        void sync(Path directory) throws IOException;
    }

    static Opened open(Path directory, Names names) throws IOException {
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
        if (!zerosFrom(channel, channel.position())) {
            LOG.warn(
                    "{}: the last {} bytes were never completed and are dropped",
                    file,
                    channel.size() - channel.position());
            channel.truncate(channel.position());
        }
        channel.force(true);
        names.sync(directory);
        return new Opened(new CheckpointLog(directory, file, names, lockFile, lock, channel), records);
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
        channel.position(position);
        return records;
    }

    private static boolean zerosFrom(FileChannel channel, long position) throws IOException {
        ByteBuffer rest = ByteBuffer.allocate((int) Math.min(channel.size() - position, MOST_ROOM_BYTES + 1L));
        fill(channel, rest, position);
        for (byte each : rest.array()) {
            if (each != 0) {
                return false;
            }
        }
        return rest.capacity() <= MOST_ROOM_BYTES;
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

    /** Completes when the records, and all before them, are on disk, which lasts as long as it cannot be written. */
    public CompletionStage<Void> append(List<Record> records) {
        return run(() -> {
            byte[] frames = frames(records);
            unforced.write(frames);
            force(frames);
        });
    }

    /** Appends without making durable; a later {@link #append} does. */
    public CompletionStage<Void> appendLazily(List<Record> records) {
        return run(() -> {
            byte[] frames = frames(records);
            unforced.write(frames);
            if (unforced.size() > MOST_UNFORCED_BYTES) {
                force(frames);
            } else if (trouble == null) {
                try {
                    write(frames);
                } catch (IOException e) {
                    written = 0; // the next append begins anew
                }
            }
        });
    }

    /** @param told why the disk cannot be written, each time that begins; from the log's thread */
    public void whenInTrouble(Consumer<String> told) {
        whenInTrouble = told;
    }

    /** Why the disk cannot be written just now; null when it can. From any thread. */
    public @Nullable String trouble() {
        return trouble;
    }

    /** @param last the end of what is unforced, and often all of it that is not in the file yet */
    private void write(byte[] last) throws IOException {
        int missing = unforced.size() - written;
        ByteBuffer rest = missing == last.length
                ? ByteBuffer.wrap(last)
                : ByteBuffer.wrap(unforced.toByteArray(), written, missing);
        long at = size + written;
        while (rest.hasRemaining()) {
            at += channel.write(rest, at);
        }
        written = unforced.size();
    }

    /** Until it has succeeded. After a failure all that may not be on disk is written anew: the kernel may have dropped it. */
    private void force(byte[] last) throws IOException {
        untilItSucceeds(() -> {
            try {
                write(last);
                channel.force(false);
            } catch (IOException e) {
                written = 0;
                throw e;
            }
        });
        size += written;
        written = 0;
        unforced.reset();
        keepRoom();
    }

    private void untilItSucceeds(Step step) throws IOException {
        while (true) {
            try {
                step.run();
                break;
            } catch (IOException e) {
                failing(e);
            }
        }
        if (trouble != null) {
            LOG.info("{} is written again", file);
            trouble = null;
        }
    }

    private void failing(IOException e) throws IOException {
        boolean begins = trouble == null;
        String why = file + " cannot be written: " + e.getMessage();
        trouble = why;
        if (begins) {
            LOG.error("{}; nothing is started or reported until it can", why);
            whenInTrouble.accept(why);
        }
        try {
            if (closing.await(PAUSE.toMillis(), TimeUnit.MILLISECONDS)) {
                throw new IOException(trouble, e);
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new IOException(trouble, interrupted);
        }
    }

    /** Zeros to be overwritten when the disk is full. Where it is full already there is no room, until later. */
    private void keepRoom() {
        boolean failedJustNow = noRoomAt != null && System.nanoTime() - noRoomAt < PAUSE.toNanos();
        if (roomEnd - size >= LEAST_ROOM_BYTES || failedJustNow) {
            return;
        }
        try {
            long from = Math.max(roomEnd, size);
            ByteBuffer zeros = ByteBuffer.allocate((int) (size + MOST_ROOM_BYTES - from));
            while (zeros.hasRemaining()) {
                channel.write(zeros, from + zeros.position());
                roomEnd = from + zeros.position();
            }
            channel.force(true);
            noRoomAt = null;
        } catch (IOException e) {
            noRoomAt = System.nanoTime();
            LOG.debug("{}: no room for later: {}", file, e.getMessage());
        }
    }

    /** Whether so much of the log is history that it should be rewritten. */
    public boolean isWorthRewriting() {
        return size > REWRITE_FROM_BYTES && size > REWRITE_FACTOR * sizeWhenRewritten;
    }

    /** Replaces everything appended so far by these records, at once or, as on a full disk, not at all. */
    public CompletionStage<Void> rewrite(List<Record> records) {
        sizeWhenRewritten = size;
        return run(() -> {
            Path next = directory.resolve("agent.log.next");
            byte[] frames = frames(records);
            FileChannel replacement;
            try {
                replacement = replacement(next, frames);
            } catch (IOException e) {
                LOG.warn("{} cannot be rewritten and goes on to grow: {}", file, e.getMessage());
                deleteQuietly(next);
                return;
            }
            FileChannel old = channel;
            channel = replacement;
            unforced.reset();
            written = 0;
            size = frames.length;
            roomEnd = size;
            sizeWhenRewritten = size;
            try {
                old.close();
            } catch (IOException e) {
                LOG.debug("{}: what was rewritten cannot be closed: {}", file, e.getMessage());
            }
            // The name may still be that of the old file after a crash: nothing is appended before it is not.
            untilItSucceeds(() -> names.sync(directory));
            keepRoom();
        });
    }

    /** What stays is overwritten by the next attempt. */
    private static void deleteQuietly(Path next) {
        try {
            Files.deleteIfExists(next);
        } catch (IOException e) {
            LOG.debug("{} stays: {}", next, e.getMessage());
        }
    }

    private FileChannel replacement(Path next, byte[] frames) throws IOException {
        FileChannel replacement = FileChannel.open(
                next, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.WRITE);
        try {
            ByteBuffer rest = ByteBuffer.wrap(frames);
            while (rest.hasRemaining()) {
                replacement.write(rest);
            }
            replacement.force(true);
            Files.move(next, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            return replacement;
        } catch (IOException e) {
            replacement.close();
            throw e;
        }
    }

    private static byte[] frames(List<Record> records) {
        int total = 0;
        for (Record record : records) {
            total += HEADER_BYTES + record.getSerializedSize();
        }
        ByteBuffer buffer = ByteBuffer.allocate(total);
        for (Record record : records) {
            byte[] payload = record.toByteArray();
            buffer.putInt(payload.length).putInt(checksum(payload)).put(payload);
        }
        return buffer.array();
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
                    try {
                        step.run();
                    } catch (IOException e) {
                        throw new UncheckedIOException(file + ": " + e.getMessage(), e);
                    }
                },
                thread);
    }

    /**
     * Finishes what was asked for, unless the disk cannot be written, and lets another process open the directory. Blocks. What
     * is not written nobody was told of.
     */
    @Override
    public void close() {
        closing.countDown();
        run(() -> {
                    try {
                        if (unforced.size() > 0) {
                            force(unforced.toByteArray());
                        }
                    } finally {
                        channel.close();
                        lock.release();
                        lockFile.close();
                    }
                })
                .exceptionally(failure -> {
                    LOG.warn("What was to be written last is not: {}", failure.getMessage());
                    return null;
                })
                .join();
        thread.shutdown();
    }
}
