package io.paddock.agent.server.containers.images;

import io.paddock.agent.server.containers.ImageOptions;
import io.paddock.agent.server.containers.LocalImage;
import io.paddock.agent.server.containers.tools.Cancellation;
import io.paddock.agent.server.containers.tools.Durable;
import io.paddock.agent.server.containers.tools.Tools;
import io.paddock.platform.json.Json;
import io.paddock.platform.metrics.Timings;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * The images of one agent: {@code names/} says which are complete, {@code layers/} has them unpacked, {@code blobs/} as
 * pulled. An image is used by a container whose record names it; what is not used may be deleted, when the disk fills up or
 * on request.
 */
public final class ImageStore implements AutoCloseable {
    /** In the record of a container: what it uses, a file per image. */
    private static final String USE = "image";

    private static final String USE_SUFFIX = ".json";

    private final Path names;
    private final Path blobs;
    private final Path records;
    private final Layers layers;
    private final Pull pull;
    private final Settings settings;
    private final Pulls pulls = new Pulls();
    private final Timings pullTimes = new Timings();
    private final Object deletion = new Object();
    private boolean looked; // used by the upkeep only
    private long lookedAt; // used by the upkeep only

    /** An image, and where the owners of its files begin. */
    private record Wanted(ImageName name, int firstId) {
        String key() {
            return firstId == 0 ? name.source() : name.source() + " ids from " + firstId;
        }
    }

    /**
     * How images are found.
     *
     * @param options what the operator says of them
     * @param certificates of registries with an authority of their own, a directory {@code host:port} each
     * @param firstId of the user namespaces of most containers; 0: they have none
     */
    public record Settings(ImageOptions options, Optional<Path> certificates, int firstId) {
        String defaultRegistry() {
            return options.defaultRegistry();
        }

        List<String> insecureRegistries() {
            return options.insecureRegistries();
        }

        Optional<Path> credentials() {
            return options.registryConfig();
        }
    }

    /**
     * @param records of the containers, which say what is used
     */
    public ImageStore(Path records, Settings settings, Tools tools) throws IOException {
        Path directory = settings.options().directory();
        this.names = directory.resolve("names");
        this.blobs = directory.resolve("blobs");
        this.records = records;
        this.settings = settings;
        Path unpacked = directory.resolve("layers");
        for (Path each : List.of(names, blobs, unpacked)) {
            Files.createDirectories(each);
        }
        Durable.createPrivate(directory);
        deleteUnfinished(directory, "pulling-");
        deleteUnfinished(unpacked, ".");
        this.layers = new Layers(unpacked, tools);
        this.pull = new Pull(directory, blobs, layers, settings, tools);
    }

