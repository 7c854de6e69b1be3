package io.paddock.executor.checks;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import io.paddock.executor.core.CheckKind;
import io.paddock.executor.core.CheckOutcome;
import io.paddock.executor.core.ExecutorEffect.RunCheck;
import io.paddock.executor.core.Probe;
import io.paddock.proto.v1.CommandInfo;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.security.KeyStore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Real servers on the loopback. */
class CheckRunnerTest {
    private static final Duration TIMEOUT = Duration.ofSeconds(5);
    private static ActorTestKit kit;
    private static final ExecutorService handlers = Executors.newFixedThreadPool(4);
    private static HttpServer server;

    @BeforeAll
    static void start() throws IOException {
        kit = ActorTestKit.create();
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/ok", exchange -> answer(exchange, 200));
        server.createContext("/broken", exchange -> answer(exchange, 503));
        server.createContext("/moved", exchange -> {
            exchange.getResponseHeaders().add("Location", "ok?from=moved");
            answer(exchange, 302);
        });
        server.createContext("/round", exchange -> {
            exchange.getResponseHeaders().add("Location", "/round");
            answer(exchange, 301);
        });
        server.createContext("/silent", exchange -> {});
        server.setExecutor(handlers);
        server.start();
    }

    @AfterAll
    static void stop() {
        server.stop(0);
        handlers.shutdownNow();
        kit.shutdownTestKit();
    }

    @Test
    void answersTheStatusOfAPage() {
        assertThat(get("/ok")).isEqualTo(new CheckOutcome.HttpAnswered(200));
        assertThat(get("/broken")).isEqualTo(new CheckOutcome.HttpAnswered(503));
        assertThat(get("/missing?a=b")).isEqualTo(new CheckOutcome.HttpAnswered(404));
    }

    @Test
    void followsRedirectsButNotForEver() {
        assertThat(get("/moved")).isEqualTo(new CheckOutcome.HttpAnswered(200));
        assertThat(get("/round")).isEqualTo(new CheckOutcome.Unanswered("more than 20 redirects"));
    }

    @Test
    void aServerThatDoesNotAnswerInTimeIsUnanswered() {
        Probe.Http probe = new Probe.Http("http", server.getAddress().getPort(), "/silent", false);
        assertThat(run(probe, Duration.ofMillis(300))).isEqualTo(new CheckOutcome.Unanswered("no answer within 0.3 s"));
    }

    @Test
    void aBadPathOrAClosedPortIsUnanswered() throws IOException {
        assertThat(get("/a b")).isInstanceOf(CheckOutcome.Unanswered.class);
        int closed = closedPort();
        assertThat(run(new Probe.Http("http", closed, "/", false), TIMEOUT))
                .isEqualTo(new CheckOutcome.Unanswered("cannot connect to port " + closed));
        assertThat(run(new Probe.Http("https", server.getAddress().getPort(), "/", false), Duration.ofMillis(300)))
                .as("no TLS there")
                .isInstanceOf(CheckOutcome.Unanswered.class);
    }

    /** A certificate signed by nobody, for another name. */
    @Test
    void httpsAcceptsAnyCertificate(@TempDir Path directory) throws Exception {
        HttpsServer secure = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        secure.setHttpsConfigurator(new HttpsConfigurator(selfSigned(directory.resolve("keys"))));
        secure.setExecutor(handlers);
        secure.createContext("/", exchange -> answer(exchange, 201));
        secure.start();
        try {
            assertThat(run(new Probe.Http("https", secure.getAddress().getPort(), "/", false), TIMEOUT))
                    .isEqualTo(new CheckOutcome.HttpAnswered(201));
        } finally {
            secure.stop(0);
        }
    }

    private static SSLContext selfSigned(Path file) throws Exception {
        String keytool =
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString();
        String arguments = "-genkeypair -alias k -keyalg EC -dname CN=elsewhere.example -storepass changeit -keystore";
        List<String> command = new ArrayList<>(List.of(keytool));
        command.addAll(List.of(arguments.split(" ")));
        command.add(file.toString());
        assertThat(new ProcessBuilder(command).inheritIO().start().waitFor()).isZero();
        KeyStore keys = KeyStore.getInstance(file.toFile(), "changeit".toCharArray());
        KeyManagerFactory factory = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        factory.init(keys, "changeit".toCharArray());
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(factory.getKeyManagers(), null, null);
        return context;
    }

    @Test
    void tcpSaysWhetherItCouldConnect() throws IOException {
        assertThat(run(new Probe.Tcp(server.getAddress().getPort(), false), TIMEOUT))
                .isEqualTo(new CheckOutcome.TcpTried(true));
        assertThat(run(new Probe.Tcp(closedPort(), false), TIMEOUT)).isEqualTo(new CheckOutcome.TcpTried(false));
    }

    @Test
    void commandsGoToTheAgent() {
        List<String> asked = new ArrayList<>();
        CommandCheck agent = (task, command, timeout) -> {
            asked.add(task + ": " + command.getValue() + " within " + timeout);
            return CompletableFuture.completedFuture(7);
        };
        Probe probe = new Probe.Command(
                CommandInfo.newBuilder().setValue("test -f up").build());
        assertThat(join(new CheckRunner(kit.system(), agent)
                        .run(new RunCheck("t", CheckKind.HEALTH, probe, null, TIMEOUT))))
                .isEqualTo(new CheckOutcome.CommandExited(7));
        assertThat(asked).containsExactly("t: test -f up within PT5S");
    }

    @Test
    void aCommandThatCannotBeRunIsUnanswered() {
        assertThat(run(new Probe.Command(CommandInfo.getDefaultInstance()), TIMEOUT))
                .isEqualTo(new CheckOutcome.Unanswered("no commands in this test"));
    }

    /** Five hundred tasks checked at once need no thread each. */
    @Test
    void manyChecksShareTheThreadsOfTheSystem() {
        CheckRunner runner = runner();
        int before = Thread.activeCount();
        List<CompletionStage<CheckOutcome>> outcomes = new ArrayList<>();
        for (int task = 0; task < 500; task++) {
            Probe.Http probe = new Probe.Http("http", server.getAddress().getPort(), "/ok", false);
            outcomes.add(runner.run(new RunCheck("t" + task, CheckKind.HEALTH, probe, null, Duration.ofSeconds(30))));
        }
        assertThat(Thread.activeCount() - before).isLessThan(50);
        for (CompletionStage<CheckOutcome> outcome : outcomes) {
            assertThat(join(outcome)).isEqualTo(new CheckOutcome.HttpAnswered(200));
        }
    }

    private static CheckOutcome get(String path) {
        return run(new Probe.Http("http", server.getAddress().getPort(), path, false), TIMEOUT);
    }

    private static CheckOutcome run(Probe probe, Duration timeout) {
        return join(runner().run(new RunCheck("t", CheckKind.HEALTH, probe, "127.0.0.1", timeout)));
    }

    private static CheckRunner runner() {
        return new CheckRunner(kit.system(), (task, command, timeout) -> {
            throw new IllegalStateException("no commands in this test");
        });
    }

    private static CheckOutcome join(CompletionStage<CheckOutcome> outcome) {
        return outcome.toCompletableFuture().orTimeout(60, TimeUnit.SECONDS).join();
    }

    private static int closedPort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }

    private static void answer(HttpExchange exchange, int status) throws IOException {
        exchange.sendResponseHeaders(status, -1);
        exchange.close();
    }
}
