package io.paddock.master.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.paddock.platform.security.WatchedFiles;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LiveWhitelistTest {
    @TempDir
    Path directory;

    @Test
    void theFileIsReadAtTheStartAndWhenItChanges() throws Exception {
        Path file = directory.resolve("hosts");
        Files.writeString(file, "one\n\n  two \n");
        try (WatchedFiles files = new WatchedFiles()) {
            LiveWhitelist whitelist = new LiveWhitelist("file://" + file, files);
            List<Set<String>> told = new CopyOnWriteArrayList<>();
            whitelist.follow(told::add);
            assertThat(told).containsExactly(Set.of("one", "two"));
            files.start();
            Files.writeString(file, "three\n");
            await().untilAsserted(() -> assertThat(told).containsExactly(Set.of("one", "two"), Set.of("three")));
        }
    }

    @Test
    void withoutAFileNobodyIsToldAnything() {
        try (WatchedFiles files = new WatchedFiles()) {
            for (String flag : new String[] {null, "*"}) {
                new LiveWhitelist(flag, files).follow(hosts -> {
                    throw new AssertionError("told " + hosts);
                });
            }
            assertThatThrownBy(() -> new LiveWhitelist("/no/such/file", files)).hasMessageContaining("--whitelist");
        }
    }
}
