package io.paddock.platform.linux;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Refusals; that messages arrive is shown with the terminals of containers, since the JDK has no such server. */
class PacketSocketTest {
    @TempDir
    private Path directory;

    @Test
    void aFailureNamesTheSocketAndTheReason() throws IOException {
        Path file = Files.createFile(directory.resolve("file"));
        assertThatThrownBy(() -> PacketSocket.connect(file))
                .isInstanceOf(FileSystemException.class)
                .hasMessageContaining("file: connect: Connection refused");
        assertThatThrownBy(() -> PacketSocket.connect(directory.resolve("nothing")))
                .hasMessageContaining("nothing: connect: No such file or directory");
        assertThatThrownBy(() -> PacketSocket.connect(directory.resolve("no/where")))
                .hasMessageContaining("where: connect: No such file or directory");
    }

    @Test
    void aStreamSocketIsAnotherKind() throws IOException {
        Path path = directory.resolve("stream");
        try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            server.bind(UnixDomainSocketAddress.of(path));
            assertThatThrownBy(() -> PacketSocket.connect(path)).hasMessageEndingWith("Protocol wrong type for socket");
        }
    }
}
