package io.paddock.platform.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.stream.Stream;
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
                .isEqualTo("rwxr-xr-x");
    }

    @Test
    void saysWhatItMadeAndFindsWithoutMaking() throws Exception {
        assertThatThrownBy(() -> PathBelow.find(root, Path.of("new/deep"))).isInstanceOf(NoSuchFileException.class);
        assertThat(root.resolve("new")).doesNotExist();
        for (boolean made : new boolean[] {true, false}) {
            try (PathBelow opened = PathBelow.open(root, Path.of("new/deep"))) {
                assertThat(opened.made()).isEqualTo(made);
            }
        }
    }

    @Test
    void readsFilesOnly() throws Exception {
        try (PathBelow file = PathBelow.find(root, Path.of("file"));
                FileChannel channel = file.read()) {
            assertThat(channel.size()).isEqualTo(1);
        }
        Linux.makePipe(root.resolve("pipe"));
        for (String name : new String[] {"pipe", ""}) {
            try (PathBelow other = PathBelow.find(root, Path.of(name))) {
                assertThatThrownBy(other::read).hasMessageContaining(root.resolve(name) + ": is no file");
            }
        }
    }

    /** Whatever is in the way, nothing stays open. */
    @Test
    void leavesNoDescriptor() throws Exception {
        for (int i = 0; i < 3; i++) {
            for (String path : new String[] {"link", "link/x", "file/x", "../x", "none/x"}) {
                assertThatThrownBy(() -> PathBelow.find(root, Path.of(path))).isInstanceOf(IOException.class);
            }
            try (PathBelow opened = PathBelow.open(root, Path.of("some/where"))) {
                assertThatThrownBy(() -> opened.directory("none")).isInstanceOf(NoSuchFileException.class);
            }
        }
        try (Stream<Path> open = Files.list(Path.of("/proc/self/fd"))) {
            assertThat(open.map(PathBelowTest::target)).noneMatch(target -> target.startsWith(directory));
        }
    }

    private static Path target(Path descriptor) {
        try {
            return Files.readSymbolicLink(descriptor);
        } catch (IOException e) {
            return Path.of("closed");
        }
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

    @Test
    void failuresNameTheRealFileAndAReason() throws Exception {
        try (PathBelow opened = PathBelow.open(root, Path.of("some/where"))) {
            Files.writeString(root.resolve("some/where/file"), "x");
            Path file = opened.file().resolve("file");
            Path real = root.toRealPath().resolve("some/where");
            assertThatThrownBy(() -> PathBelow.naming(() -> Files.createFile(file)))
                    .hasMessage(real + "/file: is there already");
            assertThatThrownBy(() -> PathBelow.naming(() -> Files.move(file, file.resolve("below"))))
                    .hasMessageStartingWith(real + "/file -> " + real + "/file/below: ");
            assertThatThrownBy(() ->
                            PathBelow.naming(() -> Files.delete(opened.file().resolve("none"))))
                    .isInstanceOf(NoSuchFileException.class)
                    .hasMessage(real + "/none: is not there");
        }
    }
}
