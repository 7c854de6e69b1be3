package io.paddock.platform.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A real namespace with nothing but a loopback. */
class NetworkNamespacesTest {
    private final NetworkNamespaces namespaces = new NetworkNamespaces("visitor", Runnable::run);

    @TempDir
    private Path directory;

    private Path namespace;

    @BeforeEach
    void make() throws Exception {
        assumeTrue(System.getProperty("user.name").equals("root"), "only root may make network namespaces");
        namespace = Files.createFile(directory.resolve("net"));
        run("unshare", "--net=" + namespace, "ip", "link", "set", "lo", "up");
    }

    @AfterEach
    void remove() throws Exception {
        namespaces.close();
        run("umount", namespace.toString());
    }

    @Test
    void aSocketStaysInTheNamespaceItWasOpenedIn() throws Exception {
        try (ServerSocketChannel server = get(namespaces.open(namespace, ServerSocketChannel::open));
                SocketChannel inside = get(namespaces.open(namespace, SocketChannel::open));
                SocketChannel outside = SocketChannel.open()) {
            server.bind(new InetSocketAddress(InetAddress.getByName("127.0.0.1"), 0));

            assertThat(inside.connect(server.getLocalAddress())).isTrue();
            assertThatThrownBy(() -> outside.connect(server.getLocalAddress())).isInstanceOf(ConnectException.class);
        }
    }

    @Test
    void theThreadComesBackWhateverHappensInside() throws Exception {
        assertThatThrownBy(() -> get(namespaces.open(namespace, () -> {
                    throw new IOException("no luck");
                })))
                .hasRootCauseMessage("no luck");
        assertThatThrownBy(() -> get(namespaces.open(directory.resolve("gone"), SocketChannel::open)))
                .hasMessageContaining("gone: open: No such file or directory");
        Path plain = Files.createFile(directory.resolve("plain"));
        assertThatThrownBy(() -> get(namespaces.open(plain, SocketChannel::open)))
                .hasMessageContaining("plain: setns: Invalid argument");

        Path own = Path.of("/proc/thread-self/ns/net");
        Path home = Files.readSymbolicLink(own);
        assertThat(get(namespaces.open(namespace, () -> Files.readSymbolicLink(own))))
                .isNotEqualTo(home);
        assertThat(threadsIn(home)).isTrue();
    }

    /** Every thread of this process is where its first one is. */
    private static boolean threadsIn(Path home) throws IOException {
        try (var threads = Files.list(Path.of("/proc/self/task"))) {
            return threads.allMatch(thread -> {
                try {
                    return Files.readSymbolicLink(thread.resolve("ns/net")).equals(home);
                } catch (IOException e) {
                    return true;
                }
            });
        }
    }

    @Test
    void nothingIsOpenedAfterTheEnd() {
        namespaces.close();
        assertThatThrownBy(() -> get(namespaces.open(namespace, SocketChannel::open)))
                .hasMessageContaining("the agent is ending");
    }

    private static <T> T get(CompletionStage<T> stage) throws Exception {
        return stage.toCompletableFuture().get(10, TimeUnit.SECONDS);
    }

    private static void run(String... argv) throws Exception {
        assertThat(new ProcessBuilder(argv).inheritIO().start().waitFor())
                .as("%s", String.join(" ", argv))
                .isZero();
    }
}
