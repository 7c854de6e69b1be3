package io.paddock.agent.server.containers.oci;

import io.paddock.agent.server.containers.engine.ContainerRecord;
import io.paddock.agent.server.containers.engine.Hook;
import io.paddock.agent.server.containers.engine.Launch;
import io.paddock.agent.server.containers.images.ImageStore;
import io.paddock.agent.server.containers.images.StoredImage;
import io.paddock.agent.server.containers.tools.Mounts;
import io.paddock.agent.server.containers.tools.ToolCall;
import io.paddock.agent.server.containers.tools.Tools;
import io.paddock.proto.v1.ContainerInfo;
import io.paddock.proto.v1.Image;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

/** The root file system from an image: its layers, shared and read-only, below a directory of the container's own. */
final class ImageHook implements Hook {
    private static final String ROOT = "rootfs";

    private final ImageStore store;
    private final Tools tools;

    ImageHook(ImageStore store, Tools tools) {
        this.store = store;
        this.tools = tools;
    }

    @Override
    public String name() {
        return "image";
    }

    /** What a container asks for. */
    private record Wanted(String name, boolean force, Optional<byte[]> credentials) {}

    @Override
    public void prepare(Launch launch) throws IOException {
        OciLaunch oci = (OciLaunch) launch;
        Optional<Wanted> wanted = wanted(oci.spec().container());
        if (wanted.isEmpty() || !oci.hasProcess()) {
            return;
        }
        ContainerRecord record = oci.record();
        StoredImage image = store.use(
                wanted.get().name(),
                wanted.get().force(),
                wanted.get().credentials(),
                record.directory(),
                oci.cancellation());
        Path root = mount(record, image);
        oci.runFrom(image.config(), root);
        OciConfig config = oci.config();
        config.rootfs(root);
        Devices.mount(config, oci.spec());
        config.mount("/sys", "sysfs", "sysfs", List.of("nosuid", "noexec", "nodev", "ro"));
        config.bind(oci.spec().sandbox(), OciLaunch.SANDBOX_INSIDE, false);
    }

    private static Optional<Wanted> wanted(Optional<ContainerInfo> container) throws IOException {
        if (container.isEmpty()) {
            return Optional.empty();
        }
        ContainerInfo info = container.get();
        if (info.getType() == ContainerInfo.Type.DOCKER) {
            if (!info.getDocker().hasImage() || info.getDocker().getImage().isEmpty()) {
                throw new IOException("container.docker.image expected for a container of type DOCKER");
            }
            return Optional.of(
                    new Wanted(info.getDocker().getImage(), info.getDocker().getForcePullImage(), Optional.empty()));
        }
        if (!info.getMesos().hasImage()) {
            return Optional.empty();
        }
        Image image = info.getMesos().getImage();
        if (image.getType() != Image.Type.DOCKER) {
            throw new IOException("container.mesos.image.type DOCKER expected, got " + image.getType());
        }
        Optional<byte[]> credentials = image.getDocker().getConfig().hasValue()
                ? Optional.of(image.getDocker().getConfig().getValue().getData().toByteArray())
                : Optional.empty();
        return Optional.of(new Wanted(image.getDocker().getName(), !image.getCached(), credentials));
    }

    private Path mount(ContainerRecord record, StoredImage image) throws IOException {
        Path root = record.file(ROOT);
        Path upper = record.file("upper");
        Path work = record.file("work");
        for (Path directory : List.of(root, upper, work)) {
            Files.createDirectories(directory);
        }
        // The layers are named relative to their directory: the kernel takes at most a page of options.
        List<String> lowers = new ArrayList<>(image.layers());
        Collections.reverse(lowers);
        if (lowers.isEmpty()) {
            tools.run(ToolCall.of("mount", "--bind", upper.toString(), root.toString()));
            return root;
        }
        tools.run(ToolCall.of(
                        "mount",
                        "-t",
                        "overlay",
                        "-o",
                        "lowerdir=" + String.join(":", lowers) + ",upperdir=" + upper + ",workdir=" + work,
                        "overlay",
                        root.toString())
                .in(store.layersDirectory()));
        return root;
    }

    @Override
    public void cleanup(ContainerRecord record) throws IOException {
        Path root = record.file(ROOT);
        if (Files.isDirectory(root) && Mounts.mounted(root)) {
            tools.run(ToolCall.of("umount", root.toString()));
        }
    }
}
