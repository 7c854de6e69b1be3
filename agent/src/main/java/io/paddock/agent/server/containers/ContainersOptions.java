package io.paddock.agent.server.containers;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * How containers are run on this machine.
 *
 * @param workDir the agent's work directory; container records go to {@code containers/}, images to {@code images/}
 * @param runtime {@code auto}, {@code crun}, {@code runc}, the path of either, or {@code processes}
 * @param cgroupRoot the cgroup above all containers, relative to the mount of each controller
 * @param cniConfigDir configurations of networks; empty: only the built-in bridge
 * @param cniPluginsDir where the CNI plugins are
 * @param insecureRegistries registries to be reached over plain HTTP, as {@code host:port}; loopback ones always are
 * @param defaultRegistry the registry of image names without one
 * @param registryConfig a Docker {@code config.json} with credentials
 * @param maxOutputBytes stdout and stderr are rotated beyond this size
 * @param maxOutputFiles how many rotated ones of each are kept, compressed
 * @param imageDiskHeadroom unused images are deleted while less than this fraction of the disk is free
 * @param fetcherCacheBytes size of the cache for URIs
 * @param frameworksHome where relative URIs are looked up
 * @param pidsLimit most processes and threads of one container
 * @param enforceDisk whether a sandbox beyond its disk resource ends its container
 * @param watchInterval how often sizes of outputs and sandboxes are looked at
 * @param policy what containers may have
 */
public record ContainersOptions(
        Path workDir,
        String runtime,
        String cgroupRoot,
        Optional<Path> cniConfigDir,
        Path cniPluginsDir,
        List<String> insecureRegistries,
        String defaultRegistry,
        Optional<Path> registryConfig,
        long maxOutputBytes,
        int maxOutputFiles,
        double imageDiskHeadroom,
        long fetcherCacheBytes,
        Optional<Path> frameworksHome,
        long pidsLimit,
        boolean enforceDisk,
        Duration watchInterval,
        ContainerPolicy policy) {
    public ContainersOptions {
        workDir = workDir.toAbsolutePath().normalize();
        insecureRegistries = List.copyOf(insecureRegistries);
    }

    public static ContainersOptions defaults(Path workDir) {
        return new ContainersOptions(
                workDir,
                "auto",
                "paddock",
                Optional.empty(),
                Path.of("/usr/lib/cni"),
                List.of(),
                "docker.io",
                Optional.empty(),
                64L << 20,
                4,
                0.1,
                2L << 30,
                Optional.empty(),
                32768,
                false,
                Duration.ofSeconds(5),
                ContainerPolicy.defaults());
    }

    public ContainersOptions withRuntime(String name) {
        return new ContainersOptions(
                workDir,
                name,
                cgroupRoot,
                cniConfigDir,
                cniPluginsDir,
                insecureRegistries,
                defaultRegistry,
                registryConfig,
                maxOutputBytes,
                maxOutputFiles,
                imageDiskHeadroom,
                fetcherCacheBytes,
                frameworksHome,
                pidsLimit,
                enforceDisk,
                watchInterval,
                policy);
    }

    public ContainersOptions withCgroupRoot(String name) {
        return new ContainersOptions(
                workDir,
                runtime,
                name,
                cniConfigDir,
                cniPluginsDir,
                insecureRegistries,
                defaultRegistry,
                registryConfig,
                maxOutputBytes,
                maxOutputFiles,
                imageDiskHeadroom,
                fetcherCacheBytes,
                frameworksHome,
                pidsLimit,
                enforceDisk,
                watchInterval,
                policy);
    }

    public ContainersOptions withWatchInterval(Duration interval) {
        return new ContainersOptions(
                workDir,
                runtime,
                cgroupRoot,
                cniConfigDir,
                cniPluginsDir,
                insecureRegistries,
                defaultRegistry,
                registryConfig,
                maxOutputBytes,
                maxOutputFiles,
                imageDiskHeadroom,
                fetcherCacheBytes,
                frameworksHome,
                pidsLimit,
                enforceDisk,
                interval,
                policy);
    }

    public ContainersOptions withCniConfigDir(Path directory) {
        return new ContainersOptions(
                workDir,
                runtime,
                cgroupRoot,
                Optional.of(directory),
                cniPluginsDir,
                insecureRegistries,
                defaultRegistry,
                registryConfig,
                maxOutputBytes,
                maxOutputFiles,
                imageDiskHeadroom,
                fetcherCacheBytes,
                frameworksHome,
                pidsLimit,
                enforceDisk,
                watchInterval,
                policy);
    }

    /** Bounds what containers write: their output, and their sandbox if enforced. */
    public ContainersOptions withDiskBounds(long outputBytes, boolean sandboxes) {
        return new ContainersOptions(
                workDir,
                runtime,
                cgroupRoot,
                cniConfigDir,
                cniPluginsDir,
                insecureRegistries,
                defaultRegistry,
                registryConfig,
                outputBytes,
                maxOutputFiles,
                imageDiskHeadroom,
                fetcherCacheBytes,
                frameworksHome,
                pidsLimit,
                sandboxes,
                watchInterval,
                policy);
    }

    public ContainersOptions withPolicy(ContainerPolicy other) {
        return new ContainersOptions(
                workDir,
                runtime,
                cgroupRoot,
                cniConfigDir,
                cniPluginsDir,
                insecureRegistries,
                defaultRegistry,
                registryConfig,
                maxOutputBytes,
                maxOutputFiles,
                imageDiskHeadroom,
                fetcherCacheBytes,
                frameworksHome,
                pidsLimit,
                enforceDisk,
                watchInterval,
                other);
    }

    /** Where images come from: the credentials of registries, and the part of the disk that is kept free of them. */
    public ContainersOptions withImages(Optional<Path> credentials, String registry, double headroom) {
        return new ContainersOptions(
                workDir,
                runtime,
                cgroupRoot,
                cniConfigDir,
                cniPluginsDir,
                insecureRegistries,
                registry,
                credentials,
                maxOutputBytes,
                maxOutputFiles,
                headroom,
                fetcherCacheBytes,
                frameworksHome,
                pidsLimit,
                enforceDisk,
                watchInterval,
                policy);
    }
}
