package io.paddock.platform.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SeekableGzipTest {
    @TempDir
    Path directory;

    private Path compressed(byte[] content) throws IOException {
        Path file = directory.resolve("file.gz");
        try (OutputStream out = Files.newOutputStream(file)) {
            SeekableGzip.write(new ByteArrayInputStream(content), out);
        }
        return file;
    }

    @Test
    void whatIsReadAtAnyPlaceIsWhatWasWritten() throws Exception {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        byte[] content = new byte[(5 << 20) + random.nextInt(1 << 20)];
        random.nextBytes(content);
        Arrays.fill(content, 1 << 20, 3 << 20, (byte) 'a');
        try (FileChannel file = FileChannel.open(compressed(content))) {
            assertThat(SeekableGzip.size(file)).isEqualTo(content.length);
            for (int i = 0; i < 50; i++) {
                int from = random.nextInt(content.length);
                int length = random.nextInt(3 << 20);
                assertThat(SeekableGzip.read(file, from, length))
                        .as("seed %d, %d from %d", seed, length, from)
                        .isEqualTo(Arrays.copyOfRange(content, from, Math.min(content.length, from + length)));
            }
            assertThat(SeekableGzip.read(file, content.length + 5L, 10)).isEmpty();
        }
    }

    @Test
    void othersReadItAsAGzipFileLikeAny() throws Exception {
        byte[] content = "some lines\n".repeat(300_000).getBytes(java.nio.charset.StandardCharsets.UTF_8);
        try (GZIPInputStream in = new GZIPInputStream(Files.newInputStream(compressed(content)))) {
            assertThat(in.readAllBytes()).isEqualTo(content);
        }
    }

    @Test
    void filesOfOthersAreRefused() throws Exception {
        Path file = directory.resolve("other.gz");
        try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(file))) {
            out.write(1);
        }
        try (FileChannel channel = FileChannel.open(file)) {
            assertThatThrownBy(() -> SeekableGzip.size(channel)).isInstanceOf(IOException.class);
        }
    }
}
