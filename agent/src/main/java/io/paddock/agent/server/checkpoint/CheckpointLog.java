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
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
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
    /** What was appended since the last rewrite was asked for and is not among the frames yet, in order. */
    private volatile Queue<List<Record>> appended = new ConcurrentLinkedQueue<>();
    /** Frames that are not known to be on disk, and how much of them is in the file. Used by the log's thread, as all below. */
    private final Frames unforced = new Frames();

    private int written;
    /** Whether an attempt that failed may have left something in the file. */
    private boolean leftovers;

    private boolean toldOfTrouble;
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
        List<Record> records = Frames.read(channel);
        if (!Frames.areZeros(channel, channel.position(), MOST_ROOM_BYTES)) {
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

    /**
     * Completes when the records, and all before them, are on disk, which lasts as long as it cannot be written. Those that wait
     * for that are written together.
     */
    public CompletionStage<Void> append(List<Record> records) {
        Queue<List<Record>> since = appended;
        since.add(records);
        return run(() -> {
            take(since);
            if (unforced.size() > 0) {
                force(since);
            }
        });
    }

    /** Appends without making durable; a later {@link #append} does. */
    public CompletionStage<Void> appendLazily(List<Record> records) {
        Queue<List<Record>> since = appended;
        since.add(records);
        return run(() -> {
            take(since);
            if (unforced.size() > MOST_UNFORCED_BYTES) {
                force(since);
            } else if (trouble == null) {
                try {
                    write();
                } catch (IOException e) {
                    written = 0; // the next append begins anew
                }
            }
        });
    }

    private void take(Queue<List<Record>> since) {
        for (List<Record> next = since.poll(); next != null; next = since.poll()) {
            unforced.writeBytes(Frames.of(next));
        }
    }

    /**
     * @param told why the disk cannot be written, each time that begins; nothing of what waits for it can be read from the file
     *     then, and what is appended within a second gets there with it; from the log's thread
     */
    public void whenInTrouble(Consumer<String> told) {
        whenInTrouble = told;
    }

    /** Why the disk cannot be written just now; null when it can. From any thread. */
    public @Nullable String trouble() {
        return trouble;
    }

    private void write() throws IOException {
        ByteBuffer rest = unforced.from(written);
        long at = size + written;
        while (rest.hasRemaining()) {
            at += channel.write(rest, at);
            leftovers = true;
        }
        written = unforced.size();
    }

    /** Until it has succeeded. After a failure all that may not be on disk is written anew: the kernel may have dropped it. */
    private void force(Queue<List<Record>> since) throws IOException {
        leftovers = false;
        untilItSucceeds(() -> {
            try {
                take(since);
                write();
                channel.force(false);
            } catch (IOException e) {
                written = 0;
                throw e;
            }
        });
        size += written;
        written = 0;
        leftovers = false;
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
            toldOfTrouble = false;
        }
    }

    private void failing(IOException e) throws IOException {
        String why = file + " cannot be written: " + e.getMessage();
        if (trouble == null) {
            LOG.error("{}; nothing is started or reported until it can", why);
        }
        trouble = why;
        if (withoutLeftovers() && !toldOfTrouble) {
            toldOfTrouble = true;
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

    /** The next agent would take whole frames among them for true. */
    private boolean withoutLeftovers() {
        if (leftovers) {
            try {
                channel.truncate(size);
                roomEnd = size;
                channel.force(true);
                leftovers = false;
            } catch (IOException e) {
                LOG.debug("{} cannot be cut: {}", file, e.getMessage());
            }
        }
        return !leftovers;
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
        appended = new ConcurrentLinkedQueue<>();
        return run(() -> {
            Path next = directory.resolve("agent.log.next");
            byte[] frames = Frames.of(records);
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
            leftovers = false;
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
     * Finishes what was asked for, unless the disk cannot be written, and lets another process open the directory. Blocks. Of what
     * is not written nobody was told more than {@link #whenInTrouble}, and if that, it is not in the file.
     */
    @Override
    public void close() {
        closing.countDown();
        run(() -> {
                    try {
                        if (unforced.size() > 0) {
                            force(appended);
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
