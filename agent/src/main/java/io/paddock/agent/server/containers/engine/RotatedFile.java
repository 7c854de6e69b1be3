package io.paddock.agent.server.containers.engine;

import io.paddock.platform.files.SeekableGzip;
import io.paddock.platform.linux.PathBelow;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/**
 * One output file and the older ones beside it. The directory is the task's, who may put links there: files are made anew and
 * moved into place, nothing is followed, and what is no plain file by now is neither waited for nor read.
 */
final class RotatedFile {
    private static final int TRIES_TO_COPY_ALL = 3;

    private final Path file;
    private final OutputBound bound;

    RotatedFile(Path file, OutputBound bound) {
        this.file = file;
        this.bound = bound;
    }

    /** Copies the file to {@code .1}, the others move on, and cuts it. */
    void keep() throws IOException {
        Path copy = beside(".rotating");
        Files.deleteIfExists(copy);
        try (FileChannel output = open(file, StandardOpenOption.READ, StandardOpenOption.WRITE);
                FileChannel kept = FileChannel.open(copy, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            long size = output.size();
            long position = size > 2 * bound.bytes() ? size - bound.bytes() : 0;
            long most = position + mostKept();
            for (int i = 0; i < TRIES_TO_COPY_ALL && position < Math.min(most, output.size()); i++) {
                position = copy(output, position, Math.min(most, output.size()), kept);
            }
            output.truncate(0);
        } catch (IOException e) {
            Files.deleteIfExists(copy);
            throw e;
        }
        shift();
        Files.move(copy, beside(".1"), StandardCopyOption.REPLACE_EXISTING);
    }

    /** To the end, or as far as the file still goes: its task may cut it meanwhile. */
    private static long copy(FileChannel output, long from, long end, FileChannel kept) throws IOException {
        long position = from;
        long copied;
        do {
            copied = output.transferTo(position, end - position, kept);
            position += copied;
        } while (copied > 0 && position < end);
        return position;
    }

    private long mostKept() {
        return 2 * bound.bytes();
    }

    private void shift() throws IOException {
        for (int number = bound.files(); number >= 1; number--) {
            for (String suffix : new String[] {"", ".gz"}) {
                Path from = beside("." + number + suffix);
                if (!Files.exists(from, LinkOption.NOFOLLOW_LINKS)) {
                    continue;
                }
                if (number == bound.files()) {
                    Files.delete(from);
                } else {
                    Files.move(from, beside("." + (number + 1) + suffix), StandardCopyOption.REPLACE_EXISTING);
                }
            }
        }
    }

    /** Cuts the file without keeping anything of it. */
    void cut() throws IOException {
        try (FileChannel output = open(file, StandardOpenOption.WRITE)) {
            output.truncate(0);
        }
    }

    /** Compresses {@code .1}. */
    void compress() throws IOException {
        Path plain = beside(".1");
        Path copy = beside(".compressing");
        Files.deleteIfExists(copy);
        try (InputStream from = Channels.newInputStream(open(plain, StandardOpenOption.READ));
                OutputStream to =
                        Files.newOutputStream(copy, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            SeekableGzip.write(from, mostKept(), to);
        } catch (IOException e) {
            Files.deleteIfExists(copy);
            throw e;
        }
        Files.move(copy, beside(".1.gz"), StandardCopyOption.REPLACE_EXISTING);
        Files.delete(plain);
    }

    private static FileChannel open(Path path, OpenOption... options) throws IOException {
        try (PathBelow found = PathBelow.find(path.getParent(), path.getFileName())) {
            return found.channel(options);
        }
    }

    private Path beside(String suffix) {
        return file.resolveSibling(file.getFileName() + suffix);
    }
}
