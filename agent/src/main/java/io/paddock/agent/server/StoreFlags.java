package io.paddock.agent.server;

import io.paddock.agent.server.containers.FetchOptions;
import io.paddock.agent.server.containers.ImageOptions;
import io.paddock.common.ByteSize;
import io.paddock.platform.security.JsonFlag;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Where images and files of containers come from and how they are kept, as flags. */
public final class StoreFlags {
    @Option(
            names = {"--docker-registry", "--docker_registry"},
            paramLabel = "NAME",
            description = "Registry of image names without one.")
    public String dockerRegistry = "docker.io";

    @Option(
            names = {"--docker-config", "--docker_config"},
            paramLabel = "FILE",
            description = "Docker config.json with credentials of registries.")
    public @Nullable Path dockerConfig;

    @Option(
            names = "--insecure-registry",
            paramLabel = "HOST:PORT",
            split = ",",
            description = "Registries reached over plain HTTP; those on loopback always are.")
    public List<String> insecureRegistries = new ArrayList<>();

    @Option(
            names = {"--docker-store-dir", "--docker_store_dir"},
            paramLabel = "DIR",
            description = "The images, of this agent alone; images/ of the work directory if not given.")
    public @Nullable Path dockerStoreDir;

    @Option(
            names = "--image-disk-headroom",
            paramLabel = "FRACTION",
            description = "Free part of the disk below which unused images are deleted.")
    public double imageDiskHeadroom = 0.1;

    @Option(
            names = {"--image-gc-config", "--image_gc_config"},
            paramLabel = "JSON|FILE",
            description =
                    "Mesos' form of --image-disk-headroom, with images that are never deleted: {\"image_disk_headroom\":0.1,"
                            + "\"image_disk_watch_interval\":{\"nanoseconds\":60000000000},\"excluded_images\":[{\"type\":\"DOCKER\","
                            + "\"docker\":{\"name\":\"alpine\"}}]}.")
    public @Nullable String imageGcConfig;

    @Option(
            names = {"--fetcher-cache-size", "--fetcher_cache_size"},
            paramLabel = "SIZE",
            description = "Size of the cache for URIs.")
    public ByteSize fetcherCache = ByteSize.parse("2GB");

    @Option(
            names = {"--fetcher-cache-dir", "--fetcher_cache_dir"},
            paramLabel = "DIR",
            description = "The cache for URIs, of this agent alone; fetched/ of the work directory if not given.")
    public @Nullable Path fetcherCacheDir;

    @Option(
            names = {"--fetcher-stall-timeout", "--fetcher_stall_timeout"},
            paramLabel = "DURATION",
            description = "A transfer that makes no progress for so long is begun again, and given up the third time.")
    public Duration fetcherStall = Duration.ofMinutes(1);

    @Option(
            names = {"--hadoop-home", "--hadoop_home"},
            paramLabel = "DIR",
            description = "Where bin/hadoop is; $HADOOP_HOME if not given, then the usual directories.")
    public @Nullable Path hadoopHome;

    @Option(
            names = {"--frameworks-home", "--frameworks_home"},
            paramLabel = "DIR",
            description = "Where relative URIs are looked up.")
    public @Nullable Path frameworksHome;

    /** @throws IllegalArgumentException naming the flag that does not fit */
    ImageOptions images(Path workDir) {
        ImageOptions given = new ImageOptions(
                dockerStoreDir == null ? workDir.resolve("images") : dockerStoreDir.toAbsolutePath(),
                dockerRegistry,
                file("--docker-config", dockerConfig),
                insecureRegistries,
                imageDiskHeadroom,
                Duration.ZERO,
                List.of());
        return imageGcConfig == null
                ? given
                : ImageGcConfig.parse("--image-gc-config", JsonFlag.text("--image-gc-config", imageGcConfig))
                        .in(given);
    }

    FetchOptions fetch(Path workDir) {
        return new FetchOptions(
                fetcherCacheDir == null ? workDir.resolve("fetched") : fetcherCacheDir.toAbsolutePath(),
                fetcherCache.bytes(),
                fetcherStall,
                Optional.ofNullable(frameworksHome),
                Optional.ofNullable(hadoopHome).map(Path::toAbsolutePath));
    }

    private static Optional<Path> file(String flag, @Nullable Path path) {
        if (path != null && !Files.isRegularFile(path)) {
            throw new IllegalArgumentException(flag + ": " + path + " is not a file");
        }
        return Optional.ofNullable(path).map(Path::toAbsolutePath);
    }
}
