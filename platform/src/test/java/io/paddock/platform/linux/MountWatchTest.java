package io.paddock.platform.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MountWatchTest {
    @TempDir
    private Path directory;

    @Test
    void seesWhatIsMountedAndUnmounted() throws Exception {
        assumeTrue(System.getProperty("user.name").equals("root"), "only root may mount");
        try (MountWatch watch = MountWatch.open()) {
            watch.changed();
            Linux.mount("scratch", directory, "tmpfs", 0, null);
            assertThat(watch.changed()).isTrue();
            watch.changed();
            Linux.unmount(directory, 0);
            assertThat(watch.changed()).isTrue();
        }
    }
}
