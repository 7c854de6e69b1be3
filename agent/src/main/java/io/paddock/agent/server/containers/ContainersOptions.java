package io.paddock.agent.server.containers;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * How containers are run on this machine.
 *
 * @param workDir the agent's work directory; container records go to {@code containers/}
 * @param runtime {@code auto}, {@code crun}, {@code runc}, the path of either, or {@code processes}
 * @param cgroupRoot the cgroup above all containers, relative to the mount of each controller
 * @param cniConfigDir configurations of networks; empty: only the built-in bridge
 * @param cniPluginsDir where the CNI plugins are
 * @param images where they come from
 * @param fetch how URIs are fetched
 * @param bounds of what a container may use unless it says otherwise
 * @param policy what containers may have
 */
public record ContainersOptions(
        Path workDir,
        String runtime,
        String cgroupRoot,
        Optional<Path> cniConfigDir,
        Path cniPluginsDir,
        ImageOptions images,
        FetchOptions fetch,
        Bounds bounds,
        ContainerPolicy policy) {
    /**
     * What a container may use.
     *
     * @param maxOutputBytes stdout and stderr are rotated beyond this size
     * @param maxOutputFiles how many rotated ones of each are kept, compressed
     * @param pidsLimit most processes and threads of one container
     * @param enforceDisk whether a sandbox beyond its disk resource ends its container
     * @param watchInterval how often sizes of sandboxes are looked at
     */
    public record Bounds(
            long maxOutputBytes, int maxOutputFiles, long pidsLimit, boolean enforceDisk, Duration watchInterval) {}

    public ContainersOptions {
        workDir = workDir.toAbsolutePath().normalize();
        cniConfigDir = cniConfigDir.map(Path::toAbsolutePath);
        cniPluginsDir = cniPluginsDir.toAbsolutePath();
    }

    public static ContainersOptions defaults(Path workDir) {
        return new ContainersOptions(
                workDir,
                "auto",
                "paddock",
                Optional.empty(),
                Path.of("/usr/lib/cni"),
                new ImageOptions(
                        workDir.resolve("images"),
                        "docker.io",
                        Optional.empty(),
                        List.of(),
                        0.1,
                        Duration.ZERO,
                        List.of()),
                new FetchOptions(
                        workDir.resolve("fetched"),
                        2L << 30,
                        Duration.ofMinutes(1),
                        Optional.empty(),
                        Optional.empty()),
                new Bounds(64L << 20, 4, 32768, false, Duration.ofSeconds(5)),
                ContainerPolicy.defaults());
    }

    public ContainersOptions withRuntime(String name) {
        return new ContainersOptions(
                workDir, name, cgroupRoot, cniConfigDir, cniPluginsDir, images, fetch, bounds, policy);
    }

    public ContainersOptions withCgroupRoot(String name) {
        return new ContainersOptions(
                workDir, runtime, name, cniConfigDir, cniPluginsDir, images, fetch, bounds, policy);
    }

    public ContainersOptions withCniConfigDir(Path directory) {
        return new ContainersOptions(
                workDir, runtime, cgroupRoot, Optional.of(directory), cniPluginsDir, images, fetch, bounds, policy);
    }

    public ContainersOptions withImages(ImageOptions other) {
        return new ContainersOptions(
                workDir, runtime, cgroupRoot, cniConfigDir, cniPluginsDir, other, fetch, bounds, policy);
    }

    public ContainersOptions withPolicy(ContainerPolicy other) {
        return new ContainersOptions(
                workDir, runtime, cgroupRoot, cniConfigDir, cniPluginsDir, images, fetch, bounds, other);
    }

    private ContainersOptions withBounds(Bounds other) {
        return new ContainersOptions(
                workDir, runtime, cgroupRoot, cniConfigDir, cniPluginsDir, images, fetch, other, policy);
    }

    public ContainersOptions withWatchInterval(Duration interval) {
        return withBounds(new Bounds(
                bounds.maxOutputBytes, bounds.maxOutputFiles, bounds.pidsLimit, bounds.enforceDisk, interval));
    }

    /** Bounds what containers write: their output, and their sandbox if enforced. */
    public ContainersOptions withDiskBounds(long outputBytes, boolean sandboxes) {
        return withBounds(
                new Bounds(outputBytes, bounds.maxOutputFiles, bounds.pidsLimit, sandboxes, bounds.watchInterval));
    }

    /** Where images come from: the credentials of registries, and the part of the disk that is kept free of them. */
    public ContainersOptions withImages(Optional<Path> credentials, String registry, double headroom) {
        return withImages(new ImageOptions(
                images.directory(),
                registry,
                credentials,
                images.insecureRegistries(),
                headroom,
                images.diskWatchInterval(),
                images.excluded()));
    }
}
