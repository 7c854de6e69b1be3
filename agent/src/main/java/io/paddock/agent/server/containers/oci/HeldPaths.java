package io.paddock.agent.server.containers.oci;

import io.paddock.agent.server.containers.engine.ContainerRecord;
import io.paddock.agent.server.containers.tools.Durable;
import io.paddock.platform.linux.Linux;
import io.paddock.platform.linux.PathBelow;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;

/**
 * Paths below volumes, sandboxes and allowed places of the host, whose content belongs to tasks: a link there may lead to anything of the host, and any
 * directory may become a link at any time. So no link is followed, and what was found is mounted at a place of the agent's own,
 * where the runtime takes it from, until the container is cleaned up.
 */
final class HeldPaths {
    private static final String PREFIX = "held-";

    private final Path places;

    /** @param places a directory of the agent's own; a container's are in the one below it that has the container's name */
    HeldPaths(Path places) {
        this.places = places;
    }

    /**
     * A path of the host that shows it. It is made if it is missing, for everybody to write into.
     *
     * @param below of root, normal
     * @param name unique in the container
     * @param where the field that has it, for errors
     */
    Path hold(ContainerRecord record, Path root, Path below, String name, String where) throws IOException {
        try (PathBelow opened = PathBelow.open(root, below)) {
            if (opened.made() && Files.isDirectory(opened.file())) {
                PathBelow.naming(() ->
                        Files.setPosixFilePermissions(opened.file(), PosixFilePermissions.fromString("rwxrwxrwx")));
            }
            return hold(record, opened, name);
        } catch (IOException e) {
            throw new IOException(where + ": " + e.getMessage(), e);
        }
    }

    /**
     * A path of the host that shows what is open, also after that is closed.
     *
     * @param name unique in the container
     */
    Path hold(ContainerRecord record, PathBelow opened, String name) throws IOException {
        Path directory = places.resolve(record.name());
        Durable.createPrivate(directory);
        Path place = directory.resolve(PREFIX + name);
        if (Files.isDirectory(opened.file())) {
            Files.createDirectory(place);
        } else {
            Files.createFile(place);
        }
        Linux.mount(opened.file().toString(), place, null, Linux.MS_BIND | Linux.MS_REC, null);
        Linux.letGo(place);
        return place;
    }

    /** Whether a path leads to the places: held there it would hold itself, and all that others hold. */
    boolean areBelow(Path path) {
        return places.startsWith(path);
    }

    /** Repeatable. What is still mounted cannot be deleted. */
    void cleanup(ContainerRecord record) throws IOException {
        Path directory = places.resolve(record.name());
        if (!Files.isDirectory(directory)) {
            return;
        }
        try (DirectoryStream<Path> held = Files.newDirectoryStream(directory, PREFIX + "*")) {
            for (Path place : held) {
                Linux.letGo(place);
                Linux.unmountIfMounted(place, Linux.MNT_DETACH);
                Files.delete(place);
            }
        }
    }
}
