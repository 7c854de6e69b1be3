package io.paddock.agent.server.containers.images;

import io.paddock.agent.server.containers.tools.Cancellation;
import io.paddock.agent.server.containers.tools.Durable;
import io.paddock.agent.server.containers.tools.ToolCall;
import io.paddock.agent.server.containers.tools.Tools;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.stream.Stream;

/**
 * Unpacked layers, one directory each, named after the chain of layers it ends: what a layer hides depends on those below
 * it. A directory is there only when it is complete. Deletions, which archives mark by files named {@code .wh.*}, become
 * what overlayfs understands, character devices 0:0.
 */
final class Layers {
    private static final String WHITEOUT = ".wh.";
    private static final String OPAQUE = ".wh..wh..opq";
    private static final Duration UNPACK_TIMEOUT = Duration.ofMinutes(30);
    private static final int NAME_LENGTH = 20;
    private static final int BATCH = 200;

    private final Path directory;
    private final Tools tools;
    private final ConcurrentMap<String, Object> locks = new ConcurrentHashMap<>();

    Layers(Path directory, Tools tools) {
        this.directory = directory;
        this.tools = tools;
    }

    Path directory() {
        return directory;
    }

    /** The name of the directory for a chain: short, since a mount names all of them on one page. */
    static String name(String chain) {
        return Digests.sha256(chain).substring(0, NAME_LENGTH);
    }

    boolean present(String name) {
        return Files.isDirectory(directory.resolve(name));
    }

    /**
     * Unpacks a layer unless it is there. Two callers unpack it once.
     *
     * @param firstId is added to the owners of its files
     */
    void unpack(String name, Path archive, List<String> below, int firstId) throws IOException {
        synchronized (locks.computeIfAbsent(name, ignored -> new Object())) {
            if (present(name)) {
                return;
            }
            Path fresh = directory.resolve(".unpacking-" + UUID.randomUUID());
            Files.createDirectories(fresh);
            try {
                tools.run(
                        ToolCall.of(
                                        "tar",
                                        "--extract",
                                        "--file=" + archive,
                                        "--directory=" + fresh,
                                        "--numeric-owner",
                                        "--preserve-permissions",
                                        "--same-owner",
                                        "--xattrs",
                                        "--xattrs-include=*",
                                        // The kernel's own marks, which say where else a file is.
                                        "--xattrs-exclude=trusted.overlay.*",
                                        "--warning=no-timestamp")
                                .within(UNPACK_TIMEOUT),
                        new Cancellation());
                if (firstId != 0) {
                    IdShift.shift(fresh, firstId);
                }
                convertDeletions(fresh, below);
                tools.run(ToolCall.of("sync", "--file-system", fresh.toString()).within(UNPACK_TIMEOUT));
                Files.move(fresh, directory.resolve(name), StandardCopyOption.ATOMIC_MOVE);
                Durable.sync(directory);
            } finally {
                Durable.deleteTree(fresh);
            }
        }
    }

    private void convertDeletions(Path layer, List<String> below) throws IOException {
        List<Path> marks = new ArrayList<>();
        Files.walkFileTree(layer, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                if (file.getFileName().toString().startsWith(WHITEOUT)) {
                    marks.add(file);
                }
                return FileVisitResult.CONTINUE;
            }
        });
        List<String> hidden = new ArrayList<>();
        for (Path mark : marks) {
            Path parent = mark.getParent();
            String markName = mark.getFileName().toString();
            Files.delete(mark);
            if (markName.equals(OPAQUE)) {
                hidden.addAll(all(layer, parent, below));
            } else if (!markName.startsWith(WHITEOUT + WHITEOUT)) {
                hidden.add(parent.resolve(markName.substring(WHITEOUT.length())).toString());
            }
        }
        for (int from = 0; from < hidden.size(); from += BATCH) {
            List<String> argv =
                    new ArrayList<>(List.of("/bin/sh", "-ec", "for f; do mknod \"$f\" c 0 0; done", "mknod"));
            argv.addAll(hidden.subList(from, Math.min(hidden.size(), from + BATCH)));
            tools.run(ToolCall.of(argv));
        }
    }

    /** Everything lower layers have in a directory that this layer replaces as a whole. */
    private List<String> all(Path layer, Path replaced, List<String> below) throws IOException {
        List<String> hidden = new ArrayList<>();
        for (String name : below) {
            Path lower = directory.resolve(name);
            Path same = lower.resolve(layer.relativize(replaced).toString());
            // A link below could lead out of the layer.
            if (!Files.isDirectory(same) || !same.toRealPath().startsWith(lower.toRealPath())) {
                continue;
            }
            try (Stream<Path> entries = Files.list(same)) {
                for (Path entry : entries.toList()) {
                    Path mine = replaced.resolve(entry.getFileName());
                    if (!Files.exists(mine, LinkOption.NOFOLLOW_LINKS) && !hidden.contains(mine.toString())) {
                        hidden.add(mine.toString());
                    }
                }
            }
        }
        return hidden;
    }

    /**
     * Puts all layers out of the way but these and those being unpacked: nobody finds them any more, and the next start deletes
     * them if {@link #delete} does not.
     */
    List<Path> putAwayAllBut(Set<String> wanted) throws IOException {
        List<Path> doomed = new ArrayList<>();
        try (Stream<Path> layers = Files.list(directory)) {
            for (Path layer : layers.toList()) {
                String name = layer.getFileName().toString();
                if (!name.startsWith(".") && !wanted.contains(name)) {
                    Path away = directory.resolve(".deleting-" + UUID.randomUUID());
                    Files.move(layer, away, StandardCopyOption.ATOMIC_MOVE);
                    doomed.add(away);
                }
            }
        }
        return doomed;
    }

    /** Also those after one that cannot be deleted. The bytes freed. May take minutes. */
    static long delete(List<Path> doomed) throws IOException {
        long freed = 0;
        IOException problem = null;
        for (Path layer : doomed) {
            try {
                long bytes = size(layer);
                Durable.deleteTree(layer);
                freed += bytes;
            } catch (IOException e) {
                problem = e;
            }
        }
        if (problem != null) {
            throw problem;
        }
        return freed;
    }

    private static long size(Path root) throws IOException {
        long[] sum = new long[1];
        Files.walkFileTree(root, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                sum[0] += attributes.size();
                return FileVisitResult.CONTINUE;
            }
        });
        return sum[0];
    }
}
