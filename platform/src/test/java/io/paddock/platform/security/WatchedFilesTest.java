package io.paddock.platform.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WatchedFilesTest {
    @TempDir
    Path dir;

    private final WatchedFiles files = new WatchedFiles();

    private Path write(String name, String text) throws Exception {
        return Files.writeString(dir.resolve(name), text);
    }

    @Test
    void aNewFileCountsAndABrokenOneDoesNot() throws Exception {
        Path file = write("acls", "{\"permissive\":false}");
        List<Boolean> told = Collections.synchronizedList(new ArrayList<>());
        Supplier<Boolean> strict = files.watch(
                "acls",
                file,
                json -> !AclsJson.parse(json).permits(null, io.paddock.common.authorization.Action.PRUNE_IMAGES),
                told::add);
        files.start();
        try (files) {
            assertThat(strict.get()).isTrue();

            write("acls", "{\"permissive\":tru");
            await().until(() -> files.status().get(0).refused() != null);
            assertThat(strict.get()).isTrue();
            assertThat(files.status().get(0).refused()).contains("not JSON, at line 1");

            Files.move(write("new", "{\"permissive\":true}"), file, StandardCopyOption.REPLACE_EXISTING);
            await().until(() -> !strict.get());
            assertThat(files.status().get(0).refused()).isNull();
            assertThat(files.status().get(0).reloads()).isEqualTo(1);

            Files.delete(file);
            await().until(() -> files.status().get(0).refused() != null);
            assertThat(strict.get()).isFalse();
            assertThat(told).containsExactly(false);
        }
    }

    @Test
    void aFileThatDoesNotFitAtTheStartIsRefusedWithoutShowingIt() throws Exception {
        Path file = write("credentials", "{\"credentials\":[{\"principal\":\"p\",\"secret\":\"hush-hush\"");

        assertThatThrownBy(() -> files.watch("http-credentials", file, Credentials::parse))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("--http-credentials: " + file + ": must be JSON of the form")
                .hasMessageNotContaining("hush-hush")
                .hasRootCauseMessage(
                        "must be JSON of the form {\"credentials\":[{\"principal\":\"…\",\"secret\":\"…\"}]}");
        assertThatThrownBy(() -> files.watch("acls", dir.resolve("none"), AclsJson::parse))
                .hasMessageStartingWith("--acls: " + dir.resolve("none") + " cannot be read");
    }

    @Test
    void aDirectoryIsAllItsFilesTogether() throws Exception {
        Path many = Files.createDirectory(dir.resolve("many"));
        Files.writeString(many.resolve("b"), "2");
        Files.writeString(many.resolve("a"), "1");
        List<WatchedFiles.Source> sources = List.of(new WatchedFiles.Source("tls-ca", many));
        Supplier<String> text = files.watchTogether(
                sources, String.class, contents -> new String(contents.get(0), StandardCharsets.UTF_8));
        assertThat(files.watchTogether(sources, String.class, contents -> "another")
                        .get())
                .as("shared")
                .isEqualTo("12");
        files.start();
        try (files) {
            Files.writeString(many.resolve("c"), "3");
            await().until(() -> text.get().equals("123"));
            assertThat(files.status()).hasSize(1);
        }
    }

    @Test
    void executorsKeepTheTokenOfTheKeyBefore() throws Exception {
        Path file = write("key", "first");
        JwtKeys keys = JwtKeys.watch(files, "jwt-secret-key", file);
        String token = keys.newest().sign(Map.of("cid", "c"));
        files.start();
        try (files) {
            write("key", "the second");
            await().until(() -> keys.newest().verify(token, Instant.now()).isEmpty());
            assertThat(keys.verifyAlsoOlder(token, Instant.now())).isPresent();
            write("key", "the third one");
            await().until(() -> keys.verifyAlsoOlder(token, Instant.now()).isEmpty());
        }
    }

    @Test
    void credentialsComeInBothForms() {
        Credentials json = Credentials.parse(
                "{\"credentials\":[{\"principal\":\"p\",\"secret\":\"s\"}]}".getBytes(StandardCharsets.UTF_8));
        Credentials lines = Credentials.parse("p s\n\nq t\n".getBytes(StandardCharsets.UTF_8));

        assertThat(List.of(json.prove("p", "s"), json.prove("p", "x"), json.prove("q", "s")))
                .containsExactly(true, false, false);
        assertThat(List.of(lines.prove("p", "s"), lines.prove("q", "t"), lines.prove("q", "s")))
                .containsExactly(true, true, false);
        assertThatThrownBy(() -> Credentials.parse("one two three".getBytes(StandardCharsets.UTF_8)))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Credentials.parse("{\"credentials\":[]}".getBytes(StandardCharsets.UTF_8)))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
