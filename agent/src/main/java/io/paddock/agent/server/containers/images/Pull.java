package io.paddock.agent.server.containers.images;

import com.fasterxml.jackson.databind.JsonNode;
import io.paddock.agent.server.containers.tools.Cancellation;
import io.paddock.agent.server.containers.tools.Durable;
import io.paddock.agent.server.containers.tools.ToolCall;
import io.paddock.agent.server.containers.tools.ToolFailure;
import io.paddock.agent.server.containers.tools.Tools;
import io.paddock.platform.json.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Brings one image onto the disk: skopeo copies what is missing into the common blobs and checks every digest, tar unpacks
 * the layers that are new.
 */
final class Pull {
    private static final Duration TIMEOUT = Duration.ofMinutes(30);
    private static final Pattern FATAL = Pattern.compile("level=fatal msg=\"(?<words>(?:[^\"\\\\]|\\\\.)*)\"");

    /** Of the blobs of an image, the manifest and the configuration. */
    private static final int BEFORE_LAYERS = 2;

    /** What skopeo has found may be deleted before it is known to be needed. */
    private static final int MOST_COPIES = 3;

    /** File systems keep the time of the last tick. */
    private static final Duration CLOCK_MARGIN = Duration.ofSeconds(1);

    private final Path directory;
    private final Path blobs;
    private final Layers layers;
    private final ImageStore.Settings settings;
    private final Tools tools;
    private final Set<Underway> underway = new HashSet<>();

    /** A pull that has begun. What it needs is known when all of it was copied. */
    private static final class Underway {
        /** What it has brought is no older. */
        final Instant since = Instant.now().minus(CLOCK_MARGIN);

        @Nullable
        StoredImage needs;
    }

    /** Takes an image that was pulled. */
    interface Taker {
        void take(StoredImage image) throws IOException;
    }

    Pull(Path directory, Path blobs, Layers layers, ImageStore.Settings settings, Tools tools) {
        this.directory = directory;
        this.blobs = blobs;
        this.layers = layers;
        this.settings = settings;
        this.tools = tools;
    }

    /**
     * Others may {@link #retain} meanwhile.
     *
     * @param firstId of the user namespaces it is for; 0: none
     * @param taker until it has returned nothing of the image is deleted
     */
    StoredImage pull(ImageName name, Optional<byte[]> credentials, int firstId, Taker taker, Cancellation cancellation)
            throws IOException {
        Path layout = directory.resolve("pulling-" + UUID.randomUUID());
        Durable.createPrivate(layout);
        Underway mine = new Underway();
        synchronized (underway) {
            underway.add(mine);
        }
        try {
            StoredImage image = copied(name, layout, credentials, firstId, mine, cancellation);
            unpack(image, firstId);
            taker.take(image);
            return image;
        } finally {
            synchronized (underway) {
                underway.remove(mine);
            }
            Durable.deleteTree(layout);
        }
    }

    /** Skopeo leaves out what it finds. Nobody knows that it is needed before the whole image was copied. */
    private StoredImage copied(
            ImageName name,
            Path layout,
            Optional<byte[]> credentials,
            int firstId,
            Underway mine,
            Cancellation cancellation)
            throws IOException {
        for (int copies = 0; copies < MOST_COPIES; copies++) {
            copy(name, layout, credentials, cancellation);
            synchronized (underway) {
                Optional<StoredImage> image = described(name, layout, firstId);
                if (image.isPresent()) {
                    mine.needs = image.get();
                    return image.get();
                }
            }
        }
        throw new IOException("image " + name + " cannot be pulled: what was copied was deleted " + MOST_COPIES
                + " times by those who prune images");
    }

    private void copy(ImageName name, Path layout, Optional<byte[]> credentials, Cancellation cancellation)
            throws IOException {
        List<String> argv = new ArrayList<>(List.of("skopeo", "--insecure-policy", "copy", "--quiet"));
        argv.add("--dest-shared-blob-dir=" + blobs);
        if (name.onLoopback() && !hasCertificates(name)
                || settings.insecureRegistries().contains(name.registry())) {
            argv.add("--src-tls-verify=false");
        }
        if (hasCertificates(name)) {
            argv.add("--src-cert-dir=" + settings.certificates().orElseThrow().resolve(name.registry()));
        }
        if (credentials.isPresent()) {
            Path file = layout.resolve("auth.json");
            Durable.write(file, credentials.get());
            argv.add("--src-authfile=" + file);
        } else if (settings.credentials().isPresent()) {
            argv.add("--src-authfile=" + settings.credentials().get());
        }
        argv.add(name.source());
        argv.add("oci:" + layout + ":image");
        try {
            tools.run(ToolCall.of(argv).within(TIMEOUT), cancellation);
        } catch (ToolFailure e) {
            throw new IOException("image " + name + " cannot be pulled: " + words(e), e);
        }
    }

