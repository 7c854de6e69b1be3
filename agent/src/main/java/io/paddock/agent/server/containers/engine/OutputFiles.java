package io.paddock.agent.server.containers.engine;

import io.paddock.agent.server.containers.ContainerSpec;
import io.paddock.platform.linux.PathBelow;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps a container's output from filling the disk. A process appends to its files directly, so that no monitor has to copy
 * its output; a file beyond its bound is therefore copied to {@code <name>.1} and cut to nothing in place, and then
 * compressed to {@code <name>.1.gz}; older ones move on to {@code .2.gz} and so on.
 *
 * <p>What is written between the copy and the cut is lost, and of a file that has grown to more than twice its bound only the
 * end is kept. A file that is full again within seconds is cut without being kept: a task that does nothing but write costs
 * neither the disk nor a processor.
 */
public final class OutputFiles {
    private static final Logger LOG = LoggerFactory.getLogger(OutputFiles.class);
    private static final List<String> NAMES = List.of("stdout", "stderr");
    private static final Duration BETWEEN_KEPT = Duration.ofSeconds(3);
    private static final int REMEMBERED = 10_000;

    private final OutputBound bound;
    private final Executor blocking;
    /** When the last copy of a file was made; {@link Long#MAX_VALUE} while it is being compressed. */
    private final ConcurrentMap<Path, Long> kept = new ConcurrentHashMap<>();
    /** Files that somebody is at: looks come from more than one thread. */
    private final Set<Path> rotating = ConcurrentHashMap.newKeySet();

    /**
     * @param bound of every file that asks for no less
     * @param blocking compresses
     */
    public OutputFiles(OutputBound bound, Executor blocking) {
        this.bound = bound;
        this.blocking = blocking;
    }

    /** The bound of all. */
    OutputBound bound() {
        return bound;
    }

    /** Rotates what has grown too large; a failure is no reason to stop what the caller does. */
    void look(Held container) {
        look(container, false);
    }

    /** The last time, when the container has ended: what it wrote at the end is the most interesting. */
    void lookAtLast(Held container) {
        look(container, true);
    }

    private void look(Held container, boolean last) {
        try {
            bound(container.spec(), container.record().sandbox(), last);
        } catch (IOException | RuntimeException e) {
            LOG.warn("{}: its output cannot be bounded: {}", container.record(), e.toString());
        }
    }

    private void bound(ContainerSpec spec, Path sandbox, boolean last) throws IOException {
        for (String name : NAMES) {
            Path file = spec.sandbox().resolve(name);
            if (rotating.add(file)) {
                try {
                    // Not before: another look may have rotated it since.
                    long size = size(sandbox.resolve(name));
                    OutputBound asked = size == 0 ? bound : bound.askedBy(spec, name);
                    if (size > asked.bytes()) {
                        rotate(file, PathBelow.find(sandbox, Path.of("")), asked, last);
                    }
                } finally {
                    rotating.remove(file);
                }
            }
        }
    }

    /** Forgets a container's files. */
    void forget(ContainerSpec spec) {
        NAMES.forEach(name -> kept.remove(spec.sandbox().resolve(name)));
    }

    private static long size(Path file) throws IOException {
        try {
            BasicFileAttributes attributes =
                    Files.readAttributes(file, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
            return attributes.isRegularFile() ? attributes.size() : 0;
        } catch (NoSuchFileException e) {
            return 0;
        }
    }

    /** @param sandbox is closed here; it may be gone before the file is compressed */
    private void rotate(Path file, PathBelow sandbox, OutputBound asked, boolean last) throws IOException {
        RotatedFile rotated = new RotatedFile(sandbox.file().resolve(file.getFileName()), asked);
        boolean closing = true;
        try {
            if (asked.files() == 0 || !mayKeep(file, last)) {
                // The end of all, which comes while what was before is compressed, grows no more.
                if (asked.files() == 0 || !last) {
                    PathBelow.naming(rotated::cut);
                }
                return;
            }
            try {
                PathBelow.naming(rotated::keep);
            } catch (IOException | RuntimeException e) {
                // The disk may be full: the more urgent to cut.
                kept.put(file, System.nanoTime());
                PathBelow.naming(rotated::cut);
                throw e;
            }
            closing = !compress(file, rotated, sandbox);
        } finally {
            if (closing) {
                sandbox.close();
            }
        }
    }

    private boolean mayKeep(Path file, boolean last) {
        Long before = kept.get(file);
        boolean may = before == null
                || (before != Long.MAX_VALUE && (last || System.nanoTime() - before > BETWEEN_KEPT.toNanos()));
        if (may) {
            if (kept.size() > REMEMBERED) {
                kept.values().removeIf(time -> time != Long.MAX_VALUE);
            }
            kept.put(file, Long.MAX_VALUE);
        }
        return may;
    }

    /** Whether it will be done, and the sandbox closed. */
    private boolean compress(Path file, RotatedFile rotated, PathBelow sandbox) {
        try {
            blocking.execute(() -> {
                try (sandbox) {
                    PathBelow.naming(rotated::compress);
                } catch (IOException | RuntimeException e) {
                    LOG.warn("{} stays uncompressed: {}", file, e.toString());
                } finally {
                    kept.put(file, System.nanoTime());
                }
            });
            return true;
        } catch (RejectedExecutionException e) {
            kept.put(file, System.nanoTime());
            return false;
        }
    }
}
