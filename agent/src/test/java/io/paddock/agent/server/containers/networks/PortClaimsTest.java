package io.paddock.agent.server.containers.networks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.BindException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

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

    private static boolean ipv6() {
        return Files.exists(Path.of("/proc/net/if_inet6"));
    }

    /** As servers do it, who let connections of the past not keep them from listening. */
    private static ServerSocket listening(String address, int port) throws IOException {
        ServerSocket socket = new ServerSocket();
        try {
            socket.setReuseAddress(true);
            socket.bind(new InetSocketAddress(address, port));
            return socket;
        } catch (IOException e) {
            socket.close();
            throw e;
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"0.0.0.0", "127.0.0.1", "::"})
    void programsOfTheHostAndClaimsExcludeEachOther(String address) throws IOException {
        Assumptions.assumeTrue(!address.contains(":") || ipv6(), "this kernel has no IPv6");
        try (ServerSocket server = listening(address, port.hostPort())) {
            assertThatThrownBy(() -> claims.claim(port, mine))
                    .hasMessageStartingWith("host port " + server.getLocalPort() + "/tcp is in use by a program");
            claims.release(List.of(port), mine);
        }
        claims.claim(port, mine);
        assertThatThrownBy(() -> listening(address, port.hostPort())).isInstanceOf(BindException.class);
        assertThatThrownBy(() -> new Socket(address, port.hostPort())).isInstanceOf(ConnectException.class);
        claims.release(List.of(port), mine);
        listening(address, port.hostPort()).close();
    }

    @Test
    void connectionsOfThePastAreNotInTheWay() throws IOException {
        try (ServerSocket server = listening("127.0.0.1", port.hostPort());
                Socket client = new Socket("127.0.0.1", port.hostPort());
                Socket accepted = server.accept()) {
            accepted.close(); // the first to close waits
            assertThat(client.getInputStream().read()).isEqualTo(-1);
        }
        claims.claim(port, mine);
        claims.release(List.of(port), mine);
    }

    @Test
    void aServerOfTheOtherFamilyAloneIsNotInTheWay() throws IOException {
        Assumptions.assumeTrue(ipv6(), "this kernel has no IPv6");
        try (ServerSocket server = listening("::1", port.hostPort())) {
            claims.claim(port, mine);
            assertThat(server.isBound()).isTrue();
            claims.release(List.of(port), mine);
        }
    }

    @Test
    void aFileThatSomebodyDeletedIsMissedByNobody() throws IOException {
        Path file = directory.resolve("ports/tcp-" + port.hostPort());
        claims.claim(port, others);
        Files.delete(file);
        assertThatThrownBy(() -> claims.claim(port, mine)).hasMessageContaining("leads to container others");
        claims.release(List.of(port), mine);
        assertThatThrownBy(() -> listening("0.0.0.0", port.hostPort())).isInstanceOf(BindException.class);
        claims.release(List.of(port), others);
        listening("0.0.0.0", port.hostPort()).close();
    }

    @Test
    void aClaimIsVoidWithoutItsHolder() throws IOException {
        claims.claim(port, others);
        Files.delete(others);
        claims.claim(port, mine);
        Path file = directory.resolve("ports/tcp-" + port.hostPort());
        assertThat(file).hasContent(mine.toString());

        claims.letGo();
        Files.writeString(file, "");
        claims.claim(port, others);
        assertThat(file).as("instead of a name cut off").hasContent(others.toString());
    }
}
