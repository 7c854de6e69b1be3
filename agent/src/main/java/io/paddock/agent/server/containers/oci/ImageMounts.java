package io.paddock.agent.server.containers.oci;

import io.paddock.agent.server.containers.engine.ContainerRecord;
import io.paddock.agent.server.containers.images.ImageStore;
import io.paddock.agent.server.containers.images.StoredImage;
import io.paddock.agent.server.containers.recipe.Secrets;
import io.paddock.agent.server.containers.tools.Cancellation;
import io.paddock.agent.server.containers.tools.ToolCall;
import io.paddock.agent.server.containers.tools.Tools;
import io.paddock.platform.linux.Linux;
import io.paddock.proto.v1.Image;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

/** File systems of images in the record of a container: shared layers, read-only, below a directory of the container's own. */
final class ImageMounts {
    private static final String ROOT = "rootfs";
    private static final String UPPER = "upper";
    private static final int MOST_OPTIONS = 4000;

    private final ImageStore store;
    private final Path openRoots;
    private final Secrets secrets;
    private final Tools tools;

    /** @param openRoots a directory any user may enter */
    ImageMounts(ImageStore store, Path openRoots, Secrets secrets, Tools tools) {
        this.openRoots = openRoots;
        this.store = store;
        this.secrets = secrets;
        this.tools = tools;
    }

    /** What a container asks for. */
    record Wanted(String name, boolean force, Optional<byte[]> credentials) {}

    /** @param where the field that has it, for errors */
    Wanted wanted(Image image, String where) throws IOException {
        if (image.getType() != Image.Type.DOCKER) {
            throw new IOException(where + ".type DOCKER expected, got " + image.getType());
        }
        Optional<byte[]> credentials = image.getDocker().hasConfig()
                ? Optional.of(secrets.bytes(image.getDocker().getConfig(), where + ".docker.config"))
                : Optional.empty();
        return new Wanted(image.getDocker().getName(), !image.getCached(), credentials);
    }

    /** @param firstId of the container's user namespace, or 0 */
    StoredImage use(Wanted wanted, ContainerRecord record, String purpose, int firstId, Cancellation cancellation)
            throws IOException {
        return store.use(
                wanted.name(),
                wanted.force(),
                wanted.credentials(),
                record.directory(),
                purpose,
                firstId,
                cancellation);
    }

    /** @param purpose one word, as for {@link #use} */
    Path mount(ContainerRecord record, StoredImage image, String purpose, int firstId) throws IOException {
        Path root = record.file(ROOT + purpose);
        Path upper = record.file(UPPER + purpose);
        Path work = record.file("work" + purpose);
        for (Path directory : List.of(root, upper, work)) {
            Files.createDirectories(directory);
        }
        // What the container writes is below the upper directory, which is the root it sees.
        Files.setAttribute(upper, "unix:uid", firstId);
        Files.setAttribute(upper, "unix:gid", firstId);
        List<String> lowers = new ArrayList<>(image.layers());
        Collections.reverse(lowers);
        if (lowers.isEmpty()) {
            Linux.mount(upper.toString(), root, null, Linux.MS_BIND, null);
            return root;
        }
        overlay(lowers, "upperdir=" + upper + ",workdir=" + work, root);
        return root;
    }

    /**
     * The kernel takes at most a page of options. What would be longer names the layers relative to their directory, which takes
     * a process.
     */
    private void overlay(List<String> lowers, String upper, Path root) throws IOException {
        Path layers = store.layersDirectory();
        String options = upper + ",lowerdir=" + layers + "/" + String.join(":" + layers + "/", lowers);
        if (options.length() < MOST_OPTIONS && !layers.toString().contains(":")) {
            Linux.mount("overlay", root, "overlay", 0, options);
            return;
        }
        tools.run(ToolCall.of(
                        "mount",
                        "-t",
                        "overlay",
                        "-o",
                        upper + ",lowerdir=" + String.join(":", lowers),
                        "overlay",
                        root.toString())
                .in(layers));
    }

    /**
     * Shows a root where a user of the host may go: in a user namespace the runtime is one, and the records are for root only.
     */
    Path open(ContainerRecord record, Path root) throws IOException {
        Path open = openRoots.resolve(record.name());
        Files.createDirectories(open);
        Linux.mount(root.toString(), open, null, Linux.MS_BIND, null);
        return open;
    }

    /** Unmounts whatever is mounted for a record, whoever of the host is still inside: for those it goes when they do. */
    void unmount(ContainerRecord record) throws IOException {
        Path open = openRoots.resolve(record.name());
        unmount(open);
        Files.deleteIfExists(open);
        if (!Files.isDirectory(record.directory())) {
            return;
        }
        try (DirectoryStream<Path> roots = Files.newDirectoryStream(record.directory(), ROOT + "*")) {
            for (Path root : roots) {
                unmount(root);
            }
        }
    }

    /** Also what an earlier launch of the same name may have left below it. */
    private static void unmount(Path point) throws IOException {
        boolean mounted;
        do {
            mounted = Linux.unmountIfMounted(point, Linux.MNT_DETACH);
        } while (mounted);
    }

    /** Where the container's own files of its images are. */
    static List<Path> written(ContainerRecord record) throws IOException {
        List<Path> found = new ArrayList<>();
        try (DirectoryStream<Path> uppers = Files.newDirectoryStream(record.directory(), UPPER + "*")) {
            uppers.forEach(found::add);
        }
        return found;
    }
}
