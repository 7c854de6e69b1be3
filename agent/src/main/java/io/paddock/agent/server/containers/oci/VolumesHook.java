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

/** Directories and files of the host, of the sandbox and of the agent that are seen inside, and secrets as files. */
final class VolumesHook implements Hook {
    private final Path inMemory;
    private final Secrets secrets;
    private final HostPaths hostPaths;
    private final ImageMounts images;

    /** @param inMemory a directory in memory, where the machine has one */
    VolumesHook(Path inMemory, Secrets secrets, HostPaths hostPaths, ImageMounts images) {
        this.inMemory = inMemory;
        this.secrets = secrets;
        this.hostPaths = hostPaths;
        this.images = images;
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
        for (ContainerSpec.Mount mount : oci.spec().mounts()) {
            bind(oci, mount.hostPath(), mount.containerPath(), mount.readOnly());
        }
        if (oci.spec().container().isPresent()) {
            ContainerInfo info = oci.spec().container().get();
            for (int i = 0; i < info.getVolumesCount(); i++) {
                volume(oci, info.getType(), info.getVolumes(i), i);
            }
        }
    }

    private void volume(OciLaunch oci, ContainerInfo.Type type, Volume volume, int index) throws IOException {
        boolean readOnly = volume.getMode() == Volume.Mode.RO;
        String where = "container.volumes[" + index + "]";
        if (volume.hasHostPath()) {
            bind(oci, hostPath(oci, type, volume.getHostPath(), where), volume.getContainerPath(), readOnly);
        } else if (volume.hasSource()) {
            bind(
                    oci,
                    source(oci, type, volume.getSource(), where, index),
                    volume.getContainerPath(),
                    readOnly,
                    propagation(volume.getSource().getHostPath()));
        } else if (volume.hasImage()) {
            bind(oci, image(oci, volume.getImage(), where, index), volume.getContainerPath(), readOnly);
        } else {
            // Only a container path: a directory of the sandbox, as for Docker's anonymous volumes.
            Path directory = oci.spec().sandbox().resolve("volume-" + index);
            Files.createDirectories(directory);
            bind(oci, directory, volume.getContainerPath(), readOnly);
        }
    }

    private Path source(OciLaunch oci, ContainerInfo.Type type, Volume.Source source, String where, int index)
            throws IOException {
        return switch (source.getType()) {
            case HOST_PATH -> hostPath(oci, type, source.getHostPath().getPath(), where + ".source.host_path.path");
            case SANDBOX_PATH -> sandboxPath(oci, source.getSandboxPath(), where);
            case SECRET -> secret(oci, source.getSecret(), where, index);
            case DOCKER_VOLUME, CSI_VOLUME, UNKNOWN ->
                throw new IOException(where + ".source.type " + source.getType() + " is not supported");
        };
    }

    private static String propagation(Volume.Source.HostPath path) {
        return switch (path.getMountPropagation().getMode()) {
            case HOST_TO_CONTAINER -> "rslave";
            case BIDIRECTIONAL -> "rshared";
            case UNKNOWN -> "rprivate";
        };
    }

    private Path hostPath(OciLaunch oci, ContainerInfo.Type type, String text, String where) throws IOException {
        if (text.startsWith("/")) {
            return hostPaths.find(text, type == ContainerInfo.Type.DOCKER, where);
        }
        Path path = inside(oci.spec().sandbox(), text, where);
        Files.createDirectories(path);
        return path;
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
    private static Path sandboxPath(OciLaunch oci, Volume.Source.SandboxPath path, String where) throws IOException {
        Path sandbox = oci.spec().sandbox();
        if (path.getType() == Volume.Source.SandboxPath.Type.PARENT) {
            if (!oci.spec().id().hasParent()) {
                throw new IOException(where + ".source.sandbox_path.type PARENT needs a parent container");
            }
            sandbox = sandbox.getParent().getParent();
        }
        Path found = inside(sandbox, path.getPath(), where + ".source.sandbox_path.path");
        if (!Files.exists(found)) {
            Files.createDirectories(found);
            Files.setPosixFilePermissions(found, PosixFilePermissions.fromString("rwxrwxrwx"));
        }
        return found;
    }

    private static Path inside(Path directory, String text, String where) throws IOException {
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

    /** A relative place is in the sandbox; on the host's files an absolute one must be there already. */
    private static void bind(OciLaunch oci, Path source, String containerPath, boolean readOnly) throws IOException {
        bind(oci, source, containerPath, readOnly, "rprivate");
    }

    private static void bind(OciLaunch oci, Path source, String containerPath, boolean readOnly, String propagation)
            throws IOException {
        boolean absolute = containerPath.startsWith("/");
        if (!absolute) {
            inside(oci.spec().sandbox(), containerPath, "container_path");
        } else if (oci.image() == null && !Files.exists(Path.of(containerPath))) {
            throw new IOException("container_path " + containerPath
                    + " does not exist on the host; without an image it must, or be relative to the sandbox");
        }
        oci.config()
                .bind(
                        source,
                        absolute ? containerPath : oci.sandboxInside() + "/" + containerPath,
                        readOnly,
                        propagation);
    }

    @Override
    public void cleanup(ContainerRecord record) throws IOException {
        Durable.deleteTree(inMemory.resolve(record.name()));
    }
}
