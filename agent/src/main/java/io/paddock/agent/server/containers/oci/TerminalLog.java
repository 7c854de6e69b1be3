package io.paddock.agent.server.containers.oci;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Locale;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What one terminal has shown, on its way from the monitor's log to the sandbox's stdout. The log has a line for each piece:
 * {@code <time> stdout F|P <text>}, where P (partial) ends without a line's end of the terminal's own. When it is full the
 * monitor puts an empty one in its place.
 *
 * <p>How far the copy has come is written down after each piece, for the next agent: one killed between the two repeats that
 * piece. A log is known by the time of its first line. Of what was shown while no agent was there as much is kept as one log
 * takes, at least what came after the last change of logs. A line cut short, which a full disk leaves, is passed over.
 *
 * <p>Any thread may copy. The files are open from the start since the sandbox is the task's, who may put other things there.
 */
final class TerminalLog implements Closeable {
    private static final int BUFFER_BYTES = 1 << 16;
    private static final int TIME_LENGTH = "2026-01-01T00:00:00.000000000+00:00".length();
    private static final int TEXT = TIME_LENGTH + " stdout F ".length();
    private static final int KIND = TEXT - 2;
    private static final int MOST_AT_ONCE_BYTES = 1 << 20;

    private final Path file;
    private final FileChannel output;
    private final FileChannel progress;
    private @Nullable FileChannel log;
    private @Nullable Object identity;
    private String firstTime = "";
    private long position;
    private boolean resumed;

    /**
     * @param file the log, which may not be there yet
     * @param progressFile says how far it was copied
     * @param stdout the sandbox's
     */
    TerminalLog(Path file, Path progressFile, Path stdout) throws IOException {
        this.file = file;
        if (!Files.isRegularFile(stdout, LinkOption.NOFOLLOW_LINKS)) {
            throw new IOException(stdout + " is no file any more");
        }
        this.output = FileChannel.open(stdout, StandardOpenOption.APPEND, LinkOption.NOFOLLOW_LINKS);
        this.progress = FileChannel.open(
                progressFile, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
    }

    /** Copies all there is. */
    void copyAll() throws IOException {
        while (copy()) {
            // More.
        }
    }

    /** Copies what there is, up to a bound; whether there may be more. */
    synchronized boolean copy() throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(BUFFER_BYTES);
        long copied = 0;
        while (copied < MOST_AT_ONCE_BYTES) {
            // Seen before reading: a log that was replaced by then is complete.
            boolean replaced = replaced();
            long read = log == null ? 0 : piece(log, buffer);
            copied += read;
            if (read == 0 && !replaced) {
                return false;
            }
            if (read == 0) {
                next();
            }
        }
        return true;
    }

    /** Whether another log than the one in hand is there. */
    private boolean replaced() throws IOException {
        try {
            return !identity(file).equals(identity);
        } catch (NoSuchFileException e) {
            return false;
        }
    }

    private void next() throws IOException {
        if (log != null) {
            log.close();
        }
        Object before;
        do {
            before = identity(file);
            log = FileChannel.open(file, StandardOpenOption.READ);
            identity = identity(file);
        } while (!before.equals(identity));
        position = 0;
        firstTime = "";
    }

    private static Object identity(Path file) throws IOException {
        return Objects.requireNonNull(
                Files.readAttributes(file, BasicFileAttributes.class).fileKey());
    }

    /** Copies whole lines; how much of the log they were. */
    private int piece(FileChannel from, ByteBuffer buffer) throws IOException {
        if (firstTime.isEmpty() && !readFirstTime(from)) {
            return 0;
        }
        buffer.clear();
        from.read(buffer, position);
        byte[] bytes = buffer.array();
        int end = buffer.position();
        ByteBuffer text = ByteBuffer.allocate(end);
        int start = 0;
        for (int i = 0; i < end; i++) {
            if (bytes[i] == '\n') {
                int length = i - (start + TEXT);
                if (length >= 0) {
                    text.put(bytes, start + TEXT, length + (bytes[start + KIND] == 'F' ? 1 : 0));
                }
                start = i + 1;
            }
        }
        text.flip();
        while (text.hasRemaining()) {
            output.write(text);
        }
        if (start > 0) {
            position += start;
            String place = String.format(Locale.ROOT, "%s %019d%n", firstTime, position);
            progress.write(ByteBuffer.wrap(place.getBytes(StandardCharsets.US_ASCII)), 0);
        }
        return start;
    }

    private boolean readFirstTime(FileChannel from) throws IOException {
        String time = text(from, 0, TIME_LENGTH);
        if (time.length() < TIME_LENGTH) {
            return false;
        }
        firstTime = time;
        if (!resumed) {
            resumed = true;
            position = placeIn(time);
        }
        return true;
    }

    /** Where an earlier agent has come to in the log that begins at this time. */
    private long placeIn(String time) throws IOException {
        String[] place = text(progress, 0, BUFFER_BYTES).strip().split(" ", 2);
        return place.length == 2 && place[0].equals(time) ? Long.parseLong(place[1]) : 0;
    }

    private static String text(FileChannel from, long position, int most) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(most);
        from.read(bytes, position);
        return new String(bytes.array(), 0, bytes.position(), StandardCharsets.US_ASCII);
    }

    @Override
    public synchronized void close() throws IOException {
        output.close();
        progress.close();
        if (log != null) {
            log.close();
            log = null;
        }
    }
}