    private boolean hasCertificates(ImageName name) {
        return !name.registry().isEmpty()
                && settings.certificates().isPresent()
                && Files.isDirectory(settings.certificates().get().resolve(name.registry()));
    }

    private static String words(ToolFailure failure) {
        Matcher matcher = FATAL.matcher(failure.output());
        String words = failure.getMessage();
        while (matcher.find()) {
            words = matcher.group("words").replace("\\\"", "\"").replace("\\n", " ");
        }
        return words;
    }

    /** The image as it was copied; empty when a part of it is not there. */
    private Optional<StoredImage> described(ImageName name, Path layout, int firstId) throws IOException {
        JsonNode index = Json.mapper().readTree(Files.readAllBytes(layout.resolve("index.json")));
        String manifestDigest = index.path("manifests").path(0).path("digest").asText();
        if (!Files.exists(blob(manifestDigest))) {
            return Optional.empty();
        }
        JsonNode manifest = json(manifestDigest);
        List<String> parts = new ArrayList<>();
        parts.add(manifestDigest);
        parts.add(manifest.path("config").path("digest").asText());
        for (JsonNode archive : manifest.path("layers")) {
            parts.add(archive.path("digest").asText());
        }
        for (String part : parts) {
            if (!Files.exists(blob(part))) {
                return Optional.empty();
            }
        }
        JsonNode configuration = json(parts.get(1));
        JsonNode diffs = configuration.path("rootfs").path("diff_ids");
        int archives = parts.size() - BEFORE_LAYERS;
        if (diffs.size() != archives) {
            throw new IOException("image " + name + " is inconsistent: " + archives + " layers, but " + diffs.size()
                    + " in its configuration");
        }
        List<String> chain = new ArrayList<>();
        String identity = firstId == 0 ? "" : "ids from " + firstId;
        for (JsonNode diff : diffs) {
            identity = identity + " " + diff.asText();
            chain.add(Layers.name(identity));
        }
        return Optional.of(new StoredImage(
                name.toString(), manifestDigest, chain, parts, ImageConfig.of(configuration.path("config"))));
    }

    private void unpack(StoredImage image, int firstId) throws IOException {
        for (int i = 0; i < image.layers().size(); i++) {
            Path archive = blob(image.blobs().get(BEFORE_LAYERS + i));
            layers.unpack(image.layers().get(i), archive, image.layers().subList(0, i), firstId);
        }
    }

    private JsonNode json(String digest) throws IOException {
        return Json.mapper().readTree(Files.readAllBytes(blob(digest)));
    }

    private Path blob(String digest) throws IOException {
        String[] parts = digest.split(":", 2);
        if (parts.length != 2 || !parts[0].matches("[a-z0-9]+") || !parts[1].matches("[0-9a-f]+")) {
            throw new IOException("digest expected, got " + digest);
        }
        return blobs.resolve(parts[0]).resolve(parts[1]);
    }

    /** What was given up: layers that are out of the way and still to be deleted, and the bytes of what is deleted already. */
    record GivenUp(List<Path> layers, long bytes) {}

    /** Gives up all layers and blobs but these, what running pulls need, and what they may have brought. */
    GivenUp retain(Set<String> wantedLayers, Set<String> wantedBlobs) throws IOException {
        synchronized (underway) {
            Set<String> keptLayers = new HashSet<>(wantedLayers);
            Set<String> keptBlobs = new HashSet<>(wantedBlobs);
            Instant copiedSince = Instant.MAX;
            for (Underway pull : underway) {
                StoredImage needs = pull.needs;
                if (needs != null) {
                    keptLayers.addAll(needs.layers());
                    keptBlobs.addAll(needs.blobs());
                } else if (pull.since.isBefore(copiedSince)) {
                    copiedSince = pull.since;
                }
            }
            long bytes = retainBlobs(keptBlobs, copiedSince);
            return new GivenUp(layers.putAwayAllBut(keptLayers), bytes);
        }
    }

    private long retainBlobs(Set<String> kept, Instant copiedSince) throws IOException {
        long freed = 0;
        try (Stream<Path> files = Files.walk(blobs)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                String digest = file.getParent().getFileName() + ":" + file.getFileName();
                boolean fresh = !Files.getLastModifiedTime(file).toInstant().isBefore(copiedSince);
                if (!fresh && !kept.contains(digest)) {
                    freed += Files.size(file);
                    Files.delete(file);
                }
            }
        }
        return freed;
    }
}
