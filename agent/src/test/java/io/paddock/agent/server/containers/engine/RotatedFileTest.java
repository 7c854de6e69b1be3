package io.paddock.agent.server.containers.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.paddock.platform.linux.Linux;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.zip.GZIPInputStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The files are a task's, who may do with them what it likes at any moment. */
@Timeout(value = 60, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class RotatedFileTest {
    private static final OutputBound LARGE = new OutputBound(128 << 20, 2);
    private static final OutputBound SMALL = new OutputBound(1000, 2);

    @TempDir
    private Path directory;

    private Path file;

    @BeforeEach
    void name() {
        file = directory.resolve("stdout");
    }

    @Test
    void anOutputThatIsCutByItsTaskHoldsNobodyUp() throws Exception {
        resize(2 * LARGE.bytes());
        CompletableFuture<Void> kept = CompletableFuture.runAsync(() -> {
            try {
                new RotatedFile(file, LARGE).keep();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
        Path copy = directory.resolve("stdout.rotating");
        Awaitility.await()
                .pollInterval(1, TimeUnit.MILLISECONDS)
                .until(() -> kept.isDone() || Files.exists(copy) && Files.size(copy) > 0);
        resize(0);
        assertThat(kept).succeedsWithin(20, TimeUnit.SECONDS);
        assertThat(directory.resolve("stdout.1")).exists();
    }

    private void resize(long bytes) throws IOException {
        try (RandomAccessFile output = new RandomAccessFile(file.toFile(), "rw")) {
            output.setLength(bytes);
        }
    }

    @Test
    void aPipeInPlaceOfAnOutputIsNotWaitedFor() throws Exception {
        Linux.makePipe(file);
        RotatedFile rotated = new RotatedFile(file, SMALL);
        assertThatThrownBy(rotated::keep).hasMessageContaining("stdout: is no file");
        assertThatThrownBy(rotated::cut).hasMessageContaining("stdout: is no file");
        assertThat(directory.resolve("stdout.rotating")).doesNotExist();
    }

    @Test
    void aPipeInPlaceOfWhatWasKeptIsNotWaitedFor() throws Exception {
        Linux.makePipe(directory.resolve("stdout.1"));
        assertThatThrownBy(new RotatedFile(file, SMALL)::compress).hasMessageContaining("stdout.1: is no file");
        assertThat(directory.resolve("stdout.compressing")).doesNotExist();
    }

    @Test
    void aLinkInPlaceOfAnOutputIsNotFollowed() throws Exception {
        Path other = Files.writeString(directory.resolve("other"), "x");
        Files.createSymbolicLink(file, other);
        Files.createSymbolicLink(directory.resolve("stdout.1"), other);
        RotatedFile rotated = new RotatedFile(file, SMALL);
        assertThatThrownBy(rotated::keep).hasMessageContaining("stdout");
        assertThatThrownBy(rotated::cut).hasMessageContaining("stdout");
        assertThatThrownBy(rotated::compress).hasMessageContaining("stdout.1");
        assertThat(other).hasContent("x");
    }

    /** Not a processor for hours either. */
    @Test
    void noMoreIsCompressedThanIsEverKept() throws Exception {
        file = directory.resolve("stdout.1");
        resize(1L << 40);
        file = directory.resolve("stdout");
        new RotatedFile(file, SMALL).compress();
        try (GZIPInputStream content = new GZIPInputStream(Files.newInputStream(directory.resolve("stdout.1.gz")))) {
            assertThat(content.readAllBytes()).hasSize(2000);
        }
    }
}
