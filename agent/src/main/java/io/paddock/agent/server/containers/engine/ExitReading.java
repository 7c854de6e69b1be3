package io.paddock.agent.server.containers.engine;

import io.paddock.agent.server.containers.ContainerSpec;
import io.paddock.agent.server.containers.Exit;
import io.paddock.common.Signals;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Makes an exit of what the monitor left behind. */
final class ExitReading {
    private ExitReading() {}

    /**
     * The container's exit, or null when it has none yet.
     *
     * @param lost nobody will tell its exit code any more: taken for killed when none is there
     */
    static @Nullable Exit of(ContainerRecord record, ContainerSpec spec, Isolation isolation, boolean lost)
            throws IOException {
        Optional<Exit> recorded = record.exit();
        if (recorded.isPresent()) {
            return recorded.get();
        }
        Path file = record.exitCodeFile();
        if (!Files.exists(file) && !lost) {
            return null;
        }
        Exit exit = Files.exists(file) ? read(file, lost) : Exit.signal(Signals.SIGKILL, Instant.now());
        Optional<Exit.Limitation> limitation = record.limitation();
        if (limitation.isEmpty()) {
            limitation = isolation.limitation(record, spec);
        }
        return limitation.map(exit::limitedBy).orElse(exit);
    }

    private static Exit read(Path file, boolean lost) throws IOException {
        String text = Files.readString(file).strip();
        Instant at = Files.getLastModifiedTime(file).toInstant();
        try {
            return Exit.shellCode(Integer.parseInt(text), at);
        } catch (NumberFormatException e) {
            if (lost) {
                return Exit.signal(Signals.SIGKILL, at);
            }
            throw new IOException("exit code expected in " + file + ", got " + text, e);
        }
    }
}
