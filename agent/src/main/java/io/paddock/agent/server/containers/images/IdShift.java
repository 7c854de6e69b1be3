package io.paddock.agent.server.containers.images;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Adds a number to the owners of all files of a tree, for user namespaces in which the ids begin there. File capabilities do
 * not survive a change of the owner; setuid and setgid bits are put back.
 */
final class IdShift extends SimpleFileVisitor<Path> {
    private static final int SET_IDS = 06000;
    private static final int LINK = 0120000;
    private static final int TYPE_MASK = 0170000;

    private final int by;
    /** Files with several names are met several times. */
    private final Set<Object> shifted = new HashSet<>();

    private IdShift(int by) {
        this.by = by;
    }

    static void shift(Path root, int by) throws IOException {
        Files.walkFileTree(root, new IdShift(by));
    }

    @Override
    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
        shift(file);
        return FileVisitResult.CONTINUE;
    }

    @Override
    public FileVisitResult postVisitDirectory(Path directory, @Nullable IOException failure) throws IOException {
        if (failure != null) {
            throw failure;
        }
        shift(directory);
        return FileVisitResult.CONTINUE;
    }

    private void shift(Path path) throws IOException {
        Map<String, Object> attributes =
                Files.readAttributes(path, "unix:uid,gid,mode,ino,nlink", LinkOption.NOFOLLOW_LINKS);
        int mode = (int) attributes.get("mode");
        if ((int) attributes.get("nlink") > 1 && !shifted.add(attributes.get("ino")) && !Files.isDirectory(path)) {
            return;
        }
        Files.setAttribute(path, "unix:uid", (int) attributes.get("uid") + by, LinkOption.NOFOLLOW_LINKS);
        Files.setAttribute(path, "unix:gid", (int) attributes.get("gid") + by, LinkOption.NOFOLLOW_LINKS);
        if ((mode & TYPE_MASK) != LINK && (mode & SET_IDS) != 0) {
            Files.setAttribute(path, "unix:mode", mode);
        }
    }
}
