package io.paddock.agent.server.containers.engine;

import java.io.IOException;
import java.nio.file.FileStore;
import java.util.Collection;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Notices within a fraction of a second that something writes a lot, at the price of one system call: how much room the disk
 * has. Only when it has lost as much as one output may take are the outputs of all containers looked at.
 */
final class OutputWatch implements Runnable {
    private static final Logger LOG = LoggerFactory.getLogger(OutputWatch.class);

    private final Collection<Held> containers;
    private final OutputFiles outputs;
    private final FileStore disk;
    private final Executor blocking;
    private final AtomicBoolean busy = new AtomicBoolean();
    private volatile long roomAtLastLook;

    /** @param disk where the sandboxes are */
    OutputWatch(Collection<Held> containers, OutputFiles outputs, FileStore disk, Executor blocking)
            throws IOException {
        this.containers = containers;
        this.outputs = outputs;
        this.disk = disk;
        this.blocking = blocking;
        this.roomAtLastLook = disk.getUsableSpace();
    }

    /** Called by a timer several times a second. */
    @Override
    public void run() {
        if (containers.isEmpty() || !busy.compareAndSet(false, true)) {
            return;
        }
        try {
            long room = disk.getUsableSpace();
            if (room > roomAtLastLook) {
                roomAtLastLook = room;
            }
            if (roomAtLastLook - room < outputs.bound().bytes()) {
                busy.set(false);
                return;
            }
            blocking.execute(this::look);
        } catch (IOException | RejectedExecutionException e) {
            LOG.debug("the room on the disk cannot be watched: {}", e.toString());
            busy.set(false);
        }
    }

    private void look() {
        try {
            for (Held container : containers) {
                if (container.running()) {
                    outputs.look(container);
                }
            }
            roomAtLastLook = disk.getUsableSpace();
        } catch (IOException e) {
            LOG.warn("the room on the disk cannot be watched: {}", e.toString());
        } finally {
            busy.set(false);
        }
    }
}
