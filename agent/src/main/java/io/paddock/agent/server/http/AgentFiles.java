package io.paddock.agent.server.http;

import io.paddock.platform.files.FileReads;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * What can be read of an agent: its sandboxes and its log. A path is {@code /slave/log} or {@code /agent/log}, a host path below
 * {@code slaves/} or {@code standalone/} of the work directory, or {@code /frameworks/<framework>/executors/<executor>/runs/<run>/…}. Whatever a path to
 * a sandbox leads to, links included, must be below these two.
 */
final class AgentFiles implements FileReads.Locator {
    private final Path slaves;
    private final Path standalone;
    private final Optional<Path> log;

    AgentFiles(Path workDir, Optional<Path> log) {
        this.slaves = workDir.resolve("slaves");
        this.standalone = workDir.resolve(StandaloneContainers.DIRECTORY);
        this.log = log;
    }

    @Override
    public Optional<Path> locate(String asked) throws IOException {
        if (asked.matches("/?(slave|agent)/log")) {
            return log.isEmpty() ? Optional.empty() : Optional.of(log.get().toRealPath());
        }
        Optional<Path> wanted = asked.startsWith("/frameworks/") ? virtual(asked) : Optional.of(Path.of(asked));
        if (wanted.isEmpty()) {
            return wanted;
        }
        Path real = wanted.get().toRealPath();
        boolean ours = isBelow(real, slaves) || isBelow(real, standalone);
        return ours ? Optional.of(real) : Optional.empty();
    }

    private static boolean isBelow(Path real, Path root) throws IOException {
        return Files.exists(root) && real.startsWith(root.toRealPath());
    }

    /** Where a located file is below {@code slaves/}; empty for the log and for containers of no executor. */
    Optional<Path> insideSandboxes(Path located) {
        try {
            Path real = slaves.toRealPath();
            return located.startsWith(real) ? Optional.of(real.relativize(located)) : Optional.empty();
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    private Optional<Path> virtual(String asked) throws IOException {
        try (Stream<Path> agents = Files.list(slaves)) {
            return agents.map(agent -> agent.resolve(asked.substring(1)).normalize())
                    .filter(Files::exists)
                    .findFirst();
        }
    }

    @Override
    public Map<String, String> attached() {
        Map<String, String> attached = new TreeMap<>();
        attached.put(slaves.toString(), slaves.toString());
        log.ifPresent(file -> attached.put("/slave/log", file.toString()));
        return attached;
    }
}
