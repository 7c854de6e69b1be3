package io.paddock.agent.server.containers.images;

import com.fasterxml.jackson.databind.JsonNode;
import io.paddock.agent.server.containers.tools.Durable;
import io.paddock.agent.server.containers.tools.ToolCall;
import io.paddock.agent.server.containers.tools.ToolFailure;
import io.paddock.agent.server.containers.tools.Tools;
import io.paddock.platform.json.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Brings one image onto the disk: skopeo copies what is missing into the common blobs and checks every digest, tar unpacks
 * the layers that are new.
 */
final class Pull {
    private static final Duration TIMEOUT = Duration.ofMinutes(30);
    private static final Pattern FATAL = Pattern.compile("level=fatal msg=\"(?<words>(?:[^\"\\\\]|\\\\.)*)\"");

    private final Path directory;
    private final Path blobs;
    private final Layers layers;
    private final ImageStore.Settings settings;
    private final Tools tools;

    Pull(Path directory, Path blobs, Layers layers, ImageStore.Settings settings, Tools tools) {
        this.directory = directory;
        this.blobs = blobs;
        this.layers = layers;
        this.settings = settings;
        this.tools = tools;
    }

    /** @param firstId of the user namespaces it is for; 0: none */
    StoredImage pull(ImageName name, Optional<byte[]> credentials, int firstId) throws IOException {
        Path layout = directory.resolve("pulling-" + UUID.randomUUID());
        Durable.createPrivate(layout);
        try {
            copy(name, layout, credentials);
            return unpack(name, layout, firstId);
        } finally {
            Durable.deleteTree(layout);
        }
    }

    private void copy(ImageName name, Path layout, Optional<byte[]> credentials) throws IOException {
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
            tools.run(ToolCall.of(argv).within(TIMEOUT));
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

    private StoredImage unpack(ImageName name, Path layout, int firstId) throws IOException {
        JsonNode index = Json.mapper().readTree(Files.readAllBytes(layout.resolve("index.json")));
        String manifestDigest = index.path("manifests").path(0).path("digest").asText();
        JsonNode manifest = json(manifestDigest);
        String configDigest = manifest.path("config").path("digest").asText();
        JsonNode configuration = json(configDigest);
        JsonNode diffs = configuration.path("rootfs").path("diff_ids");
        JsonNode archives = manifest.path("layers");
        if (diffs.size() != archives.size()) {
            throw new IOException("image " + name + " is inconsistent: " + archives.size() + " layers, but "
                    + diffs.size() + " in its configuration");
        }
        List<String> chain = new ArrayList<>();
        List<String> pulled = new ArrayList<>(List.of(manifestDigest, configDigest));
        String identity = firstId == 0 ? "" : "ids from " + firstId;
        for (int i = 0; i < archives.size(); i++) {
            String digest = archives.path(i).path("digest").asText();
            identity = identity + " " + diffs.path(i).asText();
            String layer = Layers.name(identity);
            layers.unpack(layer, blob(digest), chain, firstId);
            chain.add(layer);
            pulled.add(digest);
        }
        return new StoredImage(
                name.toString(), manifestDigest, chain, pulled, ImageConfig.of(configuration.path("config")));
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

    /** Deletes all blobs but these. The bytes freed. */
    long retain(Set<String> wanted) throws IOException {
        long freed = 0;
        try (Stream<Path> files = Files.walk(blobs)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                String digest = file.getParent().getFileName() + ":" + file.getFileName();
                if (!wanted.contains(digest)) {
                    freed += Files.size(file);
                    Files.delete(file);
                }
            }
        }
        return freed;
    }
}
