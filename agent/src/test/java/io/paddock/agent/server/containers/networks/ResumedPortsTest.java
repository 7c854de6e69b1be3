package io.paddock.agent.server.containers.networks;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.paddock.agent.server.containers.tools.Tools;
import io.paddock.platform.json.Json;
import java.net.BindException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ResumedPortsTest {
    @TempDir
    private Path directory;

    @Test
    void oneThatWasTakenMeanwhileLeavesTheOthersGuarded() throws Exception {
        ScheduledExecutorService timers = Executors.newSingleThreadScheduledExecutor();
        try (ServerSocket taken = new ServerSocket(0)) {
            Networks networks = new Networks(
                    "tag",
                    "bridge",
                    directory.resolve("netns"),
                    directory.resolve("ports"),
                    directory,
                    Optional.empty(),
                    directory,
                    new Tools(timers));
            PortMapping first = new PortMapping(taken.getLocalPort(), 80, "tcp");
            PortMapping second = new PortMapping(free(), 81, "tcp");
            PortMapping third = new PortMapping(free(), 82, "tcp");
            Files.write(
                    directory.resolve("networks.json"),
                    Json.bytes(List.of(
                            Map.of("network", Map.of(), "ports", List.of(first, second)),
                            Map.of("network", Map.of(), "ports", List.of(third)))));
            assertThatThrownBy(() -> networks.resume("box", directory))
                    .hasMessageStartingWith("host port " + taken.getLocalPort() + "/tcp is in use");
            for (PortMapping guarded : List.of(second, third)) {
                assertThatThrownBy(() -> new ServerSocket(guarded.hostPort())).isInstanceOf(BindException.class);
            }
            networks.letGo();
        } finally {
            timers.shutdownNow();
        }
    }

    private static int free() throws Exception {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }
}
