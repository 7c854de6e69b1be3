package io.paddock.agent.server.containers.engine;

import io.paddock.platform.files.SeekableGzip;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/**
 * One output file and the older ones beside it. The directory is the task's, who may put links there: files are made anew and
 * moved into place, and nothing is followed.
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
        try (FileChannel output = FileChannel.open(
                        file, StandardOpenOption.READ, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS);
                FileChannel kept = FileChannel.open(copy, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            long size = output.size();
            long position = size > 2 * bound.bytes() ? size - bound.bytes() : 0;
            long most = position + 2 * bound.bytes();
            for (int i = 0; i < TRIES_TO_COPY_ALL && position < Math.min(most, output.size()); i++) {
                long end = Math.min(most, output.size());
                while (position < end) {
                    position += output.transferTo(position, end - position, kept);
                }
            }
            output.truncate(0);
        } catch (IOException e) {
            Files.deleteIfExists(copy);
            throw e;
        }
        shift();
        Files.move(copy, beside(".1"), StandardCopyOption.REPLACE_EXISTING);
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
        try (FileChannel output = FileChannel.open(file, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS)) {
            output.truncate(0);
        }
    }

    /** Compresses {@code .1}. */
    void compress() throws IOException {
        Path plain = beside(".1");
        Path copy = beside(".compressing");
        Files.deleteIfExists(copy);
        try (InputStream from = Files.newInputStream(plain, LinkOption.NOFOLLOW_LINKS);
                OutputStream to =
                        Files.newOutputStream(copy, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            SeekableGzip.write(from, to);
        } catch (IOException e) {
            Files.deleteIfExists(copy);
            throw e;
        }
        Files.move(copy, beside(".1.gz"), StandardCopyOption.REPLACE_EXISTING);
        Files.delete(plain);
    }

    private Path beside(String suffix) {
        return file.resolveSibling(file.getFileName() + suffix);
    }
}
