package io.paddock.agent.server.containers.networks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PortClaimsTest {
    @TempDir
    private Path directory;

    private PortClaims claims;
    private PortMapping port;
    private Path mine;
    private Path others;

    @BeforeEach
    void open() throws IOException {
        claims = new PortClaims(directory.resolve("ports"));
        mine = Files.createFile(directory.resolve("mine"));
        others = Files.createFile(directory.resolve("others"));
        try (ServerSocket free = new ServerSocket(0)) {
            port = new PortMapping(free.getLocalPort(), 80, "tcp");
        }
    }

    @Test
    void aPortLeadsToOneContainer() throws IOException {
        claims.claim(port, others);
        assertThatThrownBy(() -> claims.claim(port, mine)).hasMessageContaining("leads to container others");
        claims.release(List.of(port), mine);
        assertThatThrownBy(() -> claims.claim(port, mine)).hasMessageContaining("leads to container others");
        claims.release(List.of(port), others);
        claims.claim(port, mine);
    }

    @Test
    void aClaimIsVoidWithoutItsHolder() throws IOException {
        claims.claim(port, others);
        Files.delete(others);
        claims.claim(port, mine);
        Path file = directory.resolve("ports/tcp-" + port.hostPort());
        assertThat(file).hasContent(mine.toString());

        Files.writeString(file, "");
        claims.claim(port, others);
        assertThat(file).as("instead of a name cut off").hasContent(others.toString());
    }
}
