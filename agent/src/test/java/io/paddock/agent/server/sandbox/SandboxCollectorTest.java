package io.paddock.agent.server.sandbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SandboxCollectorTest {
    @TempDir
    Path workDir;

    private Path run(String executor, String container) throws IOException {
        Path runs = workDir.resolve("slaves/S0/frameworks/f/executors/" + executor + "/runs");
        Path run = Files.createDirectories(runs.resolve(container));
        Files.createDirectories(run.resolve("containers/nested"));
        Files.writeString(run.resolve("stdout"), "text");
        Files.createSymbolicLink(run.resolve("leak"), workDir.resolve("kept"));
        Files.deleteIfExists(runs.resolve("latest"));
        Files.createSymbolicLink(runs.resolve("latest"), run.getFileName());
        return run;
    }

    @Test
    void oldSandboxesGoWithEmptyDirectoriesAboveAndNothingElse() throws IOException {
        Path kept = Files.createDirectories(workDir.resolve("kept"));
        Files.writeString(kept.resolve("file"), "outside");
        Path left = run("left", "c1");
        Path used = run("used", "c2");
        Path retired = run("retired", "c3");
        try (SandboxCollector collector = new SandboxCollector(workDir, Duration.ZERO, 0.1, Duration.ofMillis(50))) {
            collector.start(Set.of(used, retired));
            await().until(() -> !Files.exists(left));
            assertThat(retired).exists();
            collector.retire(retired);
            await().until(() -> !Files.exists(retired));
        }
        assertThat(used.resolve("stdout")).exists();
        assertThat(kept.resolve("file")).exists();
        await().untilAsserted(() ->
                assertThat(workDir.resolve("slaves/S0/frameworks/f/executors")).isDirectoryContaining("glob:**/used"));
        assertThat(workDir.resolve("slaves/S0/frameworks/f/executors/retired")).doesNotExist();
        assertThat(workDir.resolve("slaves/S0/frameworks/f/executors/left")).doesNotExist();
    }

    @Test
    void ofANestedSandboxNothingAboveIsCollected() throws IOException {
        Path used = run("used", "c2");
        Files.delete(used.resolve("stdout"));
        Files.delete(used.resolve("leak"));
        Path nested = used.resolve("containers/nested");
        try (SandboxCollector collector = new SandboxCollector(workDir, Duration.ZERO, 0.1, Duration.ofMillis(50))) {
            collector.start(Set.of(used));
            collector.retire(nested);
            await().until(() -> !Files.exists(nested));
            assertThat(collector.metrics()).containsEntry("gc/path_removals_succeeded", 1L);
        }
        assertThat(used.resolve("containers")).exists();
    }

    @Test
    void collectionIsCounted() throws IOException {
        Path young = run("young", "c1");
        Path stuck = Files.createDirectories(workDir.resolve("stuck"));
        try (SandboxCollector collector = new SandboxCollector(workDir, Duration.ZERO, 0, Duration.ofMillis(50))) {
            collector.start(Set.of(young));
            assertThat(collector.metrics())
                    .containsEntry("gc/path_removals_pending", 0L)
                    .containsEntry("slave/executor_directory_max_allowed_age_secs", 0.0);
            collector.retire(stuck);
            await().until(() ->
                    collector.metrics().get("gc/path_removals_succeeded").equals(1L));
            assertThat(collector.metrics()).containsEntry("gc/path_removals_failed", 0L);
        }
        try (SandboxCollector collector = new SandboxCollector(workDir, Duration.ofDays(7), 0, Duration.ofDays(1))) {
            collector.retire(young);
            await().until(() ->
                    collector.metrics().get("gc/path_removals_pending").equals(1L));
            assertThat((double) collector.metrics().get("slave/executor_directory_max_allowed_age_secs"))
                    .isBetween(0.0, 7 * 86400.0);
        }
    }

    @Test
    void oneMadeInPlaceOfARemovedOneStays() throws Exception {
        Path run = run("again", "c1");
        Path other = run("other", "c2");
        try (SandboxCollector collector = new SandboxCollector(workDir, Duration.ZERO, 0.1, Duration.ofMillis(50))) {
            collector.retire(run);
            collector.retire(run.resolve("containers/nested"));
            collector.retire(other);
            collector.forget(run);
            collector.start(Set.of(run));
            await().until(() -> !Files.exists(other));
        }
        assertThat(run.resolve("containers/nested")).exists();
    }

    @Test
    void youngSandboxesStay() throws Exception {
        Path run = run("young", "c1");
        try (SandboxCollector collector = new SandboxCollector(workDir, Duration.ofDays(7), 0, Duration.ofMillis(20))) {
            collector.start(Set.of());
            Path other = run("other", "c2");
            collector.retire(other);
            await().during(Duration.ofMillis(200)).until(() -> Files.exists(run) && Files.exists(other));
        }
    }
}
