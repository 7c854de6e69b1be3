package io.paddock.master.server.read;

import io.paddock.platform.files.FileReads;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/** What can be read of a master: its log, as {@code /master/log}. */
final class MasterFiles implements FileReads.Locator {
    private final Optional<Path> log;

    MasterFiles(Optional<Path> log) {
        this.log = log;
    }

    @Override
    public Optional<Path> locate(String asked) throws IOException {
        boolean wanted = log.isPresent() && asked.matches("/?master/log");
        return wanted ? Optional.of(log.get().toRealPath()) : Optional.empty();
    }

    @Override
    public Map<String, String> attached() {
        return log.map(file -> Map.of("/master/log", file.toString())).orElseGet(Map::of);
    }
}
