package io.paddock.platform.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PathBelowTest {
    @TempDir
    Path directory;

    private Path root;
    private Path outside;

    @BeforeEach
    void make() throws IOException {
        root = Files.createDirectories(directory.resolve("root"));
        outside = Files.createDirectories(directory.resolve("outside"));
        Files.createSymbolicLink(root.resolve("link"), outside);
        Files.writeString(root.resolve("file"), "x");
    }

    @Test
    void opensWhatIsThereAndMakesWhatIsMissing() throws Exception {
        try (PathBelow whole = PathBelow.open(root, Path.of(""));
                PathBelow file = PathBelow.open(root, Path.of("file"));
                PathBelow made = PathBelow.open(root, Path.of("some/where"))) {
            assertThat(whole.file().toRealPath()).isEqualTo(root.toRealPath());
            assertThat(file.file()).hasContent("x");
            Files.writeString(made.file().resolve("new"), "y");
        }
        assertThat(root.resolve("some/where/new")).hasContent("y");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(root.resolve("some/where"))))
                .isEqualTo("rwxrwxrwx");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(root.resolve("some"))))
                .isNotEqualTo("rwxrwxrwx");
    }

    @Test
    void followsNoLink() throws Exception {
        for (String path : new String[] {"link", "link/made", "some/../../outside", "/etc"}) {
            assertThatThrownBy(() -> PathBelow.open(root, Path.of(path).normalize()))
                    .as(path)
                    .isInstanceOf(IOException.class)
                    .hasMessageMatching(".*(is a link, which is not followed|leads out of).*");
        }
        assertThatThrownBy(() -> PathBelow.open(root, Path.of("file/below"))).hasMessageContaining("file/below");
        assertThat(outside).isEmptyDirectory();
    }

    @Test
    void staysTheSameWhenItsNameIsGivenToALink() throws Exception {
        try (PathBelow opened = PathBelow.open(root, Path.of("data"))) {
            Files.move(root.resolve("data"), root.resolve("moved"));
            Files.createSymbolicLink(root.resolve("data"), outside);
            Files.writeString(opened.file().resolve("new"), "y");
        }
        assertThat(root.resolve("moved/new")).exists();
        assertThat(outside).isEmptyDirectory();
    }
}
