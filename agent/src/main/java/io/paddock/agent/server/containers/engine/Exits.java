package io.paddock.agent.server.containers.engine;

import io.paddock.agent.server.containers.Exit;
import io.paddock.agent.server.containers.SignalScope;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Instant;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** How containers ended: told once each, after it is on the disk. */
final class Exits {
    private static final Logger LOG = LoggerFactory.getLogger(Exits.class);

    private final Isolation isolation;
    private final OutputFiles outputs;
    private final Known known;

    Exits(Isolation isolation, OutputFiles outputs, Known known) {
        this.isolation = isolation;
        this.outputs = outputs;
        this.known = known;
    }

    /** Publishes the exit if there is one; {@code lost}: the process is gone and nobody will ever tell its exit code. */
    void ended(Held found, boolean lost) {
        synchronized (found.exited()) {
            if (found.exited().isDone()) {
                return;
            }
            try {
                Exit exit = ExitReading.of(found.record(), found.spec(), isolation, lost);
                if (exit != null) {
                    publish(found, exit);
                }
            } catch (IOException | RuntimeException e) {
                if (Files.isDirectory(found.record().directory())) {
                    LOG.error("{}: its exit cannot be recorded: {}", found.record(), e.toString());
                } else {
                    LOG.debug("{}: it was destroyed before its exit could be recorded", found.record(), e);
                }
            }
        }
    }

    private void publish(Held found, Exit exit) throws IOException {
        try {
            isolation.drain(found.record());
        } catch (IOException e) {
            LOG.warn("{}: the end of its output is missing: {}", found.record(), e.toString());
        }
        outputs.lookAtLast(found);
        found.record().exited(exit);
        found.exited().complete(exit);
    }

    /** A container without a command runs until a signal that would end a command; what is nested in it gets the signal, too. */
    void endWithoutProcess(Held found, int signal, SignalScope scope) throws IOException {
        if (scope == SignalScope.TREE) {
            for (Held nested : known.nestedIn(found)) {
                ContainerRecord.Started started = nested.started();
                if (nested.running() && started != null && started.process().pid() > 0) {
                    isolation.signal(nested.record(), started, signal, scope);
                } else if (nested.running()) {
                    endWithoutProcess(nested, signal, scope);
                }
            }
        }
        synchronized (found.exited()) {
            if (!found.exited().isDone()) {
                publish(found, Exit.signal(signal, Instant.now()));
            }
        }
    }
}
