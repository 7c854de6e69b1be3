package io.paddock.agent.server.containers.oci;

import io.paddock.agent.server.containers.ContainerPolicy;
import io.paddock.agent.server.containers.engine.ContainerRecord;
import io.paddock.agent.server.containers.engine.Hook;
import io.paddock.agent.server.containers.engine.Launch;
import io.paddock.agent.server.containers.images.StoredImage;
import io.paddock.proto.v1.ContainerInfo;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** The root file system from an image. */
final class ImageHook implements Hook {
    private final ImageMounts images;
    private final int firstUserId;
    private final String sandboxInside;

    ImageHook(ImageMounts images, ContainerPolicy policy) {
        this.images = images;
        this.firstUserId = policy.firstUserId();
        this.sandboxInside = policy.sandboxInside();
    }

    @Override
    public String name() {
        return "image";
    }

    @Override
    public void prepare(Launch launch) throws IOException {
        OciLaunch oci = (OciLaunch) launch;
        Optional<ImageMounts.Wanted> wanted = wanted(oci.spec().container());
        if (wanted.isEmpty() || !oci.hasProcess()) {
            return;
        }
        ContainerRecord record = oci.record();
        int firstId = oci.chooseUserIds(firstUserId);
        StoredImage image = images.use(wanted.get(), record, "", firstId, oci.cancellation());
        Path root = images.mount(record, image, "", firstId);
        oci.runFrom(image.config(), root, sandboxInside);
        OciConfig config = oci.config();
        Devices.mount(config);
        if (firstId == 0) {
            config.rootfs(root);
            config.mount("/sys", "sysfs", "sysfs", List.of("nosuid", "noexec", "nodev", "ro"));
        } else {
            config.rootfs(images.open(record, root));
            config.userNamespace(firstId);
            // Only who owns the network namespace could mount it anew.
            config.mount("/sys", "none", "/sys", List.of("rbind", "rslave", "nosuid", "noexec", "nodev", "ro"));
        }
        config.showOwnControlGroup();
        config.bind(oci.sandbox(), sandboxInside, false);
    }

    private Optional<ImageMounts.Wanted> wanted(Optional<ContainerInfo> container) throws IOException {
        if (container.isEmpty()) {
            return Optional.empty();
        }
        ContainerInfo info = container.get();
        if (info.getType() == ContainerInfo.Type.DOCKER) {
            if (!info.getDocker().hasImage() || info.getDocker().getImage().isEmpty()) {
                throw new IOException("container.docker.image expected for a container of type DOCKER");
            }
            return Optional.of(new ImageMounts.Wanted(
                    info.getDocker().getImage(), info.getDocker().getForcePullImage(), Optional.empty()));
        }
        return info.getMesos().hasImage()
                ? Optional.of(images.wanted(info.getMesos().getImage(), "container.mesos.image"))
                : Optional.empty();
    }

    @Override
    public void cleanup(ContainerRecord record) throws IOException {
        images.unmount(record);
    }
}
