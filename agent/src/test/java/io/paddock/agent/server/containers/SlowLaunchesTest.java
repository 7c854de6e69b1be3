package io.paddock.agent.server.containers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import io.paddock.agent.server.containers.tools.Processes;
import io.paddock.proto.v1.CommandInfo;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * A server that takes connections and says nothing holds up who needs something of it, and nobody else; and not beyond the end of
 * the agent.
 */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class SlowLaunchesTest {
    private static final int MANY = 40;

    @RegisterExtension
    final RunningContainers running = RunningContainers.isolatedForEachTest();

    private ServerSocket silent;
    private String address;

    @BeforeEach
    void listen() throws IOException {
        silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        address = "127.0.0.1:" + silent.getLocalPort();
    }

    @AfterEach
    void hangUp() throws IOException {
        silent.close();
    }

    @Test
    void othersAreLaunchedWhileManyWaitForAnImage() throws Exception {
        assertOthersRunBeside(running.spec(
                Optional.of(RunningContainers.sh("true")),
                Optional.of(ContainerInfos.mesos(address + "/box:1").build()),
                Limits.NONE));
    }

    @Test
    void othersAreLaunchedWhileManyWaitForAFile() throws Exception {
        assertOthersRunBeside(fetching(address));
    }

    private ContainerSpec fetching(String server) {
        CommandInfo command = RunningContainers.sh("true").toBuilder()
                .addUris(CommandInfo.URI.newBuilder().setValue("http://" + server + "/file"))
                .build();
        return running.spec(Optional.of(command), Optional.empty(), Limits.NONE);
    }

    @Test
    void filesOfOthersAreFetchedWhileManyWaitForAFile() throws Exception {
        HttpServer other = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        other.createContext("/", exchange -> {
            exchange.sendResponseHeaders(200, -1);
            exchange.close();
        });
        other.start();
        try {
            beginMany(fetching(address));
            assertThat(running.run(fetching("127.0.0.1:" + other.getAddress().getPort()))
                            .succeeded())
                    .isTrue();
        } finally {
            other.stop(0);
        }
    }

    @Test
    void whatWaitsForItsTurnToFetchIsDestroyedAtOnce() throws Exception {
        ContainerSpec last = fetching(address);
        beginMany(fetching(address));
        CompletableFuture<Launched> launched = running.containers().launch(last).toCompletableFuture();
        Awaitility.await()
                .until(() -> running.containers().pending().stream()
                                .filter(step -> step.operation().equals("fetch::prepare"))
                                .count()
                        > MANY);
        running.destroy(last);
        assertThatThrownBy(() -> RunningContainers.get(launched)).hasCauseInstanceOf(LaunchFailure.class);
    }

    @Test
    void aPullEndsWithItsAgent() throws Exception {
        var unused = running.containers().pull(address + "/box:1");
        Awaitility.await().until(() -> !downloads().isEmpty());
        running.restart();
        assertThat(downloads()).isEmpty();
    }

    private List<Long> downloads() throws IOException {
        return Processes.withVariable("PADDOCK_TOOL_OF", running.workDir.toString());
    }

    private CompletableFuture<?> beginMany(ContainerSpec slow) {
        Stream<ContainerSpec> many =
                IntStream.range(0, MANY).mapToObj(i -> running.spec(slow.command(), slow.container(), slow.limits()));
        return CompletableFuture.anyOf(
                many.map(spec -> running.containers().launch(spec).toCompletableFuture())
                        .toArray(CompletableFuture[]::new));
    }

    private void assertOthersRunBeside(ContainerSpec slow) throws Exception {
        CompletableFuture<?> anyOfThem = beginMany(slow);
        assertThat(running.run(running.shell("true")).succeeded()).isTrue();
        assertThat(anyOfThem).isNotDone();
    }
}
