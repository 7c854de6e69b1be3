package io.paddock.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.paddock.agent.server.AgentOptions;
import io.paddock.agent.server.AgentServer;
import io.paddock.client.ConnectionOptions;
import io.paddock.client.Credential;
import io.paddock.client.DriverOptions;
import io.paddock.client.Scheduler;
import io.paddock.client.SchedulerDriver;
import io.paddock.client.core.OfferRoom;
import io.paddock.client.core.TaskSpec;
import io.paddock.common.testing.SelfSigned;
import io.paddock.marathon.server.MarathonOptions;
import io.paddock.marathon.server.MarathonServer;
import io.paddock.master.server.MasterOptions;
import io.paddock.master.server.MasterServer;
import io.paddock.platform.flags.SecurityFlags;
import io.paddock.platform.tls.TlsFiles;
import io.paddock.platform.tls.WatchedTls;
import io.paddock.proto.v1.Offer;
import io.paddock.proto.v1.TaskState;
import io.paddock.proto.v1.TaskStatus;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/**
 * Two masters found through a ZooKeeper ensemble of three, an agent, schedulers and the command line, all by TLS with
 * certificates on both sides and credentials; nothing is told the leader's address or scheme.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class TlsClusterTest {
    private static final Duration WAIT = Duration.ofSeconds(60);

    private final Deque<AutoCloseable> parts = new ArrayDeque<>();
    private Path dir;
    private ActorSystem<Void> system;
    private String ensemble;
    private MasterServer first;
    private MasterServer second;
    private AgentServer agent;

    @BeforeAll
    void start(@TempDir Path directory) throws Exception {
        dir = directory;
        // One certificate for everybody, which is also the authority everybody trusts.
        SelfSigned.make(dir, "own", "EC");
        Files.writeString(
                dir.resolve("credentials"),
                "{\"credentials\":[{\"principal\":\"agent\",\"secret\":\"a\"},{\"principal\":\"ops\",\"secret\":\"o\"}]}");
        Files.writeString(dir.resolve("credential"), "{\"principal\":\"agent\",\"secret\":\"a\"}");
        Files.writeString(dir.resolve("secret"), "o\n");
        system = ActorSystem.create(Behaviors.empty(), "tls-cluster-test");
        parts.push(() -> {
            system.terminate();
            system.getWhenTerminated().toCompletableFuture().get(10, TimeUnit.SECONDS);
        });
        ensemble = startEnsemble();
        first = startMaster();
        await().atMost(WAIT).until(() -> first.leadership().leading().isPresent());
        second = startMaster();
        agent = startAgent();
        await().atMost(WAIT)
                .until(() -> agent.view().toCompletableFuture().join().registered());
    }

    @AfterAll
    void stop() throws Exception {
        while (!parts.isEmpty()) {
            parts.pop().close();
        }
    }

    private void secure(SecurityFlags flags) {
        flags.tls.key = dir.resolve("own.key");
        flags.tls.certificate = dir.resolve("own.crt");
        flags.tls.clientCa = dir.resolve("own.crt");
        flags.tls.ca = dir.resolve("own.crt");
        flags.zkTlsCa = dir.resolve("own.crt");
        flags.credentials = dir.resolve("credentials");
    }

    /** Three members as processes of their own; {@code zk://ops:o@…} without a path. */
    private String startEnsemble() throws Exception {
        List<String> members = new ArrayList<>();
        List<String> clients = new ArrayList<>();
        List<Integer> ports = freePorts(9);
        for (int i = 0; i < 9; i += 3) {
            clients.add("127.0.0.1:" + ports.get(i));
            members.add("127.0.0.1:" + ports.get(i + 1) + ":" + ports.get(i + 2));
        }
        for (int i = 0; i < 3; i++) {
            Process member = new ProcessBuilder(
                            Path.of(System.getProperty("java.home"), "bin", "java")
                                    .toString(),
                            "-XX:+UseSerialGC",
                            "-XX:TieredStopAtLevel=1",
                            "-Xmx64m",
                            "-cp",
                            System.getProperty("java.class.path"),
                            Main.class.getName(),
                            "zookeeper",
                            "--server-id=" + (i + 1),
                            "--servers=" + String.join(",", members),
                            "--port=" + ports.get(3 * i),
                            "--work-dir=" + dir.resolve("member" + i),
                            "--tls-key=" + dir.resolve("own.key"),
                            "--tls-certificate=" + dir.resolve("own.crt"),
                            "--tls-client-ca=" + dir.resolve("own.crt"),
                            "--tls-ca=" + dir.resolve("own.crt"),
                            "--credentials=" + dir.resolve("credentials"))
                    .redirectErrorStream(true)
                    .redirectOutput(dir.resolve("member" + i + ".log").toFile())
                    .start();
            parts.push(() -> {
                member.destroyForcibly();
                member.waitFor();
            });
        }
        return "zk://ops:o@" + String.join(",", clients);
    }

    /** Members must know each other's ports beforehand. */
    private static List<Integer> freePorts(int count) throws IOException {
        List<ServerSocket> sockets = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            sockets.add(new ServerSocket(0));
        }
        for (ServerSocket socket : sockets) {
            socket.close();
        }
        return sockets.stream().map(ServerSocket::getLocalPort).toList();
    }

    private MasterServer startMaster() {
        MasterOptions options = new MasterOptions();
        options.listen.port = 0;
        options.zk = ensemble + "/mesos";
        options.security.acls =
                "{\"register_agents\":[{\"principals\":{\"values\":[\"agent\"]},\"agents\":{\"type\":\"ANY\"}},"
                        + "{\"principals\":{\"type\":\"ANY\"},\"agents\":{\"type\":\"NONE\"}}]}";
        secure(options.listen.security);
        MasterServer master =
                MasterServer.start(system, options).toCompletableFuture().join();
        parts.push(master);
        return master;
    }

    private AgentServer startAgent() {
        AgentOptions options = new AgentOptions();
        options.listen.port = 0;
        options.master = ensemble + "/mesos";
        options.workDir = dir.resolve("agent");
        options.resources = "cpus:2;mem:512;disk:1024";
        options.runtime = "processes";
        options.switchUser = false;
        options.credential = dir.resolve("credential");
        secure(options.listen.security);
        AgentServer started =
                AgentServer.start(system, options).toCompletableFuture().join();
        parts.push(started::closeAndStopTasks);
        return started;
    }

    private Optional<TlsFiles> own() {
        return Optional.of(new TlsFiles(dir.resolve("own.key"), dir.resolve("own.crt"), Optional.empty()));
    }

    private SSLContext tls() {
        return WatchedTls.client(own(), Optional.of(dir.resolve("own.crt"))).context();
    }

    private HttpResponse<String> get(int port, String path) throws Exception {
        return HttpClient.newBuilder()
                .sslContext(tls())
                .version(HttpClient.Version.HTTP_1_1)
                .followRedirects(HttpClient.Redirect.NEVER)
                .build()
                .send(
                        HttpRequest.newBuilder(URI.create("https://127.0.0.1:" + port + path))
                                .header("Authorization", new Credential("ops", "o").authorization())
                                .build(),
                        HttpResponse.BodyHandlers.ofString());
    }

    /** Runs one task and remembers what became of it. */
    private static final class OneTask implements Scheduler {
        final Set<TaskState> states = ConcurrentHashMap.newKeySet();
        final Set<String> schemes = ConcurrentHashMap.newKeySet();
        private final ArrayDeque<TaskSpec> waiting = new ArrayDeque<>(List.of(TaskSpec.command("one", "exit 0")));

        @Override
        public void offers(SchedulerDriver driver, List<Offer> offers) {
            for (Offer offer : offers) {
                schemes.add(offer.getUrl().getScheme());
                driver.launch(OfferRoom.of(offer).fill(waiting));
            }
        }

        @Override
        public void update(SchedulerDriver driver, TaskStatus status) {
            states.add(status.getState());
        }
    }

    @Test
    void aSchedulerRunsATaskThroughZooKeeper() {
        OneTask scheduler = new OneTask();
        DriverOptions options = DriverOptions.of(ensemble + "/mesos", "tls")
                .withConnection(ConnectionOptions.to(ensemble + "/mesos")
                        .withTls(tls())
                        .withZooKeeperTls(WatchedTls.client(own(), Optional.of(dir.resolve("own.crt"))))
                        .withCredential(new Credential("ops", "o")));
        try (SchedulerDriver driver = SchedulerDriver.start(options, scheduler)) {
            await().atMost(WAIT).until(() -> scheduler.states.contains(TaskState.TASK_FINISHED));
            assertThat(scheduler.schemes).containsExactly("https");
            assertThat(driver.frameworkId()).isNotNull();
        }
    }

    @Test
    void aStandbyRedirectsWithoutASchemeAndTheLeaderReadsItsAgent() throws Exception {
        HttpResponse<String> redirect = get(second.port(), "/state");
        assertThat(redirect.statusCode()).isEqualTo(307);
        assertThat(redirect.headers().firstValue("Location")).contains("//127.0.0.1:" + first.port() + "/state");

        assertThat(get(first.port(), "/slaves").body()).contains("\"scheme\":\"https\"");
        String id = agent.view().toCompletableFuture().join().info().getId().getValue();
        HttpResponse<String> passedOn = get(first.port(), "/agent/" + id + "/state");
        assertThat(passedOn.statusCode()).isEqualTo(200);
        assertThat(passedOn.body()).contains(id);
    }

    @Test
    void marathonLeadsOverTls() {
        MarathonOptions options = new MarathonOptions();
        options.httpPort = 0;
        options.master = ensemble + "/mesos";
        options.zk = ensemble + "/marathon";
        options.principal = "ops";
        options.secretFile = dir.resolve("secret");
        secure(options.security);
        try (MarathonServer marathon =
                MarathonServer.start(system, options).toCompletableFuture().join()) {
            await().atMost(WAIT)
                    .until(() -> marathon.ready().toCompletableFuture().isDone());
        }
    }

    @Test
    void theCommandLineFindsTheLeader() {
        int exit = Main.run(
                "agents",
                "--master=" + ensemble + "/mesos",
                "--tls-ca=" + dir.resolve("own.crt"),
                "--zk-tls-ca=" + dir.resolve("own.crt"),
                "--tls-key=" + dir.resolve("own.key"),
                "--tls-certificate=" + dir.resolve("own.crt"),
                "--principal=ops",
                "--secret-file=" + dir.resolve("secret"));
        assertThat(exit).isZero();
    }

    @Test
    void whoMayNotRegisterAgentsIsTold() throws Exception {
        HttpResponse<String> refused = get(first.port(), "/api/paddock/link");
        assertThat(refused.statusCode()).isEqualTo(403);
        assertThat(refused.body()).contains("register_agents");
    }
}
