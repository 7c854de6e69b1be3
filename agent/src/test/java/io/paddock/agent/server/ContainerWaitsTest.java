package io.paddock.agent.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import io.paddock.platform.http.WireFormat;
import io.paddock.proto.link.RunTasks;
import io.paddock.proto.link.ToAgent;
import io.paddock.proto.v1.CommandInfo;
import io.paddock.proto.v1.ContainerID;
import io.paddock.proto.v1.agent.Call;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Whoever waits for a container of an operator gets an answer as soon as it is over, or when there is none. */
class ContainerWaitsTest {
    private static final int CLIENTS = 6;
    private static final int CALLS = 60;
    private static final long PATIENCE_S = 30;

    private final HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private ActorSystem<Void> system;
    private ScriptedMaster master;
    private AgentServer agent;
    private Path directory;

    @BeforeEach
    void start(@TempDir Path workDir) {
        system = ActorSystem.create(Behaviors.empty(), "container-waits");
        master = new ScriptedMaster(system);
        AgentOptions options = new AgentOptions();
        options.listen.port = 0;
        options.master = master.address();
        options.workDir = workDir;
        directory = workDir;
        options.runtime = "processes";
        options.resources = "cpus:4;mem:1024;disk:1000";
        agent = AgentServer.start(system, options).toCompletableFuture().join();
    }

    @AfterEach
    void stop() {
        agent.closeAndStopTasks();
        master.close();
        system.terminate();
        system.getWhenTerminated().toCompletableFuture().join();
    }

    private static ContainerID id(String value) {
        return ContainerID.newBuilder().setValue(value).build();
    }

    private static ContainerID below(ContainerID parent, String value) {
        return ContainerID.newBuilder().setParent(parent).setValue(value).build();
    }

    private static Call.Builder call(Call.Type type) {
        return Call.newBuilder().setType(type);
    }

    private static Call.Builder launch(ContainerID id, String command) {
        Call.Builder launch = call(Call.Type.LAUNCH_CONTAINER);
        launch.getLaunchContainerBuilder().setContainerId(id);
        if (!command.isEmpty()) {
            launch.getLaunchContainerBuilder().getCommandBuilder().setValue(command);
        }
        return launch;
    }

    private static Call.Builder session(ContainerID id, String command) {
        Call.Builder launch = call(Call.Type.LAUNCH_NESTED_CONTAINER_SESSION);
        launch.getLaunchNestedContainerSessionBuilder()
                .setContainerId(id)
                .setCommand(CommandInfo.newBuilder().setValue(command));
        return launch;
    }

    private static Call.Builder waitFor(ContainerID id) {
        Call.Builder wait = call(Call.Type.WAIT_CONTAINER);
        wait.getWaitContainerBuilder().setContainerId(id);
        return wait;
    }

    private static Call.Builder kill(ContainerID id, int signal) {
        Call.Builder kill = call(Call.Type.KILL_CONTAINER);
        kill.getKillContainerBuilder().setContainerId(id).setSignal(signal);
        return kill;
    }

    private static Call.Builder remove(ContainerID id) {
        Call.Builder remove = call(Call.Type.REMOVE_CONTAINER);
        remove.getRemoveContainerBuilder().setContainerId(id);
        return remove;
    }

