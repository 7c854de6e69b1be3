package io.paddock.platform.linux;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * What is done with all files below a directory while others may change it: no link is followed, also none that takes the place
 * of a directory meanwhile.
 */
public final class Trees {
    /** Each holds a descriptor, and a part of the thread's stack. */
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

    /** All in a directory, not itself. What fails leaves out nothing else; the first failure is thrown at the end. */
    public static void visit(PathBelow directory, Visitor visitor) throws IOException {
        Walk walk = new Walk(visitor, Trees::refuse);
        walk.all(directory, 0);
        walk.end();
    }

    private static void refuse(Path tooDeep) throws IOException {
        throw new FileSystemException(tooDeep.toString(), null, "is more than " + MOST_LEVELS + " directories deep");
    }

    private static final class Walk {
        private final Visitor visitor;
        private final Visitor tooDeep;
        private @Nullable IOException first;

        /** @param tooDeep what is done with a directory that is not entered */
        private Walk(Visitor visitor, Visitor tooDeep) {
            this.visitor = visitor;
            this.tooDeep = tooDeep;
        }

        private void all(PathBelow directory, int level) {
            List<Path> directories = new ArrayList<>();
            attempt(() -> {
                try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory.file())) {
                    for (Path entry : entries) {
                        if (Files.isDirectory(entry, LinkOption.NOFOLLOW_LINKS)) {
                            directories.add(entry);
                        } else {
                            attempt(() -> visitor.visit(entry));
                        }
                    }
                } catch (DirectoryIteratorException e) {
                    throw e.getCause();
                }
            });
            for (Path each : directories) {
                if (level == MOST_LEVELS) {
                    attempt(() -> tooDeep.visit(each));
                    continue;
                }
                attempt(() -> {
                    try (PathBelow inner =
                            directory.directory(each.getFileName().toString())) {
                        all(inner, level + 1);
                    }
                });
                attempt(() -> visitor.visit(each));
            }
        }

        private void attempt(PathBelow.Work work) {
            try {
                PathBelow.naming(work);
            } catch (NoSuchFileException e) {
                // By now it is gone, or something else.
            } catch (IOException e) {
                first = first == null ? e : first;
            }
        }

        private void end() throws IOException {
            if (first != null) {
                throw first;
            }
        }
    }

    /** Makes all in a directory, and itself, somebody's. */
    public static void give(PathBelow directory, int user, int group) throws IOException {
        visit(directory, file -> {
            Files.setAttribute(file, "unix:uid", user, LinkOption.NOFOLLOW_LINKS);
            Files.setAttribute(file, "unix:gid", group, LinkOption.NOFOLLOW_LINKS);
        });
        PathBelow.naming(() -> {
            Files.setAttribute(directory.file(), "unix:uid", user);
            Files.setAttribute(directory.file(), "unix:gid", group);
        });
    }

    /** Deletes all in a directory, also after what cannot be deleted. */
    public static void empty(PathBelow directory) throws IOException {
        Deque<Path> deep = new ArrayDeque<>();
        Walk walk = new Walk(Files::delete, tooDeep -> {
            Path top = directory.file().resolve(UUID.randomUUID().toString());
            Files.move(tooDeep, top, StandardCopyOption.ATOMIC_MOVE);
            deep.add(top);
        });
        walk.all(directory, 0);
        while (!deep.isEmpty()) {
            Path top = deep.remove();
            walk.attempt(() -> {
                try (PathBelow moved = directory.directory(top.getFileName().toString())) {
                    walk.all(moved, 1);
                }
            });
            walk.attempt(() -> Files.delete(top));
        }
        walk.end();
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
            PathBelow.naming(() -> Files.deleteIfExists(parent.file().resolve(name)));
        } catch (NoSuchFileException e) {
            // Nothing to delete.
        }
    }
}
