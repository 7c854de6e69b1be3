package io.paddock.agent.server.containers;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * Where images come from and how they are kept.
 *
 * @param directory of the store
 * @param defaultRegistry the registry of image names without one
 * @param registryConfig a Docker {@code config.json} with credentials
 * @param insecureRegistries registries to be reached over plain HTTP, as {@code host:port}; loopback ones always are
 * @param diskHeadroom unused images are deleted while less than this fraction of the disk is free
 * @param diskWatchInterval at least so long between two looks at the disk
 * @param excluded names of images that are kept however full the disk is
 */
public record ImageOptions(
        Path directory,
        String defaultRegistry,
        Optional<Path> registryConfig,
        List<String> insecureRegistries,
        double diskHeadroom,
        Duration diskWatchInterval,
        List<String> excluded) {
    public ImageOptions {
        directory = directory.toAbsolutePath().normalize();
        insecureRegistries = List.copyOf(insecureRegistries);
        excluded = List.copyOf(excluded);
    }
}
