package io.paddock.agent.server.containers.images;

import static org.assertj.core.api.Assertions.assertThat;

import io.paddock.agent.server.containers.ContainersOptions;
import io.paddock.agent.server.containers.tools.Tools;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.lang.management.MonitorInfo;
import java.lang.management.ThreadInfo;
import java.lang.management.ThreadMXBean;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(value = 60, unit = TimeUnit.SECONDS)
class PrunedLayersTest {
    private static final int LAYERS = 2;
    private static final int FILES = 3_000;

    @TempDir
    private Path directory;

    private final ScheduledExecutorService timers = Executors.newSingleThreadScheduledExecutor();
    private ImageStore store;

    @BeforeEach
    void start() throws IOException {
        store = new ImageStore(
                Files.createDirectory(directory.resolve("containers")),
                new ImageStore.Settings(ContainersOptions.defaults(directory).images(), Optional.empty(), 0),
                new Tools(timers));
    }

    @AfterEach
    void end() {
        store.close();
        timers.shutdownNow();
    }

    private void makeLayer(String name) throws IOException {
        Path layer = Files.createDirectory(store.layersDirectory().resolve(name));
        for (int i = 0; i < FILES; i++) {
            Files.createFile(layer.resolve("file" + i));
        }
    }

    private void prune() {
        try {
            store.prune(List.of());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** It may take minutes, and whoever launches from an image needs that lock. */
    @Test
    void areDeletedWithoutALock() throws Exception {
        for (int i = 0; i < LAYERS; i++) {
            makeLayer("layer" + i);
        }
        Thread pruning = new Thread(this::prune);
        pruning.start();
        ThreadMXBean threads = ManagementFactory.getThreadMXBean();
        Set<String> held = new HashSet<>();
        int looks = 0;
        while (pruning.isAlive()) {
            ThreadInfo pruner = threads.getThreadInfo(new long[] {pruning.getId()}, true, false)[0];
            if (pruner != null && isWalking(pruner)) {
                looks++;
                for (MonitorInfo lock : pruner.getLockedMonitors()) {
                    if (isOurs(lock.getLockedStackFrame())) {
                        held.add(lock.toString());
                    }
                }
            }
            pruning.join(1);
        }
        assertThat(looks).isPositive();
        assertThat(held).isEmpty();
        assertThat(store.layersDirectory()).isEmptyDirectory();
    }

    private static boolean isWalking(ThreadInfo thread) {
        return Arrays.stream(thread.getStackTrace())
                .anyMatch(frame -> frame.getMethodName().equals("walkFileTree"));
    }

    private static boolean isOurs(StackTraceElement frame) {
        return frame.getClassName().startsWith("io.paddock.");
    }
}
