package io.paddock.agent.server.executors;

import io.paddock.platform.linux.PathBelow;
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

    /**
     * Makes a link to the sandbox of a nested container, for tools that know a task's name only.
     *
     * @param run the sandbox of the outermost container, whose tasks may change what is in it
     * @param link in it
     */
    static void linkNested(Path run, Path sandbox, Path link) {
        Path links = run.relativize(link).getParent();
        try (PathBelow directory = PathBelow.open(run, links)) {
            PathBelow.naming(() -> link(
                    directory.file().resolve(link.getFileName()),
                    run.resolve(links).relativize(sandbox)));
        } catch (IOException e) {
            throw new UncheckedIOException("link " + link + ": " + e.getMessage(), e);
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
