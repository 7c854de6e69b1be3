package io.paddock.agent.server.containers.oci;

import io.paddock.agent.server.containers.ContainerSpec;
import io.paddock.agent.server.containers.engine.ContainerRecord;
import io.paddock.agent.server.containers.engine.Hook;
import io.paddock.agent.server.containers.engine.Launch;
import io.paddock.agent.server.containers.recipe.Secrets;
import io.paddock.agent.server.containers.tools.Durable;
import io.paddock.proto.v1.ContainerInfo;
import io.paddock.proto.v1.Image;
import io.paddock.proto.v1.Secret;
import io.paddock.proto.v1.Volume;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;

/** Directories and files of the host, of the sandbox and of the agent that are seen inside, and secrets as files. */
final class VolumesHook implements Hook {
    private final Path inMemory;
    private final Secrets secrets;
    private final HostPaths hostPaths;
    private final ImageMounts images;
    private final HeldPaths held;

    /**
     * @param inMemory a directory in memory, where the machine has one
     * @param held also what other steps hold there
     */
    VolumesHook(Path inMemory, HeldPaths held, Secrets secrets, HostPaths hostPaths, ImageMounts images) {
        this.inMemory = inMemory;
        this.secrets = secrets;
        this.hostPaths = hostPaths;
        this.images = images;
        this.held = held;
    }

    @Override
    public String name() {
        return "volumes";
    }

    @Override
    public void prepare(Launch launch) throws IOException {
        OciLaunch oci = (OciLaunch) launch;
        if (!oci.hasProcess()) {
            return;
        }
        List<ContainerSpec.Mount> mounts = oci.spec().mounts();
        for (int i = 0; i < mounts.size(); i++) {
            ContainerSpec.Mount mount = mounts.get(i);
            Path source = source(oci, mount, i);
            String inside = oci.mountPoints().make(oci, source, mount.containerPath(), mount.readOnly());
            oci.config().bind(source, inside, mount.readOnly());
        }
        if (oci.spec().container().isPresent()) {
            ContainerInfo info = oci.spec().container().get();
            for (int i = 0; i < info.getVolumesCount(); i++) {
                volume(oci, info.getType(), info.getVolumes(i), i);
            }
        }
    }

    private Path source(OciLaunch oci, ContainerSpec.Mount mount, int index) throws IOException {
        if (mount.isWhole()) {
            return mount.hostPath();
        }
        String where = "the volume at " + mount.containerPath() + ": source.sandbox_path.path";
        return held.hold(oci.record(), mount.hostPath(), mount.below(), "mount-" + index, where);
    }

    private void volume(OciLaunch oci, ContainerInfo.Type type, Volume volume, int index) throws IOException {
        String where = "container.volumes[" + index + "]";
        Path source;
        if (volume.hasHostPath()) {
            source = hostPath(oci, type, volume.getHostPath(), where, index);
        } else if (volume.hasSource()) {
            source = source(oci, type, volume.getSource(), where, index);
        } else if (volume.hasImage()) {
            source = image(oci, volume.getImage(), where, index);
        } else {
            // Only a container path: a directory of the sandbox, as for Docker's anonymous volumes.
            source = inside(oci, oci.spec().sandbox(), "volume-" + index, where, index);
        }
        boolean readOnly = volume.getMode() == Volume.Mode.RO;
        String inside = oci.mountPoints().make(oci, source, volume.getContainerPath(), readOnly);
        oci.config()
                .bind(source, inside, readOnly, propagation(volume.getSource().getHostPath(), where));
    }

    private Path source(OciLaunch oci, ContainerInfo.Type type, Volume.Source source, String where, int index)
            throws IOException {
        return switch (source.getType()) {
            case HOST_PATH ->
                hostPath(oci, type, source.getHostPath().getPath(), where + ".source.host_path.path", index);
            case SANDBOX_PATH -> sandboxPath(oci, source.getSandboxPath(), where, index);
            case SECRET -> secret(oci, source.getSecret(), where, index);
            case DOCKER_VOLUME, CSI_VOLUME, UNKNOWN ->
                throw new IOException(where + ".source.type " + source.getType() + " is not supported");
        };
    }

    private String propagation(Volume.Source.HostPath path, String where) throws IOException {
        return switch (path.getMountPropagation().getMode()) {
            case HOST_TO_CONTAINER -> "rslave";
            case BIDIRECTIONAL -> {
                if (hostPaths.areBounded()) {
                    throw new IOException(where + ".source.host_path.mount_propagation.mode: BIDIRECTIONAL is not given"
                            + " by an agent with --allowed-host-paths");
                }
                yield "rshared";
            }
            case UNKNOWN -> "rprivate";
        };
    }

    private Path hostPath(OciLaunch oci, ContainerInfo.Type type, String text, String where, int index)
            throws IOException {
        if (text.startsWith("/")) {
            return hostPaths.find(oci.record(), "host-" + index, text, type == ContainerInfo.Type.DOCKER, where);
        }
        return inside(oci, oci.spec().sandbox(), text, where, index);
    }

    /** The files of an image; what is written to them is the container's own and goes with it. */
    private Path image(OciLaunch oci, Image image, String where, int index) throws IOException {
        String purpose = "-volume-" + index;
        ImageMounts.Wanted wanted = images.wanted(image, where + ".image");
        int firstId = oci.firstUserId();
        return images.mount(
                oci.record(), images.use(wanted, oci.record(), purpose, firstId, oci.cancellation()), purpose, firstId);
    }

    /** A path of the container's own sandbox, or of its parent's, two levels up. */
    private Path sandboxPath(OciLaunch oci, Volume.Source.SandboxPath path, String where, int index)
            throws IOException {
        Path sandbox = oci.spec().sandbox();
        if (path.getType() == Volume.Source.SandboxPath.Type.PARENT) {
            if (!oci.spec().id().hasParent()) {
                throw new IOException(where + ".source.sandbox_path.type PARENT needs a parent container");
            }
            sandbox = sandbox.getParent().getParent();
        }
        return inside(oci, sandbox, path.getPath(), where + ".source.sandbox_path.path", index);
    }

    /** What a sandbox has at a path, which is made if it is missing. */
    private Path inside(OciLaunch oci, Path sandbox, String text, String where, int index) throws IOException {
        Path outermost = oci.spec().outermostSandbox();
        Path below = outermost.relativize(inside(sandbox, text, where));
        return held.hold(oci.record(), outermost, below, "volume-" + index, where);
    }

    static Path inside(Path directory, String text, String where) throws IOException {
        if (text.indexOf('\0') >= 0) {
            throw new IOException(where + ": has a character 0");
        }
        Path path = directory.resolve(text).normalize();
        if (!path.startsWith(directory)) {
            throw new IOException(where + ": " + text + " leads out of the sandbox");
        }
        return path;
    }

    private Path secret(OciLaunch oci, Secret secret, String where, int index) throws IOException {
        byte[] bytes = secrets.bytes(secret, where + ".source.secret");
        Path directory = inMemory.resolve(oci.record().name());
        Durable.createPrivate(directory);
        Path file = directory.resolve(Integer.toString(index));
        Durable.write(file, bytes);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("r--r--r--"));
        return file;
    }

    @Override
    public void cleanup(ContainerRecord record) throws IOException {
        held.cleanup(record);
        Durable.deleteTree(inMemory.resolve(record.name()));
    }
}
