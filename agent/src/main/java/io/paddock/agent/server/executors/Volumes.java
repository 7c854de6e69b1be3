package io.paddock.agent.server.executors;

import io.paddock.platform.linux.PathBelow;
import io.paddock.platform.linux.Trees;
import io.paddock.proto.domain.ResourceMessages;
import io.paddock.proto.v1.Resource;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Where persistent volumes are: below the work directory, or below the root of their PATH disk. Blocks. */
public final class Volumes {
    private Volumes() {}

    static Path path(Path workDir, Resource volume) {
        Resource.DiskInfo disk = volume.getDisk();
        if (disk.getSource().getType() == Resource.DiskInfo.Source.Type.MOUNT) {
            return Path.of(disk.getSource().getMount().getRoot());
        }
        Path root = disk.getSource().hasPath() && disk.getSource().getPath().hasRoot()
                ? workDir.resolve(disk.getSource().getPath().getRoot())
                : workDir;
        String role = ResourceMessages.fromMessages(List.of(volume))
                .amounts()
                .firstKey()
                .reservedTo();
        String id = disk.getPersistence().getId();
        if (!isName(id) || !isName(role.replace('/', ' '))) {
            // The master refuses them; what it says is not taken for a path all the same.
            throw new IllegalArgumentException(
                    "disk.persistence.id: '" + id + "' of role '" + role + "' is no name of a directory");
        }
        return root.resolve("volumes/roles").resolve(role.replace('/', ' ')).resolve(id);
    }

    private static boolean isName(String text) {
        return !text.isEmpty()
                && !text.equals(".")
                && !text.equals("..")
                && text.indexOf('/') < 0
                && text.indexOf('\0') < 0;
    }

    static void create(Path volume) {
        try {
            Files.createDirectories(volume);
        } catch (IOException e) {
            throw new UncheckedIOException("volume " + volume + ": " + e.getMessage(), e);
        }
    }

    /** Deletes what a destroyed volume held; of a MOUNT disk its content, of others the directory. */
    public static void remove(Path workDir, Resource volume) {
        Path path = path(workDir, volume);
        boolean keepRoot = volume.getDisk().getSource().getType() == Resource.DiskInfo.Source.Type.MOUNT;
        if (!Files.isDirectory(path)) {
            return;
        }
        try {
            if (keepRoot) {
                try (PathBelow volumeRoot = PathBelow.find(path, Path.of(""))) {
                    Trees.empty(volumeRoot);
                }
            } else {
                Trees.delete(path.getParent(), path.getFileName());
            }
        } catch (IOException e) {
            throw new UncheckedIOException("volume " + path + ": " + e.getMessage(), e);
        }
    }
}
