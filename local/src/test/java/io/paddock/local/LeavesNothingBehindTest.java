package io.paddock.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How a local cluster ends, and comes back. */
class LeavesNothingBehindTest {
    private static final Duration SOON = Duration.ofSeconds(40);

    @TempDir
    private Path directory;

    @Test
    void terminatedItTakesEverythingWithItAndBringsTheAppsBack() {
        Set<String> before = traces();
        try (LocalCluster cluster = LocalCluster.start(directory.resolve("work"))) {
            createApp(cluster, "71717");
            assertThat(cluster.process().terminate(Duration.ofSeconds(30))).isIn(0, 143);
            assertThat(sleepers("71717")).isEmpty();
            // Other programs on the machine may make traces of their own for a moment.
            await().atMost(Duration.ofSeconds(10))
                    .untilAsserted(() -> assertThat(before).containsAll(traces()));

            cluster.startAgain();
            await("the app comes back")
                    .atMost(SOON)
                    .until(() -> sleepers("71717").size() == 1);
            assertThat(Http.delete(cluster.marathon() + "/v2/apps/stay").status())
                    .isEqualTo(200);
        }
    }

    @Test
    void keepTasksKeepsThem() {
        try (LocalCluster cluster = LocalCluster.start(directory.resolve("work"), "--keep-tasks")) {
            createApp(cluster, "72727");
            List<Long> running = sleepers("72727");
            cluster.process().terminate(Duration.ofSeconds(30));
            assertThat(sleepers("72727")).isEqualTo(running);
            cluster.startAgain();
            await().atMost(SOON)
                    .until(() -> Http.get(cluster.marathon() + "/v2/apps/stay")
                                    .json()
                                    .at("/app/tasksRunning")
                                    .asInt()
                            == 1);
            assertThat(sleepers("72727")).isEqualTo(running);
            assertThat(Http.delete(cluster.marathon() + "/v2/apps/stay").status())
                    .isEqualTo(200);
            await().atMost(SOON).until(() -> sleepers("72727").isEmpty());
        }
    }

    private static void createApp(LocalCluster cluster, String seconds) {
        Http.Answer answer = Http.post(
                cluster.marathon() + "/v2/apps",
                "{\"id\": \"/stay\", \"cmd\": \"exec sleep " + seconds + "\", \"cpus\": 0.1, \"mem\": 32}");
        assertThat(answer.status()).as(answer.body()).isEqualTo(201);
        await().atMost(SOON).until(() -> sleepers(seconds).size() == 1);
        await().atMost(SOON)
                .until(() -> Http.get(cluster.marathon() + "/v2/apps/stay")
                                .json()
                                .at("/app/tasksRunning")
                                .asInt()
                        == 1);
    }

    private static List<Long> sleepers(String seconds) {
        return ProcessHandle.allProcesses()
                .filter(process -> process.info().command().orElse("").endsWith("sleep")
                        && process.info()
                                .arguments()
                                .map(List::of)
                                .orElse(List.of())
                                .contains(seconds))
                .map(ProcessHandle::pid)
                .sorted()
                .toList();
    }

    /** Everything containers leave in the kernel: mounts, cgroups, network namespaces, links. */
    private Set<String> traces() {
        try {
            Set<String> traces = new TreeSet<>();
            try (Stream<String> mounts = Files.lines(Path.of("/proc/self/mounts"))) {
                mounts.filter(line -> line.contains(directory.toString())).forEach(traces::add);
            }
            try (Stream<Path> cgroups = Files.find(
                    Path.of("/sys/fs/cgroup"),
                    6,
                    (path, attributes) ->
                            attributes.isDirectory() && path.toString().contains("paddock"))) {
                traces.addAll(cgroups.map(Path::toString).collect(Collectors.toSet()));
            }
            for (String place : List.of("/run/netns", "/sys/class/net")) {
                if (Files.isDirectory(Path.of(place))) {
                    try (Stream<Path> entries = Files.list(Path.of(place))) {
                        traces.addAll(entries.map(Path::toString).toList());
                    }
                }
            }
            return traces;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
