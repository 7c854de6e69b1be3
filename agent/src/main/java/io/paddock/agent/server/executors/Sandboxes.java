package io.paddock.agent.server.executors;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Makes the directories of a run. Blocks. */
final class Sandboxes {
    private Sandboxes() {}

    /** Makes the sandbox of an executor's run and points {@code latest} to it. */
    static void createRun(Path sandbox) {
        try {
            Files.createDirectories(sandbox);
            link(sandbox.resolveSibling("latest"), sandbox.getFileName());
        } catch (IOException e) {
            throw new UncheckedIOException("sandbox " + sandbox + ": " + e.getMessage(), e);
        }
    }

    /** Makes the sandbox of a nested container and a link to it. */
    static void createNested(Path sandbox, Path link) {
        try {
            Files.createDirectories(sandbox);
            Path links = link.getParent();
            if (links != null) {
                Files.createDirectories(links);
                link(link, links.relativize(sandbox));
            }
        } catch (IOException e) {
            throw new UncheckedIOException("sandbox " + sandbox + ": " + e.getMessage(), e);
        }
    }

    private static void link(Path link, Path target) throws IOException {
        Files.deleteIfExists(link);
        try {
            Files.createSymbolicLink(link, target);
        } catch (FileAlreadyExistsException e) {
            // made by a task of the same executor at the same time
            if (!Files.isSymbolicLink(link)) {
                throw e;
            }
        }
    }
}
