package io.paddock.platform.linux;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * What is done with all files below a directory while others may change it: no link is followed, also none that takes the place
 * of a directory meanwhile.
 */
public final class Trees {
    /** Each holds a descriptor. */
    private static final int MOST_LEVELS = 500;

    private Trees() {}

    /** What is done with each. */
    public interface Visitor {
        /**
         * Called after what is in it. It may be gone.
         *
         * @param file must not be followed if it is a link, which it may be by now
         */
        void visit(Path file) throws IOException;
    }

    /** All in a directory, not itself. */
    public static void visit(PathBelow directory, Visitor visitor) throws IOException {
        visit(directory, visitor, 0);
    }

    private static void visit(PathBelow directory, Visitor visitor, int level) throws IOException {
        if (level == MOST_LEVELS) {
            throw new FileSystemException(
                    directory.file().toRealPath().toString(),
                    null,
                    "is more than " + MOST_LEVELS + " directories deep");
        }
        List<Path> directories = new ArrayList<>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory.file())) {
            for (Path entry : entries) {
                if (Files.isDirectory(entry, LinkOption.NOFOLLOW_LINKS)) {
                    directories.add(entry);
                } else {
                    visit(entry, visitor);
                }
            }
        } catch (DirectoryIteratorException e) {
            throw e.getCause();
        }
        for (Path each : directories) {
            try (PathBelow inner = directory.directory(each.getFileName().toString())) {
                visit(inner, visitor, level + 1);
            } catch (NoSuchFileException e) {
                // By now it is gone, or something else.
            }
            visit(each, visitor);
        }
    }

    private static void visit(Path entry, Visitor visitor) throws IOException {
        try {
            visitor.visit(entry);
        } catch (NoSuchFileException e) {
            // Gone meanwhile.
        } catch (FileSystemException e) {
            Path named = entry.getParent().toRealPath().resolve(entry.getFileName());
            String reason = e.getReason() == null ? e.getClass().getSimpleName() : e.getReason();
            throw new FileSystemException(named.toString(), null, reason);
        }
    }

    /** Makes all in a directory, and itself, somebody's. */
    public static void give(PathBelow directory, int user, int group) throws IOException {
        visit(directory, file -> {
            Files.setAttribute(file, "unix:uid", user, LinkOption.NOFOLLOW_LINKS);
            Files.setAttribute(file, "unix:gid", group, LinkOption.NOFOLLOW_LINKS);
        });
        Files.setAttribute(directory.file(), "unix:uid", user);
        Files.setAttribute(directory.file(), "unix:gid", group);
    }

    /** Deletes all in a directory. */
    public static void empty(PathBelow directory) throws IOException {
        visit(directory, Files::delete);
    }

    /**
     * Deletes a directory with all in it; what is not there is no error.
     *
     * @param root is trusted: links on the way to it are followed
     * @param below of root
     */
    public static void delete(Path root, Path below) throws IOException {
        Path above = below.getParent();
        try (PathBelow parent = PathBelow.find(root, above == null ? Path.of("") : above)) {
            String name = below.getFileName().toString();
            try (PathBelow directory = parent.directory(name)) {
                empty(directory);
            }
            Files.deleteIfExists(parent.file().resolve(name));
        } catch (NoSuchFileException e) {
            // Nothing to delete.
        }
    }
}
