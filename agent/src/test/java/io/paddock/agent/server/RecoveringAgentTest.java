package io.paddock.agent.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.paddock.agent.server.containers.Containers;
import io.paddock.agent.server.containers.Limits;
import io.paddock.agent.server.containers.NativeContainers;
import io.paddock.agent.server.http.AgentAuthorization;
import io.paddock.agent.server.http.AgentRoutes;
import io.paddock.agent.server.http.OperatorContainers;
import io.paddock.agent.server.http.ProcessStreams;
import io.paddock.agent.server.http.StandaloneContainers;
import io.paddock.platform.http.HttpServer;
import io.paddock.platform.http.WireFormat;
import io.paddock.platform.security.Access;
import io.paddock.proto.v1.ExecutorID;
import io.paddock.proto.v1.FrameworkID;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The endpoints of an agent whose port is open and whose recovery has not ended: clients are told to come back. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class RecoveringAgentTest {
    private final HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final AgentThreads threads = AgentThreads.start();
    private ActorSystem<Void> system;
    private Containers containers;
    private HttpServer http;

    @BeforeAll
    void bind(@TempDir Path workDir) throws Exception {
        system = ActorSystem.create(Behaviors.empty(), "recovering-agent-test");
        AgentOptions options = new AgentOptions();
        options.listen.port = 0;
        options.runtime = "processes";
        Access access = options.security.access(options.listen.security);
        containers = NativeContainers.start(
                AgentServer.containersOptions(options, workDir.toRealPath()), threads.containers(), threads.timers());
        StandaloneContainers standalone =
                new StandaloneContainers(workDir, containers, List.of(), threads.containers());
        AgentRoutes routes = new AgentRoutes(
                system,
                workDir,
                Optional.empty(),
                containers,
                new OperatorContainers(
                        standalone,
                        (requests, limits) -> Limits.NONE,
                        resources -> List.of(),
                        sandbox -> {},
                        sandbox -> {}),
                threads.containers(),
                new ProcessStreams(threads.streams(), options.httpHeartbeat),
                Map.of(),
                new AgentAuthorization(options.security.acls(access.files()), standalone::user),
                access.files(),
                Map::of);
        http = HttpServer.bind(system, options.listen.httpOptions(access), routes.route())
                .toCompletableFuture()
                .get();
    }

    @AfterAll
    void close() {
        http.close();
        containers.close();
        threads.close();
        system.terminate();
    }

    private void assertNotYet(HttpRequest.Builder request) throws Exception {
        HttpResponse<String> answer = client.send(request.build(), HttpResponse.BodyHandlers.ofString());
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(503);
        assertThat(answer.body()).contains("has not finished recovery");
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + http.port() + path));
    }

    @ParameterizedTest
    @EnumSource(WireFormat.class)
    void everyCallOfExecutorsAndOperatorsIsToBeRepeated(WireFormat format) throws Exception {
        for (var type : io.paddock.proto.v1.executor.Call.Type.values()) {
            var call = io.paddock.proto.v1.executor.Call.newBuilder()
                    .setType(type)
                    .setFrameworkId(FrameworkID.newBuilder().setValue("fw"))
                    .setExecutorId(ExecutorID.newBuilder().setValue("e"));
            assertNotYet(request("/api/v1/executor")
                    .header("Content-Type", format.mediaType())
                    .POST(HttpRequest.BodyPublishers.ofByteArray(format.encode(call.build()))));
        }
        for (var type : io.paddock.proto.v1.agent.Call.Type.values()) {
            var call = io.paddock.proto.v1.agent.Call.newBuilder().setType(type);
            assertNotYet(request("/slave(1)/api/v1")
                    .header("Content-Type", format.mediaType())
                    .POST(HttpRequest.BodyPublishers.ofByteArray(format.encode(call.build()))));
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/health",
                "/state",
                "/slave(1)/state.json",
                "/flags",
                "/containers",
                "/monitor/statistics",
                "/metrics/snapshot",
                "/files/browse?path=/"
            })
    void soIsEveryRead(String path) throws Exception {
        assertNotYet(request(path));
    }
}