    /** What a crash cut off. Whole blobs stay, so that the next pull goes on from there. */
    private static void deleteUnfinished(Path directory, String prefix) throws IOException {
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory, prefix + "*")) {
            for (Path entry : entries) {
                Durable.deleteTree(entry);
            }
        }
    }

    /** The directory in which {@link StoredImage#layers} are. */
    public Path layersDirectory() {
        return layers.directory();
    }

    /**
     * Gives a container the use of an image, pulled if it is not there.
     *
     * @param record the container's record, which remembers the use until it is deleted
     * @param purpose one word: a container may use several images
     * @param firstId of the container's user namespace, where the owners of its files begin; 0: it has none
     * @param force look at the registry even if the image is there
     * @param credentials a Docker {@code config.json} for this image alone
     * @throws IOException with the registry's words
     */
    public StoredImage use(
            String text,
            boolean force,
            Optional<byte[]> credentials,
            Path record,
            String purpose,
            int firstId,
            Cancellation cancellation)
            throws IOException {
        Wanted wanted = new Wanted(parse(text), firstId);
        boolean look = force;
        while (true) {
            Optional<StoredImage> stored = look ? Optional.empty() : stored(wanted);
            StoredImage image = stored.isPresent() ? stored.get() : pulled(wanted, credentials, cancellation);
            synchronized (deletion) {
                if (complete(image)) {
                    Durable.write(record.resolve(USE + purpose + USE_SUFFIX), Json.bytes(image));
                    return image;
                }
            }
            look = false;
        }
    }

    private ImageName parse(String text) throws IOException {
        try {
            return ImageName.parse(text, settings.defaultRegistry());
        } catch (IllegalArgumentException e) {
            throw new IOException(e.getMessage(), e);
        }
    }

    /**
     * Pulls an image, also when it is there already: the registry may have another one under this name by now.
     *
     * @throws IOException with the registry's words
     */
    public LocalImage pull(String text) throws IOException {
        Wanted wanted = new Wanted(parse(text), settings.firstId());
        return local(pulled(wanted, Optional.empty(), new Cancellation()), file(wanted));
    }

    /** How long pulls took, as Mesos publishes it. */
    public Map<String, Number> metrics() {
        return pullTimes.figures("containerizer/mesos/provisioner/docker_store/image_pull");
    }

    /** The complete images by name. */
    public List<LocalImage> list() throws IOException {
        List<LocalImage> found = new ArrayList<>();
        for (Map.Entry<Path, StoredImage> named : named().entrySet()) {
            if (complete(named.getValue())) {
                found.add(local(named.getValue(), named.getKey()));
            }
        }
        found.sort(Comparator.comparing(LocalImage::name));
        return found;
    }

    /** Also of one that is pruned meanwhile. */
    private LocalImage local(StoredImage image, Path file) throws IOException {
        long bytes = 0;
        for (String digest : image.blobs()) {
            bytes += attributes(blobs.resolve(digest.replace(':', '/')))
                    .map(BasicFileAttributes::size)
                    .orElse(0L);
        }
        return new LocalImage(
                image.name(),
                image.manifest(),
                bytes,
                attributes(file)
                        .map(named -> named.lastModifiedTime().toInstant())
                        .orElseGet(Instant::now),
                image.config().labels());
    }

    private static Optional<BasicFileAttributes> attributes(Path file) throws IOException {
        try {
            return Optional.of(Files.readAttributes(file, BasicFileAttributes.class));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        }
    }

    private Optional<StoredImage> stored(Wanted wanted) throws IOException {
        Path file = file(wanted);
        if (!Files.exists(file)) {
            return Optional.empty();
        }
        StoredImage image = Json.read(Files.readAllBytes(file), StoredImage.class);
        return complete(image) ? Optional.of(image) : Optional.empty();
    }

    private boolean complete(StoredImage image) {
        return image.layers().stream().allMatch(layers::present);
    }

    private Path file(Wanted wanted) {
        return names.resolve(Digests.sha256(wanted.key()) + ".json");
    }

    private StoredImage pulled(Wanted wanted, Optional<byte[]> credentials, Cancellation cancellation)
            throws IOException {
        String key = wanted.key()
                + credentials
                        .map(bytes -> " as " + Digests.sha256(new String(bytes, StandardCharsets.ISO_8859_1)))
                        .orElse("");
        Pulls.Work work = unwanted -> {
            long begun = System.nanoTime();
            StoredImage image =
                    pull.pull(wanted.name(), credentials, wanted.firstId(), named -> name(wanted, named), unwanted);
            pullTimes.record(System.nanoTime() - begun);
            return image;
        };
        return pulls.await(key, wanted.name().registry(), work, cancellation);
    }

    /** Not while a prune goes by what it has read of an earlier one of this name. */
    private void name(Wanted wanted, StoredImage image) throws IOException {
        synchronized (deletion) {
            Durable.write(file(wanted), Json.bytes(image));
        }
    }

    /** Deletes what neither a container nor a running pull uses. The bytes freed. */
    public long prune(List<String> excluded) throws IOException {
        Pull.GivenUp givenUp;
        synchronized (deletion) {
            Set<String> spared = new HashSet<>();
            for (String text : excluded) {
                spared.add(ImageName.parse(text, settings.defaultRegistry()).toString());
            }
            List<StoredImage> kept = new ArrayList<>(used());
            Set<String> inUse = new HashSet<>();
            kept.forEach(image -> inUse.add(image.name()));
            for (Map.Entry<Path, StoredImage> named : named().entrySet()) {
                StoredImage image = named.getValue();
                if (spared.contains(image.name()) || inUse.contains(image.name())) {
                    kept.add(image);
                } else {
                    Files.deleteIfExists(named.getKey());
                }
            }
            Set<String> wantedLayers = new HashSet<>();
            Set<String> wantedBlobs = new HashSet<>();
            for (StoredImage image : kept) {
                wantedLayers.addAll(image.layers());
                wantedBlobs.addAll(image.blobs());
            }
            givenUp = pull.retain(wantedLayers, wantedBlobs);
        }
        // All launches from images would wait for it.
        return givenUp.bytes() + Layers.delete(givenUp.layers());
    }

    /** What the files of names hold; pulls may be writing others. */
    private Map<Path, StoredImage> named() throws IOException {
        Map<Path, StoredImage> images = new LinkedHashMap<>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(names, file -> !isHidden(file))) {
            for (Path file : files) {
                try {
                    images.put(file, Json.read(Files.readAllBytes(file), StoredImage.class));
                } catch (NoSuchFileException e) {
                    // Pruned meanwhile.
                }
            }
        }
        return images;
    }

    private static boolean isHidden(Path file) {
        return file.getFileName().toString().startsWith(".");
    }

    private List<StoredImage> used() throws IOException {
        List<StoredImage> images = new ArrayList<>();
        try (Stream<Path> containers = Files.list(records)) {
            for (Path container : containers.toList()) {
                try (DirectoryStream<Path> uses = Files.newDirectoryStream(container, USE + "*" + USE_SUFFIX)) {
                    for (Path use : uses) {
                        images.add(Json.read(Files.readAllBytes(use), StoredImage.class));
                    }
                } catch (NoSuchFileException | NotDirectoryException e) {
                    // The container is gone meanwhile, and uses nothing.
                }
            }
        }
        return images;
    }

    /** Prunes when the disk is too full; looks no more often than it is to. */
    public long pruneIfFull() throws IOException {
        long now = System.nanoTime();
        if (looked && now - lookedAt < settings.options().diskWatchInterval().toNanos()) {
            return 0;
        }
        looked = true;
        lookedAt = now;
        var disk = Files.getFileStore(names);
        boolean full = disk.getUsableSpace() < settings.options().diskHeadroom() * disk.getTotalSpace();
        return full ? prune(settings.options().excluded()) : 0;
    }

    @Override
    public void close() {
        pulls.close();
    }
}
