package io.paddock.agent.server.containers;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.protobuf.ByteString;
import com.sun.net.httpserver.HttpServer;
import io.paddock.agent.server.containers.tools.Durable;
import io.paddock.platform.json.Json;
import io.paddock.proto.v1.Image;
import io.paddock.proto.v1.Secret;
import java.net.Inet4Address;
import java.net.NetworkInterface;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Where images come from, and how long they stay. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class RegistriesTest {
    /** Of {@code user:secret}. */
    private static final String PASSWORDS = "user:$2b$04$abcdefghijklmnopqrstuu2r9OfJnfCsdneAXAGHnS4UpFFP8WIrW\n";

    private static LocalRegistry registry;

    @TempDir
    Path directory;

    @BeforeAll
    static void startRegistry() throws Exception {
        registry = LocalRegistry.start();
        registry.push("team/box:1", "--config.cmd=id", "--config.entrypoint=/bin/echo");
    }

    @AfterAll
    static void stopRegistry() throws Exception {
        if (registry != null) {
            registry.close();
        }
    }

    private static ContainerSpec spec(RunningContainers running, Image image) {
        return running.spec(
                Optional.of(RunningContainers.sh("cat /replaced/file")),
                Optional.of(ContainerInfos.mesos(image).build()),
                Limits.requested(0.1, 64));
    }

    private static void runs(RunningContainers running, Image image) throws Exception {
        ContainerSpec spec = spec(running, image);
        assertThat(running.run(spec).succeeded()).isTrue();
        assertThat(RunningContainers.stdout(spec)).isEqualTo("second layer");
        running.destroy(spec);
    }

    /** A Docker {@code config.json} for a registry. */
    private static String credentials(LocalRegistry of, String password) {
        String auth = Base64.getEncoder().encodeToString(("user:" + password).getBytes(StandardCharsets.UTF_8));
        return "{\"auths\":{\"" + of.name("").replace("/", "") + "\":{\"auth\":\"" + auth + "\"}}}";
    }

    private static Image with(Image image, Secret config) {
        Image.Builder builder = image.toBuilder();
        builder.getDockerBuilder().setConfig(config);
        return builder.build();
    }

    private void credentialsAreAskedFor(LocalRegistry guarded) throws Exception {
        Image image = ContainerInfos.image(guarded.name("team/box:1"));
        Files.createDirectories(directory.resolve("secrets"));
        Files.writeString(directory.resolve("secrets/registry"), credentials(guarded, "secret"));
        ContainerPolicy policy = ContainerPolicy.builder()
                .secretsDir(Optional.of(directory.resolve("secrets")))
                .build();
        try (RunningContainers running = RunningContainers.isolated(options -> options.withPolicy(policy))) {
            assertThat(running.refused(spec(running, image)))
                    .hasMessageContaining("cannot be pulled")
                    .hasMessageMatching("(?s).*(unauthorized|authentication required|invalid username/password).*");
            Secret wrong = Secret.newBuilder()
                    .setType(Secret.Type.VALUE)
                    .setValue(Secret.Value.newBuilder()
                            .setData(ByteString.copyFromUtf8(credentials(guarded, "mistyped"))))
                    .build();
            assertThat(running.refused(spec(running, with(image, wrong))))
                    .hasMessageContaining("cannot be pulled")
                    .hasMessageNotContaining("mistyped");
            runs(running, with(image, ContainerInfos.reference("registry")));
        }
        Path file = directory.resolve("config.json");
        Files.writeString(file, credentials(guarded, "secret"));
        try (RunningContainers running =
                RunningContainers.isolated(options -> options.withImages(Optional.of(file), "docker.io", 0.01))) {
            runs(running, image);
        }
    }

    @Test
    void passwordsAreShown() throws Exception {
        Path passwords = directory.resolve("htpasswd");
        Files.writeString(passwords, PASSWORDS);
        String auth = "auth:\n  htpasswd:\n    realm: tested\n    path: " + passwords + "\n";
        try (LocalRegistry guarded = registry.likewise("127.0.0.1", auth, "")) {
            credentialsAreAskedFor(guarded);
        }
    }

    @Test
    void tokensAreFetched() throws Exception {
        RegistryKeys keys = RegistryKeys.make(directory, "127.0.0.1");
        HttpServer tokens = keys.tokens("team/box");
        try (LocalRegistry guarded =
                registry.likewise("127.0.0.1", keys.auth(tokens.getAddress().getPort()), "")) {
            credentialsAreAskedFor(guarded);
        } finally {
            tokens.stop(0);
        }
    }

    @Test
    void certificatesAreVerified() throws Exception {
        Optional<String> address = NetworkInterface.networkInterfaces()
                .flatMap(NetworkInterface::inetAddresses)
                .filter(each -> each instanceof Inet4Address && !each.isLoopbackAddress())
                .map(each -> each.getHostAddress())
                .findFirst();
        Assumptions.assumeTrue(address.isPresent(), "this machine has no address but the loopback's");
        RegistryKeys keys = RegistryKeys.make(directory, address.get());
        try (LocalRegistry secure = registry.likewise(address.get(), "", keys.tls())) {
            Image image = ContainerInfos.image(secure.name("team/box:1"));
            try (RunningContainers running = RunningContainers.isolated()) {
                assertThat(running.refused(spec(running, image))).hasMessageContaining("x509");
            }
            Path certificates = Files.createDirectories(
                    directory.resolve("certs").resolve(secure.name("").replace("/", "")));
            Files.copy(keys.certificate(), certificates.resolve("ca.crt"));
            ContainerPolicy policy = ContainerPolicy.builder()
                    .registryCertificates(Optional.of(directory.resolve("certs")))
                    .build();
            try (RunningContainers running = RunningContainers.isolated(options -> options.withPolicy(policy))) {
                runs(running, image);
            }
        }
    }

    @Test
    void layoutsAndArchivesAndDigestsAreImagesToo() throws Exception {
        Path archives = Files.createDirectories(directory.resolve("archives"));
        String source = "docker://" + registry.name("team/box:1");
        for (String target : List.of(
                "oci:" + directory + "/layout:it",
                "oci-archive:" + directory + "/oci.tar:it",
                "docker-archive:" + directory + "/docker.tar:box:1",
                "docker-archive:" + archives + "/mine.tar:mine:1")) {
            LocalRegistry.run(
                    directory,
                    "skopeo",
                    "--insecure-policy",
                    "copy",
                    "--quiet",
                    "--src-tls-verify=false",
                    source,
                    target);
        }
        try (RunningContainers running = RunningContainers.isolated(
                options -> options.withImages(Optional.empty(), archives.toString(), 0.01))) {
            for (String name : List.of(
                    "oci:" + directory + "/layout:it",
                    "oci-archive:" + directory + "/oci.tar:it",
                    "docker-archive:" + directory + "/docker.tar:box:1",
                    "mine")) {
                runs(running, ContainerInfos.image(name));
            }
            String digest;
            try (Stream<Path> tags = Files.list(registry.store()
                    .resolve("docker/registry/v2/repositories/team/box/_manifests/tags/1/index/sha256"))) {
                digest = tags.findFirst().orElseThrow().getFileName().toString();
            }
            runs(running, ContainerInfos.image(registry.name("team/box@sha256:" + digest)));
            runs(running, ContainerInfos.image(registry.name("team/box:ignored@sha256:" + digest)));
            assertThat(running.refused(
                            spec(running, ContainerInfos.image(registry.name("team/box@sha256:" + "0".repeat(64))))))
                    .hasMessageContaining("manifest unknown");
            assertThat(running.refused(spec(running, ContainerInfos.image("../mine"))))
                    .hasMessageContaining("image name expected");
        }
    }

    @Test
    void aChangedImageIsSeenByThoseWhoLook() throws Exception {
        registry.push("changing:1", "--config.env=VERSION=1");
        Image cached = ContainerInfos.image(registry.name("changing:1")).toBuilder()
                .setCached(true)
                .build();
        Image fresh = cached.toBuilder().setCached(false).build();
        try (RunningContainers running = RunningContainers.isolated()) {
            assertThat(version(running, cached)).isEqualTo("1\n");
            registry.push("changing:1", "--config.env=VERSION=2");
            assertThat(version(running, cached)).isEqualTo("1\n");
            assertThat(version(running, fresh)).isEqualTo("2\n");
            assertThat(version(running, cached)).isEqualTo("2\n");
        }
    }

    private static String version(RunningContainers running, Image image) throws Exception {
        ContainerSpec spec = running.spec(
                Optional.of(RunningContainers.sh("echo $VERSION")),
                Optional.of(ContainerInfos.mesos(image).build()),
                Limits.requested(0.1, 64));
        running.run(spec);
        return RunningContainers.stdout(spec);
    }

    @Test
    void aPullThatWasCutOffGoesOn() throws Exception {
        registry.push("once:1", "--config.env=ONCE=1");
        Image image = ContainerInfos.image(registry.name("once:1"));
        try (RunningContainers running = RunningContainers.isolated()) {
            runs(running, image);
            // as if the agent had died after it had all blobs, while it unpacked the layers
            Path images = running.workDir.resolve("images");
            for (String each : List.of("names", "layers")) {
                try (Stream<Path> entries = Files.list(images.resolve(each))) {
                    for (Path entry : entries.toList()) {
                        Durable.deleteTree(entry);
                    }
                }
            }
            Files.createDirectories(images.resolve("layers/.unpacking-1/half"));
            Files.createDirectories(images.resolve("pulling-1/half"));
            running.restart();
            assertThat(images.resolve("pulling-1")).doesNotExist();
            assertThat(images.resolve("layers/.unpacking-1")).doesNotExist();
            // what is here needs not be asked for: the registry has lost its layers
            renameLayers("data", "away");
            try {
                runs(running, image);
            } finally {
                renameLayers("away", "data");
            }
        }
    }

    /** In the registry's store, where all blobs have the same name; layers are large. */
    private static void renameLayers(String from, String to) throws Exception {
        try (Stream<Path> files = Files.walk(registry.store().resolve("docker/registry/v2/blobs"))) {
            for (Path blob : files.filter(path -> path.endsWith(from)).toList()) {
                if (Files.size(blob) > 100_000) {
                    Files.move(blob, blob.resolveSibling(to));
                }
            }
        }
    }

    private static JsonNode manifest(LocalRegistry of, String image) throws Exception {
        return Json.mapper()
                .readTree(HttpClient.newHttpClient()
                        .send(
                                HttpRequest.newBuilder(URI.create(
                                                "http://127.0.0.1:" + of.port + "/v2/" + image + "/manifests/1"))
                                        .header("Accept", "application/vnd.oci.image.manifest.v1+json")
                                        .build(),
                                HttpResponse.BodyHandlers.ofByteArray())
                        .body());
    }

    private static Path blob(RunningContainers running, String digest) {
        return running.workDir.resolve("images/blobs").resolve(digest.replace(':', '/'));
    }

    private static String layer(JsonNode manifest, int index) {
        return manifest.path("layers").path(index).path("digest").asText();
    }

    /** Lets a pull go on that has stalled; then its image is there. */
    private static void getsToItsEnd(
            RunningContainers running, StallingRegistry slow, CompletionStage<LocalImage> pulled, String image)
            throws Exception {
        slow.goOn();
        RunningContainers.get(pulled);
        runs(running, ContainerInfos.image(slow.name(image)));
    }

    @Test
    void unusedImagesMakeRoomWhileAnotherIsPulled() throws Exception {
        try (LocalRegistry withLayersOfItsOwn = LocalRegistry.start()) {
            withLayersOfItsOwn.push("slow:1");
            unusedImagesMakeRoomWhileAnotherIsPulled(withLayersOfItsOwn);
        }
    }

    private void unusedImagesMakeRoomWhileAnotherIsPulled(LocalRegistry other) throws Exception {
        JsonNode manifest = manifest(other, "slow");
        String first = layer(manifest, 0);
        String second = layer(manifest, 1);
        try (RunningContainers running = RunningContainers.isolated();
                StallingRegistry slow = new StallingRegistry(other, second)) {
            runs(running, ContainerInfos.image(registry.name("team/box:1")));
            var pulled = running.containers().pull(slow.name("slow:1"));
            slow.awaitStall();
            Awaitility.await().until(() -> Files.exists(blob(running, first)));

            assertThat(RunningContainers.get(running.containers().pruneImages(List.of())))
                    .isPositive();
            assertThat(RunningContainers.get(running.containers().images())).isEmpty();
            try (Stream<Path> left = Files.list(running.workDir.resolve("images/layers"))) {
                assertThat(left).isEmpty();
            }
            assertThat(pulled.toCompletableFuture()).isNotDone();

            getsToItsEnd(running, slow, pulled, "slow:1");
            assertThat(slow.asked(first)).isEqualTo(1);
        }
    }

    @Test
    void whatAPullHasFoundMayBeDeletedBeforeItIsKnownToBeNeeded() throws Exception {
        JsonNode manifest = manifest(registry, "team/box");
        String config = manifest.path("config").path("digest").asText();
        try (RunningContainers running = RunningContainers.isolated();
                StallingRegistry slow = new StallingRegistry(registry, config)) {
            runs(running, ContainerInfos.image(registry.name("team/box:1")));
            Path base = blob(running, layer(manifest, 0));
            Files.setLastModifiedTime(base, FileTime.from(Instant.EPOCH));
            var pulled = running.containers().pull(slow.name("team/box:1"));
            slow.awaitStall();
            RunningContainers.get(running.containers().pruneImages(List.of()));
            assertThat(base).doesNotExist();

            getsToItsEnd(running, slow, pulled, "team/box:1");
            assertThat(slow.asked(config)).isEqualTo(2);
        }
    }

    @Test
    void unusedImagesMakeRoom() throws Exception {
        Path[] images = new Path[1];
        try (RunningContainers running = RunningContainers.isolated(options -> {
            images[0] = options.workDir().resolve("images");
            try {
                Files.createDirectories(images[0]);
                LocalRegistry.run(
                        directory, "mount", "-t", "tmpfs", "-o", "size=8m,mode=700", "tmpfs", images[0].toString());
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
            return options.withImages(Optional.empty(), "docker.io", 0.9).withWatchInterval(Duration.ofMillis(100));
        })) {
            try {
                ContainerSpec spec = running.spec(
                        Optional.of(RunningContainers.sh("echo ready; sleep 1000")),
                        Optional.of(ContainerInfos.mesos(registry.name("team/box:1"))
                                .build()),
                        Limits.requested(0.1, 64));
                running.launch(spec);
                RunningContainers.awaitOutput(spec, "ready");
                Path layers = images[0].resolve("layers");
                Awaitility.await()
                        .during(Duration.ofMillis(500))
                        .until(() -> !org.assertj.core.util.Files.fileNamesIn(layers.toString(), true)
                                .isEmpty());
                running.destroy(spec);
                Awaitility.await().until(() -> {
                    try (Stream<Path> left = Files.list(layers)) {
                        return left.findAny().isEmpty();
                    }
                });
            } finally {
                LocalRegistry.run(directory, "umount", "-l", images[0].toString());
            }
        }
    }
}
