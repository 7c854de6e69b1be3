package io.paddock.platform.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileReadsTest {
    @TempDir
    Path directory;

    private FileReads reads(Path located) {
        return new FileReads(new FileReads.Locator() {
            @Override
            public Optional<Path> locate(String asked) {
                return Optional.of(located);
            }

            @Override
            public Map<String, String> attached() {
                return Map.of();
            }
        });
    }

    /** A task may put one there after its directory was found to be one that may be read. */
    @Test
    void aLinkThatAppearsAfterAPathWasLocatedIsNotFollowed() throws Exception {
        Path real = directory.toRealPath();
        Path secrets = Files.createDirectories(real.resolve("secrets"));
        Files.writeString(secrets.resolve("stdout"), "secret");
        FileReads open = reads(secrets.resolve("stdout"));
        assertThat(new String(open.read(open.resolve(Optional.of("/x")), 0, -1).data(), StandardCharsets.UTF_8))
                .isEqualTo("secret");
        Files.createSymbolicLink(real.resolve("sandbox"), secrets);
        FileReads swapped = reads(real.resolve("sandbox/stdout"));
        assertThatThrownBy(() -> swapped.read(swapped.resolve(Optional.of("/x")), 0, -1))
                .isInstanceOf(FileReads.Refused.class)
                .hasMessageContaining("there is no file '/x'");
        FileReads listed = reads(real.resolve("sandbox"));
        assertThatThrownBy(() -> listed.list(listed.resolve(Optional.of("/x"))))
                .isInstanceOf(FileReads.Refused.class)
                .hasMessageContaining("there is no file '/x'");
    }

    private static FileReads failing(IOException failure) {
        return new FileReads(new FileReads.Locator() {
            @Override
            public Optional<Path> locate(String asked) throws IOException {
                throw failure;
            }

            @Override
            public Map<String, String> attached() {
                return Map.of();
            }
        });
    }

    @Test
    void whatCannotBeReadIsNotCalledAbsent() throws Exception {
        Path file = Files.writeString(directory.resolve("file"), "x");
        for (Path absent : List.of(file.resolve("below"), directory.resolve("none"), Path.of("/" + "x".repeat(300)))) {
            IOException failure = catchThrowableOfType(absent::toRealPath, IOException.class);
            assertThatThrownBy(() -> failing(failure).resolve(Optional.of("/x/stdout.1")))
                    .isInstanceOf(FileReads.Refused.class)
                    .hasMessageContaining("there is no file");
        }
        IOException failure = new FileSystemException("/y/stdout.1", null, "Too many open files");
        assertThatThrownBy(() -> failing(failure).resolve(Optional.of("/x/stdout.1")))
                .isInstanceOf(UncheckedIOException.class)
                .hasMessageContaining("path: '/x/stdout.1' cannot be read: ")
                .hasMessageContaining("Too many open files");
    }
}