    private CompletableFuture<HttpResponse<byte[]>> send(Call.Builder call) {
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + agent.port() + "/api/v1"))
                .header("Content-Type", WireFormat.JSON.mediaType())
                .header("Accept", WireFormat.JSON.mediaType())
                .POST(HttpRequest.BodyPublishers.ofByteArray(WireFormat.JSON.encode(call.build())))
                .build();
        return client.sendAsync(request, HttpResponse.BodyHandlers.ofByteArray());
    }

    private int status(Call.Builder call) throws Exception {
        return send(call).get(PATIENCE_S, TimeUnit.SECONDS).statusCode();
    }

    @Test
    void aContainerWithoutCommandIsOverWhenItIsKilled() throws Exception {
        assertThat(status(launch(id("pod"), ""))).isEqualTo(200);
        CompletableFuture<HttpResponse<byte[]>> end = send(waitFor(id("pod")));
        assertThat(status(remove(id("pod")))).isEqualTo(500);
        assertThat(status(session(below(id("pod"), "session"), "true"))).isEqualTo(400);
        assertThat(end).isNotDone();
        assertThat(status(kill(id("pod"), 9))).isEqualTo(200);
        assertThat(new String(end.get(PATIENCE_S, TimeUnit.SECONDS).body(), java.nio.charset.StandardCharsets.UTF_8))
                .contains("\"exit_status\":9");
        assertThat(status(remove(id("pod")))).isEqualTo(200);
        assertThat(status(waitFor(id("pod")))).isEqualTo(404);
    }

    /** Calls about a container that is being launched wait for the outcome. */
    @ParameterizedTest
    @CsvSource({"200, 200, 200, 200", "404, 404, 400, 404"})
    void aLaunchUnderWayIsWaitedFor(int fetched, int session, int nested, int kill) throws Exception {
        CountDownLatch asked = new CountDownLatch(1);
        CountDownLatch answer = new CountDownLatch(1);
        HttpServer files = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
        files.createContext("/file", exchange -> {
            asked.countDown();
            try (exchange) {
                answer.await(PATIENCE_S, TimeUnit.SECONDS);
                exchange.sendResponseHeaders(fetched, -1);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        files.start();
        try {
            ContainerID parent = id("slow");
            Call.Builder launch = launch(parent, "sleep 1000");
            launch.getLaunchContainerBuilder()
                    .getCommandBuilder()
                    .addUrisBuilder()
                    .setValue("http://127.0.0.1:" + files.getAddress().getPort() + "/file");
            CompletableFuture<HttpResponse<byte[]>> launched = send(launch);
            assertThat(asked.await(PATIENCE_S, TimeUnit.SECONDS)).isTrue();
            List<CompletableFuture<HttpResponse<byte[]>>> calls = List.of(
                    send(session(below(parent, "session"), "true")),
                    send(launch(below(parent, "inner"), "true")),
                    send(kill(parent, 0)));
            Awaitility.await()
                    .during(Duration.ofMillis(200))
                    .untilAsserted(() -> assertThat(calls).noneMatch(CompletableFuture::isDone));
            answer.countDown();
            assertThat(launched.get(PATIENCE_S, TimeUnit.SECONDS).statusCode()).isEqualTo(fetched == 200 ? 200 : 400);
            List<Integer> codes = new ArrayList<>();
            for (CompletableFuture<HttpResponse<byte[]>> call : calls) {
                codes.add(call.get(PATIENCE_S, TimeUnit.SECONDS).statusCode());
            }
            assertThat(codes).containsExactly(session, nested, kill);
        } finally {
            files.stop(0);
        }
    }

    @Test
    void aSessionThatOutlivedItsParentCanBeRemoved() throws Exception {
        ContainerID parent = id("parent");
        ContainerID session = below(parent, "session");
        assertThat(status(launch(parent, "exec sleep 1000"))).isEqualTo(200);
        assertThat(status(session(session, "true"))).isEqualTo(200);
        assertThat(status(kill(parent, 9))).isEqualTo(200);
        assertThat(status(waitFor(parent))).isEqualTo(200);
        assertThat(status(remove(parent))).isEqualTo(200);
        assertThat(status(waitFor(session))).isEqualTo(200);

        assertThat(status(remove(session))).isEqualTo(200);

        assertThat(status(waitFor(session))).isEqualTo(404);
    }

    /** It is waited for what was told of the tasks in it, so that its id and its sandbox are still taken. */
    @Test
    void theContainerOfAnExecutorIsItsOwnAlsoWhenItHasEnded() throws Exception {
        Awaitility.await().until(master::registered);
        master.acknowledging = false;
        master.send(ToAgent.newBuilder()
                .setRunTasks(RunTasks.newBuilder()
                        .setFramework(AgentUnderTest.FRAMEWORK.toBuilder().setUser(System.getProperty("user.name")))
                        .addTasks(AgentUnderTest.task("t1", "touch ran"))));
        Path runs = directory.resolve("slaves/m-S0/frameworks/fw/executors/t1/runs");
        Awaitility.await().atMost(AgentUnderTest.WAIT).until(() -> Files.exists(runs.resolve("latest/ran")));
        Path sandbox = runs.resolve("latest").toRealPath();
        ContainerID container = id(sandbox.getFileName().toString());
        Awaitility.await().atMost(AgentUnderTest.WAIT).until(() -> status(waitFor(container)) == 404);

        assertThat(status(launch(container, "true"))).isEqualTo(409);
        assertThat(status(remove(container))).isEqualTo(403);

        assertThat(sandbox.resolve("ran")).exists();
    }

    /** Or a call about the one would be about the other. */
    @Test
    void aSessionAndAContainerDoNotShareAName() throws Exception {
        ContainerID parent = id("parent");
        ContainerID inner = below(parent, "inner");
        ContainerID session = below(parent, "session");
        assertThat(status(launch(parent, "exec sleep 1000"))).isEqualTo(200);
        assertThat(status(launch(inner, "exec sleep 1000"))).isEqualTo(200);
        CompletableFuture<HttpResponse<byte[]>> shell = send(session(session, "exec sleep 1000"));
        CompletableFuture<HttpResponse<byte[]>> end = send(waitFor(inner));

        assertThat(status(session(inner, "true"))).isEqualTo(409);
        Awaitility.await().until(() -> status(launch(session, "true")) == 409);

        assertThat(status(kill(inner, 9))).isEqualTo(200);
        assertThat(end.get(PATIENCE_S, TimeUnit.SECONDS).statusCode()).isEqualTo(200);
        assertThat(status(kill(session, 9))).isEqualTo(200);
        assertThat(shell.get(PATIENCE_S, TimeUnit.SECONDS).statusCode()).isEqualTo(200);
    }

    @Test
    void namesThatCouldBeThoseOfNestedContainersAreRefused() throws Exception {
        assertThat(status(launch(id("a.b"), "true"))).isEqualTo(400);
        assertThat(status(launch(below(id("a"), "b.c"), "true"))).isEqualTo(400);
        assertThat(status(launch(id("a b"), "true"))).isEqualTo(400);
        assertThat(status(session(below(id("a"), "b.c"), "true"))).isEqualTo(400);
    }

    @Test
    void everyWaitIsAnsweredWhateverElseHappensToTheContainer() throws Exception {
        long seed = System.nanoTime();
        System.out.println("ContainerWaitsTest: seed " + seed);
        List<ContainerID> ids = List.of(
                id("one"),
                id("two"),
                below(id("one"), "inner"),
                below(id("two"), "inner"),
                below(id("one"), "session"),
                below(id("two"), "session"));
        Queue<CompletableFuture<HttpResponse<byte[]>>> waits = new ConcurrentLinkedQueue<>();
        List<CompletableFuture<Void>> clients = new ArrayList<>();
        for (int i = 0; i < CLIENTS; i++) {
            Random random = new Random(seed + i);
            clients.add(CompletableFuture.runAsync(
                    () -> disturb(random, ids, waits), command -> new Thread(command).start()));
        }
        for (CompletableFuture<Void> each : clients) {
            each.get(2 * PATIENCE_S, TimeUnit.SECONDS);
        }
        for (int i = ids.size() - 1; i >= 0; i--) {
            assertThat(status(kill(ids.get(i), 9)))
                    .as("seed %d, %s", seed, ids.get(i))
                    .isIn(200, 404);
        }
        for (CompletableFuture<HttpResponse<byte[]>> wait : waits) {
            assertThat(wait.get(PATIENCE_S, TimeUnit.SECONDS).statusCode())
                    .as("seed %d", seed)
                    .isNotEqualTo(503);
        }
        for (int i = ids.size() - 1; i >= 0; i--) {
            assertThat(status(waitFor(ids.get(i)))).as("seed %d", seed).isNotEqualTo(503);
            status(remove(ids.get(i)));
        }
        for (ContainerID id : ids) {
            assertThat(status(waitFor(id))).as("seed %d, %s", seed, id).isEqualTo(404);
        }
    }

    private void disturb(Random random, List<ContainerID> ids, Queue<CompletableFuture<HttpResponse<byte[]>>> waits) {
        for (int i = 0; i < CALLS; i++) {
            ContainerID id = ids.get(random.nextInt(ids.size()));
            try {
                switch (random.nextInt(6)) {
                    case 0 -> {
                        if (id.getValue().equals("session")) {
                            waits.add(send(session(id, random.nextBoolean() ? "true" : "exec sleep 1000")));
                        } else {
                            status(launch(
                                    id,
                                    List.of("", "true", "exec sleep 1000", "exit 3")
                                            .get(random.nextInt(4))));
                        }
                    }
                    case 1 -> status(kill(id, random.nextBoolean() ? 9 : 15));
                    case 2 -> status(remove(id));
                    default -> waits.add(send(waitFor(id)));
                }
            } catch (Exception e) {
                throw new IllegalStateException(id + ": " + e, e);
            }
        }
    }
}
