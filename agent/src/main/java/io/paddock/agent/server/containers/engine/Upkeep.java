package io.paddock.agent.server.containers.engine;

import java.io.IOException;
import java.util.Collection;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BiConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks at every running container every few seconds, at the cost of a few system calls each: bounds its output, and finds
 * those whose process is gone without an exit code because their monitor was killed. Two looks must agree, since the monitor
 * writes the code shortly after the process ends.
 */
final class Upkeep implements Runnable {
    private static final Logger LOG = LoggerFactory.getLogger(Upkeep.class);

    private final Collection<Held> containers;
    private final Isolation isolation;
    private final OutputFiles outputs;
    private final Optional<DiskWatch> disk;
    private final Executor blocking;
    private final BiConsumer<Held, Boolean> ended;
    private final AtomicBoolean busy = new AtomicBoolean();
    private final AtomicBoolean tidying = new AtomicBoolean();
    private Set<Held> suspects = new HashSet<>();
    private volatile boolean stopped;

    /**
     * @param disk looks at sandboxes if it is to
     * @param ended told of containers that have ended, and whether the exit code is lost
     */
    Upkeep(
            Collection<Held> containers,
            Isolation isolation,
            OutputFiles outputs,
            Optional<DiskWatch> disk,
            Executor blocking,
            BiConsumer<Held, Boolean> ended) {
        this.containers = containers;
        this.isolation = isolation;
        this.outputs = outputs;
        this.disk = disk;
        this.blocking = blocking;
        this.ended = ended;
    }

    void stop() {
        stopped = true;
    }

    /** Called by a timer; skips what the last turn has not ended yet. Images may be deleted for minutes. */
    @Override
    public void run() {
        begin(busy, this::look);
        begin(tidying, this::tidy);
    }

    private void begin(AtomicBoolean underWay, Runnable work) {
        if (!stopped && underWay.compareAndSet(false, true)) {
            try {
                blocking.execute(work);
            } catch (RejectedExecutionException e) {
                underWay.set(false);
            }
        }
    }

    private void look() {
        try {
            Set<Held> gone = new HashSet<>();
            boolean walk = disk.isPresent() && disk.get().due();
            for (Held container : containers) {
                if (container.running()) {
                    look(container, gone, walk);
                }
            }
            suspects = gone;
        } catch (RuntimeException e) {
            LOG.warn("upkeep of containers: {}", e.toString());
        } finally {
            busy.set(false);
        }
    }

    private void tidy() {
        try {
            isolation.upkeep();
        } catch (IOException | RuntimeException e) {
            LOG.warn("upkeep of what containers are made of: {}", e.toString());
        } finally {
            tidying.set(false);
        }
    }

    private void look(Held container, Set<Held> gone, boolean walk) {
        try {
            outputs.look(container);
            if (walk) {
                disk.orElseThrow().look(container);
            }
        } catch (IOException | RuntimeException e) {
            LOG.warn("{}: its use of the disk cannot be bounded: {}", container.record(), e.toString());
        }
        ContainerRecord.Started started = container.started();
        if (started == null || started.process().pid() == 0 || started.process().runs()) {
            return;
        }
        boolean seenBefore = suspects.contains(container);
        ended.accept(container, seenBefore);
        if (container.running()) {
            gone.add(container);
        }
    }
}
