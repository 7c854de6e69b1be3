package io.paddock.agent.server.containers;

import io.paddock.proto.v1.CommandInfo;
import io.paddock.proto.v1.ContainerID;
import io.paddock.proto.v1.ContainerInfo;
import io.paddock.proto.v1.Resource;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What to run and within which bounds, in the words of the v1 messages, which carry the image, networks, port mappings,
 * volumes, secrets, rlimits, capabilities, terminal, URIs and user.
 *
 * @param id the container; with a parent it shares the parent's network
 * @param command what to run. Shell: {@code /bin/sh -c value}. Otherwise value with arguments as argv; in an image an unset
 *     value means the image's entrypoint, with arguments in place of the image's cmd. Empty: a container without a
 *     process, which only holds the network and cgroup that its nested containers share, and ends by destroy
 * @param container image, networks and volumes; empty: the host's file system and network
 * @param environment what the agent adds. The image's environment comes before it, that of the command after it
 * @param user for whom it runs; empty: whom the outermost one runs for that it is nested in, or else the agent's user. Without
 *     an image it runs the command when that names nobody else; local files are fetched with its permissions in any case
 * @param sandbox the existing or future directory on the host; its files stdout and stderr receive the output
 * @param limits resources to grant
 * @param mounts persistent volumes and what else the agent itself wants inside
 */
public record ContainerSpec(
        ContainerID id,
        Optional<CommandInfo> command,
        Optional<ContainerInfo> container,
        Map<String, String> environment,
        Optional<String> user,
        Path sandbox,
        Limits limits,
        List<Mount> mounts) {
    public ContainerSpec {
        environment = new LinkedHashMap<>(environment);
        mounts = List.copyOf(mounts);
    }

    public ContainerSpec withUser(Optional<String> other) {
        return new ContainerSpec(id, command, container, environment, other, sandbox, limits, mounts);
    }

    /** Whether its process asks for a terminal. */
    public boolean hasTerminal() {
        return command.isPresent()
                && container.filter(ContainerInfo::hasTtyInfo).isPresent();
    }

    /**
     * The sandbox of the outermost container it is nested in, its own if it is none: tasks may change what is in it, but have
     * no part in where it is.
     */
    public Path outermostSandbox() {
        return outermost(id, sandbox);
    }

    /** The same of a container of which only this is known. */
    public static Path outermost(ContainerID id, Path sandbox) {
        return id.hasParent() ? outermost(id.getParent(), sandbox.getParent().getParent()) : sandbox;
    }

    /** Its sandbox as seen from there; empty if it is that. */
    public Path sandboxBelow() {
        return outermostSandbox().relativize(sandbox);
    }

    /** Whom it is for as the host knows them: the user of its command, or else the one given; empty: whom the agent runs as. */
    public Optional<String> hostUser() {
        return command.map(CommandInfo::getUser).filter(name -> !name.isEmpty()).or(() -> user);
    }

    /** Whether it runs from an image, on a root of its own. */
    public boolean hasImage() {
        return container
                .filter(info -> info.getType() == ContainerInfo.Type.DOCKER
                        || info.getMesos().hasImage())
                .isPresent();
    }

    /** What is said in the words of Docker; a container of another type has nothing of it. */
    public ContainerInfo.DockerInfo docker() {
        return container
                .filter(info -> info.getType() == ContainerInfo.Type.DOCKER)
                .map(ContainerInfo::getDocker)
                .orElse(ContainerInfo.DockerInfo.getDefaultInstance());
    }

    /**
     * A directory or file of the host seen inside at an absolute path, or at one relative to the sandbox.
     *
     * @param below what of the host's path is seen, where links lead nowhere; empty: all of it
     * @param volume the persistent volume that it is; only of a whole one
     */
    public record Mount(Path hostPath, Path below, String containerPath, boolean readOnly, Optional<Resource> volume) {
        private static final Path WHOLE = Path.of("");

        /** A whole one. */
        public Mount(Path hostPath, String containerPath, boolean readOnly, Optional<Resource> volume) {
            this(hostPath, WHOLE, containerPath, readOnly, volume);
        }

        /** What is no persistent volume. */
        public Mount(Path hostPath, String containerPath, boolean readOnly) {
            this(hostPath, containerPath, readOnly, Optional.empty());
        }

        public boolean isWhole() {
            return below.equals(WHOLE);
        }
    }

    /** The environment without its values: they may be secret. */
    @Override
    public String toString() {
        return "ContainerSpec[" + ContainerIds.text(id) + ", sandbox " + sandbox + ", " + limits + "]";
    }
}
