package io.paddock.agent.server.containers.engine;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/**
 * How much the files below a directory take. To measure costs a system call per file: what was measured serves all who ask
 * for a while, the longer the more it took.
 */
final class Measured {
    /** Measuring takes one part in so many of the time at most. */
    private static final long MOST_TIME = 20;

    private final Path directory;
    private boolean known; // guarded by this, as the next
    private long at;
    private long took;
    private long bytes;

    /** @param directory is trusted: links on the way to it are followed */
    Measured(Path directory) {
        this.directory = directory;
    }

    /** As it is now, in bytes. */
    synchronized long measure() throws IOException {
        long began = System.nanoTime();
        bytes = Files.exists(directory) ? DiskWatch.size(directory.toRealPath()) : 0;
        at = System.nanoTime();
        took = at - began;
        known = true;
        return bytes;
    }

    /** As it was a while ago, in bytes; longer ago for a directory of very many files. */
    synchronized long bytes(Duration atMostOld) throws IOException {
        return known && System.nanoTime() - at < Math.max(atMostOld.toNanos(), took * MOST_TIME) ? bytes : measure();
    }
}
