package io.paddock.agent.server.containers;

import static org.assertj.core.api.Assertions.assertThat;

import io.paddock.platform.linux.Linux;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Images that are pulled, listed and pruned at once. Who reads all names waits at a pipe, having read that of the image. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class PrunedMeanwhileTest {
    private static final int TRIES = 100;

    @RegisterExtension
    static final SharedRegistry registry = new SharedRegistry();

    @RegisterExtension
    final RunningContainers running = RunningContainers.isolatedForEachTest();

    private String image;
    private Path name;
    private byte[] content;
    private Path pipe;

    @BeforeEach
    void pull() throws Exception {
        image = registry.name("box:1");
        RunningContainers.get(running.containers().pull(image));
        Path names = running.workDir.resolve("images/names");
        name = listed(names).get(0);
        content = Files.readAllBytes(name);
        pipe = pipeAfter(names);
    }

    @Test
    void anImageThatIsPulledDuringAPruneStays() throws Exception {
        CompletableFuture<Long> pruned =
                running.containers().pruneImages(List.of()).toCompletableFuture();
        try (var writer = Files.newOutputStream(pipe)) {
            CompletableFuture<LocalImage> pulled =
                    running.containers().pull(image).toCompletableFuture();
            Awaitility.await().until(() -> pulled.isDone() || pullWaits());
            writer.write(content);
            writer.close();
            RunningContainers.get(pruned);
            assertThat(RunningContainers.get(pulled).name()).isEqualTo(image);
        }
        assertThat(RunningContainers.get(running.containers().images()))
                .extracting(LocalImage::name)
                .containsExactly(image);
    }

    @Test
    void aListHasWhatWasThereWhenItLooked() throws Exception {
        CompletableFuture<List<LocalImage>> images =
                running.containers().images().toCompletableFuture();
        try (var writer = Files.newOutputStream(pipe)) {
            Files.delete(name);
            writer.write(content);
        }
        assertThat(RunningContainers.get(images)).extracting(LocalImage::name).contains(image);
    }

    /** A pipe among the names that is read after the one that is there. */
    private Path pipeAfter(Path names) throws IOException {
        for (int i = 0; i < TRIES; i++) {
            Path made = names.resolve("pipe" + i + ".json");
            Linux.makePipe(made);
            if (listed(names).get(1).equals(made)) {
                return made;
            }
            // Some file systems list the newest name first.
            Path away = Files.move(name, names.resolve(".away"));
            Files.move(away, name);
            if (listed(names).get(1).equals(made)) {
                return made;
            }
            Files.delete(made);
        }
        throw new IOException("no name comes after " + name);
    }

    private static List<Path> listed(Path names) throws IOException {
        List<Path> all = new ArrayList<>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(names)) {
            files.forEach(all::add);
        }
        return all;
    }

    private static boolean pullWaits() {
        return Thread.getAllStackTraces().keySet().stream()
                .anyMatch(thread -> thread.getName().equals("image-pull") && thread.getState() == Thread.State.BLOCKED);
    }
}
