package io.paddock.agent.server.containers.oci;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.paddock.agent.server.containers.engine.ContainerRecord;
import io.paddock.agent.server.containers.engine.Records;
import io.paddock.agent.server.containers.tools.Mounts;
import io.paddock.platform.linux.Linux;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HeldPathsTest {
    private static final long MS_SHARED = 1 << 20;

    @TempDir
    Path directory;

    private Path volume;
    private ContainerRecord record;
    private HeldPaths held;

    @BeforeEach
    void mountVolume() throws IOException {
        Assumptions.assumeTrue(System.getProperty("user.name").equals("root"), "only root mounts");
        volume = Files.createDirectories(directory.toRealPath().resolve("volume"));
        Linux.mount("volume", volume, "tmpfs", 0, null);
        Linux.mount("none", volume, null, MS_SHARED, null);
        record = Records.of(directory.resolve("containers"), "c");
        held = new HeldPaths(directory.toRealPath().resolve("places"));
    }

    @AfterEach
    void unmountVolume() throws IOException {
        if (held != null) {
            held.cleanup(record);
            Linux.unmountIfMounted(volume.resolve("inner"), Linux.MNT_DETACH);
            Linux.unmount(volume, Linux.MNT_DETACH);
        }
    }

    /** As on machines whose systemd has made all mounts shared. */
    @Test
    void whatIsMountedInsideIsSeenAndStaysWhenThePathIsLetGo() throws Exception {
        Path inner = Files.createDirectories(volume.resolve("inner"));
        Linux.mount("inner", inner, "tmpfs", 0, null);
        Files.writeString(inner.resolve("file"), "x");
        Path place = held.hold(record, volume, Path.of(""), "v", "volume");
        assertThat(place.resolve("inner/file")).hasContent("x");
        held.cleanup(record);
        assertThat(place).doesNotExist();
        assertThat(Mounts.mounted(inner)).isTrue();
        assertThat(inner.resolve("file")).hasContent("x");
    }

    /** As after an agent that was killed in between. */
    @Test
    void whatIsMountedInsideStaysAlsoWhenThePlaceStillSharesWithIt() throws Exception {
        Path inner = Files.createDirectories(volume.resolve("inner"));
        Linux.mount("inner", inner, "tmpfs", 0, null);
        Path place = held.hold(record, volume, Path.of(""), "v", "volume");
        Linux.unmount(place, Linux.MNT_DETACH);
        Linux.mount(volume.toString(), place, null, Linux.MS_BIND | Linux.MS_REC, null);
        held.cleanup(record);
        assertThat(place).doesNotExist();
        assertThat(Mounts.mounted(inner)).isTrue();
    }

    @Test
    void whatItMakesIsForEverybodyAndWhatIsThereStaysAsItIs() throws Exception {
        Path there = Files.createDirectories(volume.resolve("there"));
        held.hold(record, volume, Path.of("there"), "there", "volume");
        held.hold(record, volume, Path.of("new/deep"), "new", "volume");
        assertThat(permissions(there)).isEqualTo("rwxr-xr-x");
        assertThat(permissions(volume.resolve("new"))).isEqualTo("rwxr-xr-x");
        assertThat(permissions(volume.resolve("new/deep"))).isEqualTo("rwxrwxrwx");
        Files.createSymbolicLink(volume.resolve("link"), directory);
        assertThatThrownBy(() -> held.hold(record, volume, Path.of("link"), "link", "the field"))
                .hasMessageContaining("the field: ")
                .hasMessageContaining("link: is a link, which is not followed");
    }

    private static String permissions(Path path) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
    }
}
