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
import io.paddock.marathon.server.MarathonOptions;
import io.paddock.marathon.server.MarathonServer;
import io.paddock.master.server.MasterOptions;
import io.paddock.master.server.MasterServer;
import io.paddock.platform.flags.SecurityFlags;
import io.paddock.platform.http.TlsFiles;
import io.paddock.platform.zookeeper.EmbeddedZooKeeper;
import io.paddock.proto.v1.Offer;
import io.paddock.proto.v1.TaskState;
import io.paddock.proto.v1.TaskStatus;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Base64;
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
 * Two masters found through ZooKeeper, an agent, schedulers and the command line, all by HTTPS with certificates on both sides
 * and credentials; nothing is told the leader's address or scheme.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class TlsClusterTest {
    private static final String PASSWORD = "changeit";
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
        makeCertificate();
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
        EmbeddedZooKeeper zooKeeper = EmbeddedZooKeeper.start(dir.resolve("zookeeper"), "127.0.0.1", 0);
        parts.push(zooKeeper);
        ensemble = "zk://" + zooKeeper.address();
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
        flags.tlsKey = dir.resolve("own.key");
        flags.tlsCertificate = dir.resolve("own.crt");
        flags.tlsClientCa = dir.resolve("own.crt");
        flags.tlsCa = dir.resolve("own.crt");
        flags.credentials = dir.resolve("credentials");
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

    /** One certificate for everybody, which is also the authority everybody trusts. */
    private void makeCertificate() throws Exception {
        Path store = dir.resolve("own.p12");
        List<String> argv = List.of(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                "-genkeypair",
                "-alias",
                "own",
                "-keyalg",
                "EC",
                "-dname",
                "CN=paddock",
                "-ext",
                "san=ip:127.0.0.1,dns:localhost",
                "-validity",
                "2",
                "-storetype",
                "PKCS12",
                "-keystore",
                store.toString(),
                "-storepass",
                PASSWORD);
        assertThat(new ProcessBuilder(argv).inheritIO().start().waitFor()).isZero();
        KeyStore loaded = KeyStore.getInstance(store.toFile(), PASSWORD.toCharArray());
        PrivateKey key = (PrivateKey) loaded.getKey("own", PASSWORD.toCharArray());
        pem("own.key", "PRIVATE KEY", key.getEncoded());
        pem("own.crt", "CERTIFICATE", loaded.getCertificate("own").getEncoded());
    }

    private void pem(String file, String type, byte[] der) throws Exception {
        String body = Base64.getMimeEncoder(64, "\n".getBytes(StandardCharsets.US_ASCII))
                .encodeToString(der);
        Files.writeString(
                dir.resolve(file), "-----BEGIN " + type + "-----\n" + body + "\n-----END " + type + "-----\n");
    }

    private SSLContext tls() {
        return TlsFiles.clientContext(
                Optional.of(dir.resolve("own.crt")),
                Optional.of(new TlsFiles(dir.resolve("own.key"), dir.resolve("own.crt"), Optional.empty())));
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
