package io.paddock.agent.server.containers;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Images are pulled once for all that need them, listed and pruned; why one cannot be had is explained. */
@Timeout(value = 180, unit = TimeUnit.SECONDS)
class PulledImagesTest {
    @RegisterExtension
    static final SharedRegistry registry = new SharedRegistry();

    @RegisterExtension
    final RunningContainers running = RunningContainers.isolatedForEachTest();

    private final ImageContainers images = new ImageContainers(running, registry);

    @Test
    void pullsOnceForManyAndNotAgain() throws Exception {
        List<ContainerSpec> specs = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            specs.add(images.spec(images.mesos(), "echo ok"));
        }
        for (ContainerSpec spec : specs) {
            var unused = running.containers().launch(spec);
        }
        for (ContainerSpec spec : specs) {
            assertThat(running.run(spec).succeeded()).isTrue();
        }
        Path layers = running.workDir.resolve("images/layers");
        try (Stream<Path> found = Files.list(layers)) {
            assertThat(found).hasSize(2);
        }
        assertThat(RunningContainers.get(running.containers().pruneImages(List.of())))
                .isZero();
        for (ContainerSpec spec : specs) {
            running.destroy(spec);
        }
        assertThat(RunningContainers.get(running.containers().pruneImages(List.of(images.name()))))
                .isZero();
        assertThat(RunningContainers.get(running.containers().pruneImages(List.of())))
                .isPositive();
        try (Stream<Path> found = Files.list(layers)) {
            assertThat(found).isEmpty();
        }
    }

    @Test
    void aPulledImageIsListedWithItsLabels() throws Exception {
        LocalImage pulled = RunningContainers.get(running.containers().pull(registry.name("labelled:1")));
        assertThat(pulled.labels()).isEqualTo(Map.of("com.example.team", "blue", "stage", "test"));
        assertThat(RunningContainers.get(running.containers().images())).containsExactly(pulled);
    }

    @Test
    void explainsWhyAnImageCannotBeHad() throws Exception {
        LaunchFailure unknown = running.refused(images.spec(ContainerInfos.mesos(registry.name("nothing:1")), "true"));
        assertThat(unknown.step()).isEqualTo("image");
        assertThat(unknown.getMessage())
                .contains("image " + registry.name("nothing:1") + " cannot be pulled")
                .contains("manifest unknown");
        LaunchFailure malformed = running.refused(images.spec(ContainerInfos.docker("NOT AN IMAGE"), "true"));
        assertThat(malformed).hasMessageContaining("image name expected");
    }
}
