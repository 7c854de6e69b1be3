package io.paddock.agent.server.containers.oci;

import io.paddock.platform.linux.PathBelow;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where the volumes of a container are mounted, in the order in which the runtime mounts them. It would follow a link of a sandbox
 * or a volume, on the host's files to anywhere, to make a place that is missing. So places in them are made before, and a link
 * that is found there is an error. Nothing is made in a volume that the container may only read.
 */
final class MountPoints {
    private final List<Mounted> mounted = new ArrayList<>();

    private record Mounted(Path source, Path point, boolean readOnly) {}

    /**
     * The path inside at which a volume is to be mounted, where there is something to mount it on if it is not the runtime's
     * business.
     *
     * @param containerPath relative to the sandbox, or absolute: without an image there must be such a thing
     */
    String make(OciLaunch oci, Path source, String containerPath, boolean readOnly) throws IOException {
        boolean absolute = containerPath.startsWith("/");
        String inside = absolute ? containerPath : oci.sandboxInside() + "/" + containerPath;
        Path inSandbox = absolute ? oci.spec().sandbox() : inSandbox(oci, containerPath);
        Path point = Path.of(inside).normalize();
        Mounted around = around(point);
        try {
            if (around != null) {
                if (!point.equals(around.point())) {
                    makeInVolume(oci, around, point, Files.isDirectory(source));
                }
            } else if (!absolute) {
                Path outermost = oci.spec().outermostSandbox();
                make(outermost, outermost.relativize(inSandbox), Files.isDirectory(source));
            } else if (oci.image() == null && !Files.exists(point)) {
                throw new IOException(
                        "does not exist on the host; without an image it must, or be relative to the sandbox");
            }
        } catch (IOException e) {
            String where = around == null ? "" : " in the volume at " + around.point();
            throw new IOException("container_path " + containerPath + where + ": " + e.getMessage(), e);
        }
        mounted.add(new Mounted(source, point, readOnly));
        return inside;
    }

    private static Path inSandbox(OciLaunch oci, String containerPath) throws IOException {
        return VolumesHook.inside(oci.spec().sandbox(), containerPath, "container_path");
    }

    /** A later mount hides what is below it of earlier ones. */
    private @Nullable Mounted around(Path point) {
        for (int i = mounted.size() - 1; i >= 0; i--) {
            if (point.startsWith(mounted.get(i).point())) {
                return mounted.get(i);
            }
        }
        return null;
    }

    private static void makeInVolume(OciLaunch oci, Mounted around, Path point, boolean directory) throws IOException {
        Path below = around.point().relativize(point);
        if (around.readOnly()) {
            // Also where the runtime could do no harm: it would make it before the mount becomes read-only.
            find(around.source(), below);
        } else if (mayLeadOut(oci, point)) {
            make(around.source(), below, directory);
        }
    }

    /** Links of an image's own places stay in it, and may be followed. */
    private static boolean mayLeadOut(OciLaunch oci, Path point) {
        return oci.image() == null || point.startsWith(Path.of(oci.sandboxInside()));
    }

    private static void find(Path root, Path below) throws IOException {
        try {
            PathBelow.find(root, below).close();
        } catch (NoSuchFileException e) {
            throw new IOException("the mount point " + below + " is not there, and the volume is read-only", e);
        }
    }

    private static void make(Path root, Path below, boolean directory) throws IOException {
        if (!directory) {
            Path above = below.getParent() == null ? Path.of("") : below.getParent();
            try (PathBelow opened = PathBelow.open(root, above)) {
                PathBelow.naming(() -> createFile(opened.file().resolve(below.getFileName())));
            }
        }
        PathBelow.open(root, below).close();
    }

    private static void createFile(Path file) throws IOException {
        try {
            Files.createFile(file);
        } catch (FileAlreadyExistsException e) {
            // Of whatever kind: the runtime tells whether it can be used.
        }
    }
}
