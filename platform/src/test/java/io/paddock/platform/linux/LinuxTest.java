package io.paddock.platform.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LinuxTest {
    @TempDir
    private Path directory;

    @Test
    void mountsAndUnmounts() throws IOException {
        assumeTrue(System.getProperty("user.name").equals("root"), "only root may mount");
        Path point = Files.createDirectory(directory.resolve("point"));

        Linux.mount("scratch", point, "tmpfs", 0, "size=4k");
        try {
            assertThat(Files.getFileStore(point).type()).isEqualTo("tmpfs");
            Files.writeString(point.resolve("inside"), "x");
        } finally {
            assertThat(Linux.unmountIfMounted(point, 0)).isTrue();
        }
        assertThat(Linux.unmountIfMounted(point, 0)).isFalse();
        assertThat(Linux.unmountIfMounted(directory.resolve("nothing"), 0)).isFalse();
        assertThat(point).isEmptyDirectory();
    }

    @Test
    void aFailureNamesTheCallTheFileAndTheReason() {
        assertThatThrownBy(() -> Linux.unmount(directory.resolve("nothing"), 0))
                .isInstanceOf(FileSystemException.class)
                .hasMessageContaining("nothing: umount: ")
                .hasMessageMatching(".*(No such file or directory|Operation not permitted)");
    }

    @Test
    void aPipeIsItsOwners() throws IOException {
        Path pipe = directory.resolve("pipe");

        Linux.makePipe(pipe);

        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(pipe)))
                .isEqualTo("rw-------");
        assertThatThrownBy(() -> Linux.makePipe(pipe)).hasMessageEndingWith("mkfifo: File exists");
    }
}
