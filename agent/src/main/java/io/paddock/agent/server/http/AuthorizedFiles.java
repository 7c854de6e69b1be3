package io.paddock.agent.server.http;

import io.paddock.common.Rejection;
import io.paddock.platform.files.FileReads;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/** The agent's files for one caller: what a path leads to, links followed, is what has to be allowed. */
record AuthorizedFiles(AgentFiles files, Function<Path, Optional<Rejection>> check) implements FileReads.Locator {
    @Override
    public Optional<Path> locate(String asked) throws IOException {
        Optional<Path> found = files.locate(asked);
        found.flatMap(check).ifPresent(refused -> {
            throw new FileReads.Refused(refused);
        });
        return found;
    }

    @Override
    public Map<String, String> attached() {
        return files.attached();
    }
}
