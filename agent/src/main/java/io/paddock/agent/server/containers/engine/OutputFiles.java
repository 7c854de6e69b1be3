package io.paddock.agent.server.containers.engine;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;

/**
 * Keeps a container's output from filling the disk. A process appends to its files directly, so that no monitor has to copy
 * its output; a file beyond its bound is therefore copied to {@code <name>.1} and cut to nothing in place. What is written
 * between the two is lost. Of output that came faster than it was looked at, the last part within the bound is kept.
 */
public final class OutputFiles {
    private static final List<String> NAMES = List.of("stdout", "stderr");

    private final long maxBytes;

    /** @param maxBytes beyond this a file is rotated */
    public OutputFiles(long maxBytes) {
        this.maxBytes = maxBytes;
    }

    void bound(Path sandbox) throws IOException {
        for (String name : NAMES) {
            Path file = sandbox.resolve(name);
            if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
                continue;
            }
            BasicFileAttributes attributes =
                    Files.readAttributes(file, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
            if (attributes.size() > maxBytes) {
                rotate(file, sandbox.resolve(name + ".1"));
            }
        }
    }

    private void rotate(Path file, Path older) throws IOException {
        try (FileChannel output = FileChannel.open(
                        file, StandardOpenOption.READ, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS);
                FileChannel kept = FileChannel.open(
                        older,
                        StandardOpenOption.CREATE,
                        StandardOpenOption.TRUNCATE_EXISTING,
                        StandardOpenOption.WRITE,
                        LinkOption.NOFOLLOW_LINKS)) {
            long end = output.size();
            long position = Math.max(0, end - maxBytes);
            while (position < end) {
                position += output.transferTo(position, end - position, kept);
            }
            output.truncate(0);
        }
    }
}
