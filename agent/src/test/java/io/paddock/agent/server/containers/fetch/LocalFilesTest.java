package io.paddock.agent.server.containers.fetch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.paddock.agent.server.containers.tools.Cancellation;
import io.paddock.agent.server.containers.tools.Tools;
import io.paddock.agent.server.containers.tools.UserIdentity;
import io.paddock.platform.linux.Linux;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class LocalFilesTest {
    private static final long LARGE = 64L << 20;

    private final ScheduledExecutorService timers = Executors.newSingleThreadScheduledExecutor();
    private final LocalFiles files = new LocalFiles(new Tools(timers));

    @TempDir
    Path directory;

    private Path file;
    private Path target;

    @BeforeEach
    void open() throws IOException {
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
        file = Files.writeString(directory.resolve("file"), "content");
        target = directory.resolve("target");
    }

    @AfterEach
    void close() {
        timers.shutdownNow();
    }

    private static void assumeRoot() {
        Assumptions.assumeTrue(System.getProperty("user.name").equals("root"), "only root reads for others");
    }

    private void copy(Path path, Optional<String> user) throws IOException {
        files.copy(Source.parse(path.toString(), Optional.empty()).readBy(user), target, new Cancellation());
    }

    private CompletableFuture<Void> inBackground(String user) {
        return CompletableFuture.runAsync(() -> {
            try {
                copyAs(user, file);
            } catch (IOException e) {
                throw new java.io.UncheckedIOException(e);
            }
        });
    }

    private void copyAs(String user, Path path) throws IOException {
        files.copyAs(user, path, target, new Cancellation());
    }

    @Test
    void aFileIsCopiedWithItsPermissionsAndThroughLinks() throws IOException {
        Path link = Files.createSymbolicLink(directory.resolve("link"), file);
        for (Optional<String> user : List.of(Optional.<String>empty(), Optional.of("nobody"))) {
            Assumptions.assumeTrue(
                    user.isEmpty() || System.getProperty("user.name").equals("root"));
            for (String permissions : List.of("rwxr-xr-x", "rw-r--r--")) {
                Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(permissions));
                copy(link, user);
                assertThat(target).hasContent("content");
                assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(target)))
                        .isEqualTo(permissions);
            }
        }
    }

    @Test
    void bytesAreCopiedAsTheyAre() throws IOException {
        assumeRoot();
        byte[] content = new byte[1_000_003];
        new java.util.Random(1).nextBytes(content);
        Files.write(file, content);
        copy(file, Optional.of("nobody"));
        assertThat(target).hasBinaryContent(content);
        Files.write(file, new byte[0]);
        copy(file, Optional.of("nobody"));
        assertThat(target).isEmptyFile();
    }

    @Test
    void ofAFileThatGrowsWhatIsThereIsTaken() throws Exception {
        assumeRoot();
        try (RandomAccessFile log = new RandomAccessFile(file.toFile(), "rw")) {
            log.setLength(LARGE);
        }
        CompletableFuture<Void> copy = inBackground("nobody");
        while (!copy.isDone()) {
            Files.writeString(file, "more\n", StandardOpenOption.APPEND);
        }
        copy.get();
        assertThat(Files.size(target)).isGreaterThanOrEqualTo(LARGE);
    }

    /** What tar puts in place of what is gone was never in it. */
    @Test
    void aFileThatShrinksIsNotTaken() throws Exception {
        assumeRoot();
        CompletableFuture<Void> copy;
        try (RandomAccessFile log = new RandomAccessFile(file.toFile(), "rw")) {
            log.setLength(LARGE);
            copy = inBackground("nobody");
            Awaitility.await()
                    .pollInterval(Duration.ofMillis(1))
                    .until(() -> Files.exists(target) && Files.size(target) > 0);
            log.setLength(1);
        }
        assertThatThrownBy(() -> copy.get(30, TimeUnit.SECONDS))
                .hasMessageContaining("as user nobody: " + file + ": File shrank by ");
    }

    /** The step that opens it, too, must not wait, as a name can come to lead to a pipe just before. */
    @Test
    void whatIsNoFileIsNeitherWaitedForNorRead() throws IOException {
        Path pipe = directory.resolve("pipe");
        Linux.makePipe(pipe);
        Files.setPosixFilePermissions(pipe, PosixFilePermissions.fromString("rw-rw-rw-"));
        for (Path each : List.of(pipe, directory, Path.of("/dev/zero"))) {
            assertThatThrownBy(() -> copy(each, Optional.empty())).hasMessage("not a file");
        }
        assumeRoot();
        for (Path each : List.of(pipe, directory, Path.of("/dev/zero"))) {
            assertThatThrownBy(() -> copyAs("nobody", each)).hasMessage("as user nobody: not a file");
        }
    }

    /** Images have users of their own; who is whom here is decided by names. */
    @Test
    void aNumberReadsWhatEverybodyMay() throws IOException {
        assumeRoot();
        for (String user : List.of("12345", "12345:12345", "0", "0:0")) {
            Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
            copy(file, Optional.of(user));
            assertThat(target).hasContent("content");
            Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r-----"));
            assertThatThrownBy(() -> copy(file, Optional.of(user)))
                    .hasMessage("as user " + user + ": " + file + ": Cannot open: Permission denied");
        }
    }

    @Test
    void aUserThatIsNotOfThisMachineIsNamed() {
        assumeRoot();
        for (String user : List.of("no-such-user", "no-such-user:0", "nobody:root", "+0", ":root")) {
            assertThatThrownBy(() -> copy(file, Optional.of(user)))
                    .hasMessage("this machine has no user " + user + ", with whose permissions it would be read");
        }
    }

    @Test
    void aUserReadsWhatItsGroupsMay() throws Exception {
        assumeRoot();
        UserIdentity nobody = UserIdentity.ofHost("nobody");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r-----"));
        assertThatThrownBy(() -> copy(file, Optional.of("nobody"))).hasMessageContaining("Permission denied");
        Files.setAttribute(file, "unix:gid", (int) nobody.gid());
        copy(file, Optional.of("nobody"));
        assertThat(target).hasContent("content");
    }
}
